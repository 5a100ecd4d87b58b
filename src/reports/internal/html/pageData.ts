/** The data in a report's page: written when the report is made, read by the program in the page. Types alone. */

/** What the page holds besides the rows. */
export interface PageData {
  readonly experiments: ReadonlyArray<ExperimentData>
  /** The first experiment against each of the others. */
  readonly comparisons: ReadonlyArray<ComparisonData>
  /** Where feedback on rows goes; absent in a report that is a file. */
  readonly feedback?: { readonly url: string; readonly token: string } | undefined
}

/** An experiment, column by column: each list has an entry for each row. */
export interface ExperimentData {
  readonly id: string
  readonly name: string
  readonly repetitions: number
  /** How many rows a block of details has. */
  readonly blockSize: number
  readonly keys: ReadonlyArray<KeyData>
  /** The place in input order. */
  readonly index: ReadonlyArray<number>
  readonly exampleId: ReadonlyArray<string>
  readonly repetition: ReadonlyArray<number>
  readonly inputs: ReadonlyArray<string>
  /** The outputs or, where there are none, why. */
  readonly outputs: ReadonlyArray<string>
  readonly outcome: ReadonlyArray<RunOutcome>
  /** 1 where the target or an evaluator failed or timed out. */
  readonly failed: ReadonlyArray<0 | 1>
  /** Milliseconds; `null` where nothing was run. */
  readonly latency: ReadonlyArray<number | null>
  readonly tokens: ReadonlyArray<number | null>
}

export type RunOutcome = "Succeeded" | "Failed" | "TimedOut" | "Cancelled"

export type CellOutcome = "Scored" | "Skipped" | "Failed" | "TimedOut" | "Cancelled"

export interface KeyData {
  readonly name: string
  readonly evaluator: string
  readonly lowerIsBetter: boolean
  readonly type: "boolean" | "number" | "label"
  readonly score: ReadonlyArray<number | null>
  readonly label: ReadonlyArray<string | null>
  readonly outcome: ReadonlyArray<CellOutcome>
}

export interface ComparisonData {
  /** The index of the candidate among the experiments. */
  readonly candidate: number
  /** What a failure counts as; `null` where it does not count. */
  readonly countAs: number | null
  readonly keys: ReadonlyArray<string>
  readonly lowerIsBetter: ReadonlyArray<string>
  /** The rows of an example in the baseline and in the candidate, by their places in the lists. */
  readonly pairs: ReadonlyArray<readonly [ReadonlyArray<number>, ReadonlyArray<number>]>
}

/** Everything of a row. */
export interface RowData {
  readonly runId: string
  readonly inputs: unknown
  readonly outputs?: unknown
  readonly reference?: unknown
  readonly metadata?: unknown
  readonly splits: ReadonlyArray<string>
  readonly attachments: ReadonlyArray<{ readonly name: string; readonly mimeType: string; readonly source: string }>
  /** Data that was too long to be kept whole, with the number of its characters; it is there as the beginning of its JSON. */
  readonly cut: { readonly [part: string]: number }
  readonly error?: string | undefined
  readonly cause?: string | undefined
  readonly trace: TraceData
  readonly evaluations: ReadonlyArray<EvaluationData>
}

export interface EvaluationData {
  readonly evaluator: string
  readonly outcome: CellOutcome
  /** Why there is no result. */
  readonly reason?: string | undefined
  readonly cause?: string | undefined
  readonly results: ReadonlyArray<ResultData>
  readonly trace: TraceData
}

export interface ResultData {
  readonly key: string
  readonly score?: number | boolean | undefined
  readonly value?: unknown
  readonly comment?: string | undefined
  /** Whatever else the result has. */
  readonly more?: unknown
}

/** Times are milliseconds since the start of the run. */
export interface TraceData {
  readonly start: number
  readonly end: number
  readonly attempts: ReadonlyArray<
    { readonly start: number; readonly end: number; readonly error?: string | undefined }
  >
  readonly spans: ReadonlyArray<SpanData>
  readonly usage?: UsageData | undefined
}

export interface UsageData {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cost?: number | undefined
}

export interface SpanData {
  readonly name: string
  readonly type: string
  readonly depth: number
  readonly start: number
  /** `null` if the span was still open when the run ended. */
  readonly end: number | null
  readonly error?: string | undefined
  readonly usage?: UsageData | undefined
  readonly attributes?: { readonly [key: string]: unknown } | undefined
  readonly events?:
    | ReadonlyArray<{ readonly name: string; readonly at: number; readonly attributes?: unknown }>
    | undefined
}
