/**
 * What a run of an evaluation leaves: its rows, what they add up to, how it ended, and all one needs to know to repeat it.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { EvaluationResult } from "./EvaluationResult.ts"
import type * as Example from "./Example.ts"
import { experimentCodec } from "./internal/journal/experimentCodec.ts"
import { rowsNotKept } from "./internal/summary/keptRows.ts"
import { summarizeRows } from "./internal/summary/summarize.ts"
import type * as Row from "./Row.ts"
import * as Summary from "./Summary.ts"

/**
 * What identifies a target or an evaluator.
 *
 * @category models
 * @since 0.1.0
 */
export const Component = Schema.Struct({
  name: Schema.String,
  version: Schema.optional(Schema.String),
  /** What it depends on, as JSON. */
  config: Schema.optional(Schema.Unknown),
  fingerprint: Schema.String
})

/**
 * What is known when an experiment begins.
 *
 * @category models
 * @since 0.1.0
 */
export const Header = Schema.Struct({
  /** A UUID version 7. */
  id: Schema.String,
  name: Schema.String,
  /** The name of the evaluation. */
  evaluation: Schema.String,
  description: Schema.optional(Schema.String),
  tags: Schema.Array(Schema.String),
  metadata: Schema.Record(Schema.String, Schema.Unknown),
  dataset: Schema.Struct({
    name: Schema.String,
    version: Schema.optional(Schema.String),
    /** What was done to the data, seeds included. */
    steps: Schema.Array(Schema.String),
    /** The number of examples, where it is known beforehand. */
    size: Schema.optional(Schema.Int)
  }),
  target: Component,
  evaluators: Schema.Array(Schema.Struct({
    ...Component.fields,
    /** The keys that it is known to give, whatever comes. */
    feedbackKeys: Schema.Array(Schema.String)
  })),
  /** Absent if there are none. */
  summaryEvaluators: Schema.optional(Schema.Array(Component)),
  repetitions: Schema.Int,
  /** The ids of the experiments that this one resumes. */
  resumes: Schema.optional(Schema.Array(Schema.String)),
  /** The options of the run, durations in milliseconds. */
  options: Schema.Record(Schema.String, Schema.Unknown),
  /** The versions of what ran, and whatever the `provenance` option added. */
  provenance: Schema.Record(Schema.String, Schema.Unknown),
  /** Milliseconds since 1970, with fractions. */
  startTime: Schema.Finite
})

/**
 * What is known when an experiment begins.
 *
 * @category models
 * @since 0.1.0
 */
export interface Header extends Schema.Schema.Type<typeof Header> {}

/**
 * How an experiment ended. An experiment that did not complete has the rows that were done.
 *
 * @category models
 * @since 0.1.0
 */
export const Status = Schema.Literals(["completed", "interrupted", "failed"])

/**
 * How an experiment ended.
 *
 * @category models
 * @since 0.1.0
 */
export type Status = typeof Status.Type

/**
 * A summary evaluator's results, or why there are none.
 *
 * @category models
 * @since 0.1.0
 */
export const SummaryOutcome = Schema.Struct({
  evaluator: Schema.String,
  results: Schema.Array(EvaluationResult),
  /** Why it failed, in a line. */
  error: Schema.optional(Schema.String),
  /** Why there was nothing to score. */
  skipped: Schema.optional(Schema.String)
})

/**
 * A summary evaluator's results, or why there are none.
 *
 * @category models
 * @since 0.1.0
 */
export interface SummaryOutcome extends Schema.Schema.Type<typeof SummaryOutcome> {}

/**
 * What is known when an experiment has ended.
 *
 * @category models
 * @since 0.1.0
 */
export const Footer = Schema.Struct({
  status: Status,
  /** Why it failed, in a line. */
  error: Schema.optional(Schema.String),
  /** Milliseconds since 1970, with fractions. */
  endTime: Schema.Finite,
  /** How many rows there are: examples times repetitions, less what an early end left out. */
  rowCount: Schema.Int,
  /** How the runs of the target came out; they add up to `rowCount`. */
  runs: Schema.Struct({
    succeeded: Schema.Int,
    failed: Schema.Int,
    timedOut: Schema.Int,
    cancelled: Schema.Int
  }),
  /** Rows in which the target or an evaluator failed or timed out. */
  failedRows: Schema.Int,
  /** How many runs, and outcomes of evaluators, were taken over from experiments that this one resumes. */
  reused: Schema.optional(Schema.Struct({ runs: Schema.Int, evaluations: Schema.Int })),
  /** Rows of the source that were left out because they are no examples, and what was wrong with the first of them. */
  leftOut: Schema.Struct({ count: Schema.Int, messages: Schema.Array(Schema.String) }),
  /** The summaries by key. */
  summaries: Schema.Record(Schema.String, Summary.Summary),
  /** The summaries of groups, where the options ask for some. */
  groups: Schema.Array(Summary.Group),
  /**
   * How long runs took, failed ones included. Recorded runs count with the time they took when they were run; recorded
   * outputs were not run, and are not among them.
   */
  latencies: Schema.Struct({
    target: Schema.optional(Summary.Latency),
    evaluators: Schema.Record(Schema.String, Summary.Latency)
  }),
  /** What runs used, where their spans say so. */
  usage: Schema.Struct({
    target: Schema.optional(Summary.UsageTotal),
    evaluators: Schema.Record(Schema.String, Summary.UsageTotal)
  }),
  /** What the summary evaluators said. */
  summaryResults: Schema.Array(SummaryOutcome),
  /** What the tracing clients failed to write; empty when all went well. */
  tracingFailures: Schema.Array(Schema.Struct({
    client: Schema.String,
    /** Rows that the client did not take. */
    rows: Schema.Int,
    message: Schema.String
  })),
  /** How adaptive concurrency moved, per target and evaluator that used it. */
  concurrencyChanges: Schema.Array(Schema.Struct({
    of: Schema.String,
    time: Schema.Finite,
    limit: Schema.Int,
    why: Schema.Literals(["clean round", "rate limited"])
  }))
})

/**
 * What is known when an experiment has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Footer extends Schema.Schema.Type<typeof Footer> {}

/**
 * An experiment without its rows, which is what large experiments keep in memory.
 *
 * @category models
 * @since 0.1.0
 */
export interface Overview extends Header, Footer {}

/**
 * An experiment: what began, what ended, and the rows in input order.
 *
 * @category models
 * @since 0.1.0
 */
export interface Experiment<
  out Inputs = unknown,
  out Outputs = unknown,
  out ReferenceOutputs = unknown,
  out Metadata = unknown,
  out E = unknown
> extends Overview {
  /** In input order. Empty if the rows were not kept (`keepRows: false`). */
  readonly rows: ReadonlyArray<Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata, E>>
}

/**
 * The rows of one example: one for each repetition.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExampleRows<out Inputs, out Outputs, out ReferenceOutputs, out Metadata, out E> {
  readonly example: Example.Example<Inputs, ReferenceOutputs, Metadata>
  readonly rows: ReadonlyArray<Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata, E>>
}

/**
 * The rows by example, in input order.
 *
 * @category getters
 * @since 0.1.0
 */
export const byExample = <I, O, Ref, M, E>(
  self: Pick<Experiment<I, O, Ref, M, E>, "rows">
): ReadonlyArray<ExampleRows<I, O, Ref, M, E>> =>
  Array.from(Map.groupBy(self.rows, (row) => row.example.id).values()).flatMap((rows) =>
    rows[0] === undefined ? [] : [{ example: rows[0].example, rows }]
  )

/**
 * The rows of an experiment are needed, but were not kept.
 *
 * @category errors
 * @since 0.1.0
 */
export class RowsNotKept extends Schema.TaggedError<RowsNotKept>()("RowsNotKept", {
  /** The name of the experiment. */
  experiment: Schema.String,
  message: Schema.String
}) {}

/**
 * The experiment with its rows summed up anew: by other groups, with failures counted another way. Options that are not
 * given have their defaults, whatever the run had; `options.summaries` of the result says what they were. It needs the
 * rows, and fails with `RowsNotKept` if they were not kept.
 *
 * **Example** (What if failures count as wrong?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Experiment, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [1, 2, 3, 4].map((inputs) => ({ inputs })))
 *   const target = (n: number) => n === 4 ? Effect.fail("too large") : Effect.succeed(n)
 *   const experiment = yield* Evaluation.run(Evaluation.make("small", { data, target }), {
 *     evaluators: [function correct() {
 *       return true
 *     }]
 *   })
 *   const counted = yield* Experiment.summarize(experiment, { failures: { countAs: 0 } })
 *   return [experiment.summaries["correct"]?.score?.mean, counted.summaries["correct"]?.score?.mean]
 * })
 * console.log(await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerNone)))) // => [ 1, 0.75 ]
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const summarize = <I, O, Ref, M, E>(
  self: Experiment<I, O, Ref, M, E>,
  options: Summary.Options
): Effect.Effect<Experiment<I, O, Ref, M, E>, RowsNotKept> => {
  const message = rowsNotKept(self, "sum up")
  return message !== undefined
    ? Effect.fail(new RowsNotKept({ experiment: self.name, message }))
    : Effect.map(summarizeRows(self, self.rows, options), (summed) => ({
      ...self,
      options: { ...self.options, summaries: options },
      ...summed
    }))
}

/**
 * How the data of an experiment is written, where JSON alone would lose something (dates, say, or classes). What has no
 * schema is written as the JSON it comes closest to, and read as that JSON.
 *
 * @category options
 * @since 0.1.0
 */
export interface DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> {
  readonly inputs?: Schema.ConstraintCodec<Inputs, unknown> | undefined
  readonly outputs?: Schema.ConstraintCodec<Outputs, unknown> | undefined
  readonly referenceOutputs?: Schema.ConstraintCodec<ReferenceOutputs, unknown> | undefined
  readonly metadata?: Schema.ConstraintCodec<Metadata, unknown> | undefined
}

/**
 * The codec between an experiment and JSON.
 *
 * **Example** (Writing an experiment and reading it back)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Dataset, Evaluation, Experiment, TracingClient } from "effect-evals"
 *
 * const data = Dataset.fromIterable("days", [{ inputs: new Date(0) }])
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("year", { data, target: (day) => day.getUTCFullYear() })).pipe(
 *     Effect.provide(TracingClient.layerNone)
 *   )
 * )
 * const Days = Schema.fromJsonString(Experiment.schema({ inputs: Schema.Date, outputs: Schema.Number }))
 * const text = Schema.encodeSync(Days)(experiment)
 * const again = Schema.decodeSync(Days)(text)
 * console.log(again.rows[0]?.example.inputs.getTime(), again.rows[0]?.run.outputs) // => 0 1970
 * ```
 *
 * @category codecs
 * @since 0.1.0
 */
export const schema = <Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
  data: DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata> = {}
): Schema.Codec<Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>, unknown> =>
  // The schemas given for the data are what makes the types of the rows true.
  experimentCodec(data, { Header, Footer }) as Schema.Codec<
    Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
    unknown
  >
