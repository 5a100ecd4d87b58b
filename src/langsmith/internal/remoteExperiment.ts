/** An experiment of LangSmith's as one of the core: its runs, its examples as they were, its feedback. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Example from "../../Example.ts"
import type * as Experiment from "../../Experiment.ts"
import { assemble } from "../../internal/journal/assemble.ts"
import { hashText } from "../../internal/values/identity.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import { LangSmithClient } from "../LangSmithClient.ts"
import { LangSmithError } from "../LangSmithError.ts"
import { makeDatasetStore } from "./datasetStore.ts"
import { decodeAnswer, type Project } from "./projects.ts"
import { readRuns, type RunAnswer } from "./runQueries.ts"
import { millisOf } from "./times.ts"

export interface ReadOptions {
  /** Whether the runs below the runs of the target are read as well. */
  readonly nested: boolean
  /** Whether feedback is read. */
  readonly feedback: boolean
  /** The version of the dataset that the examples are read at. Default: the one that the experiment was run on. */
  readonly asOf?: string | undefined
}

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

const FeedbackAnswer = Schema.Struct({
  id: Schema.String,
  run_id: nullish(Schema.String),
  key: Schema.String,
  score: Schema.optional(Schema.Unknown),
  value: Schema.optional(Schema.Unknown),
  comment: nullish(Schema.String),
  correction: Schema.optional(Schema.Unknown),
  feedback_source: nullish(Schema.Struct({ metadata: nullish(JsonObject) })),
  extra: nullish(JsonObject)
})

interface FeedbackAnswer extends Schema.Schema.Type<typeof FeedbackAnswer> {}

const decodeFeedback = decodeAnswer(Schema.Array(FeedbackAnswer), "GET /feedback")

/** Few enough for an address. */
const idsInAddress = 99

const readFeedback = Effect.fnUntraced(function*(client: LangSmithClient["Service"], runIds: ReadonlyArray<string>) {
  const all: Array<FeedbackAnswer> = []
  for (let from = 0; from < runIds.length; from += idsInAddress) {
    const runs = runIds.slice(from, from + idsInAddress).map((id) => ["run", id] as const)
    for (let offset = 0;; offset += 100) {
      const page = yield* client.request({
        method: "GET",
        path: "/feedback",
        query: [...runs, ["limit", "100"], ["offset", String(offset)]]
      }).pipe(Effect.flatMap(decodeFeedback))
      all.push(...page)
      if (page.length < 100) break
    }
  }
  return all
})

const recordOf = (value: unknown): { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    // It is an object, whatever its members.
    ? value as { readonly [key: string]: unknown }
    : {}

const metadataOf = ({ extra }: Pick<RunAnswer, "extra">) => recordOf(extra?.["metadata"])

/** Decodes the data of runs and examples; what does not fit is an error that names it. */
const decoderOf = (schema: Schema.ConstraintCodec<unknown, unknown> | undefined, of: string) => {
  if (schema === undefined) return (value: unknown) => Effect.succeed(value)
  const decode = Schema.decodeUnknownEffect(schema)
  return (value: unknown, id: string) =>
    Effect.mapError(decode(value), (error) =>
      new LangSmithError({
        reason: "Unreadable",
        message: `The ${of} of ${id} in LangSmith do not fit their schema: ${error.message}`,
        cause: error
      }))
}

/** Reads an experiment. */
export const readExperiment = Effect.fnUntraced(function*(
  client: LangSmithClient["Service"],
  project: Project,
  data: Experiment.DataSchemas<unknown, unknown, unknown, unknown>,
  { asOf, feedback: withFeedback, nested }: ReadOptions
) {
  const answers = yield* readRuns(client, project, nested)
  const isRoot = ({ parent_run_id: parent }: RunAnswer) => parent === undefined || parent === null
  const roots = answers.filter(isRoot).sort((a, b) => startOf(a) - startOf(b))
  const children = Map.groupBy(answers.filter((run) => !isRoot(run)), ({ parent_run_id }) => parent_run_id ?? "")

  const metadata = recordOf(project.extra?.["metadata"])
  const version = asOf ?? stringOf(metadata["dataset_version"])
  const examples = yield* readExamples(client, project, roots, version)
  const feedback = withFeedback ? yield* readFeedback(client, roots.map(({ id }) => id)) : []
  const said = Map.groupBy(feedback, ({ run_id }) => run_id ?? "")
  const keys = Array.from(new Set(feedback.map(({ key }) => key)))

  const decodeInputs = decoderOf(data.inputs, "inputs")
  const decodeOutputs = decoderOf(data.outputs, "outputs")
  const decodeReference = decoderOf(data.referenceOutputs, "reference outputs")
  const decodeMetadata = decoderOf(data.metadata, "metadata")
  const decoded = new Map<string, Example.Example>()
  const exampleOf = Effect.fnUntraced(function*(run: RunAnswer) {
    const id = run.reference_example_id ?? stringOf(metadataOf(run)["example_id"]) ?? run.id
    const known = decoded.get(id)
    if (known !== undefined) return known
    const stored = examples.get(id)
    const example: Example.Example = Example.make({
      id,
      inputs: yield* decodeInputs(stored?.inputs ?? run.inputs ?? {}, id),
      referenceOutputs: stored?.referenceOutputs === undefined
        ? undefined
        : yield* decodeReference(stored.referenceOutputs, id),
      metadata: yield* decodeMetadata(stored?.metadata ?? {}, id),
      split: stored?.splits,
      attachments: stored?.attachments
    })
    decoded.set(id, example)
    return example
  })

  const repetitions = new Map<string, number>()
  const rows: Array<Row.Row> = []
  for (const run of roots) {
    const example = yield* exampleOf(run)
    const counted = repetitions.get(example.id) ?? 0
    repetitions.set(example.id, counted + 1)
    const outputs = run.error === null || run.error === undefined
      ? yield* decodeOutputs(run.outputs ?? {}, run.id)
      : undefined
    rows.push({
      index: 0,
      example,
      run: toRun(run, example, counted, outputs, nested ? childrenOf(run.id, children) : []),
      evaluations: keys.map((key) => toEvaluation(key, said.get(run.id) ?? [], endOf(run)))
    })
  }
  const order = new Map(Array.from(decoded.keys(), (id, i) => [id, i]))
  const place = ({ example, run }: Row.Row) => (order.get(example.id) ?? 0) * 1e6 + run.repetition
  const sorted = rows.sort((a, b) => place(a) - place(b)).map((row, index) => ({ ...row, index }))

  const name = roots[0]?.name ?? project.name
  const header: Experiment.Header = {
    id: project.id,
    name: project.name,
    evaluation: project.name,
    ...(project.description === null || project.description === undefined ? {} : { description: project.description }),
    tags: [],
    metadata,
    dataset: {
      name: project.reference_dataset_id ?? project.name,
      ...(version === undefined ? {} : { version }),
      steps: [],
      size: decoded.size
    },
    target: { name, fingerprint: stringOf(metadata["target_fingerprint"]) ?? hashText(`langsmith/${project.id}`) },
    evaluators: keys.map((key) => ({ name: key, fingerprint: hashText(`langsmith/${key}`), feedbackKeys: [key] })),
    repetitions: Math.max(1, ...repetitions.values()),
    options: {},
    provenance: { langsmith: { apiUrl: client.apiUrl, sessionId: project.id } },
    startTime: millisOf(project.start_time) ?? startOf(roots[0])
  }
  const experiment = yield* assemble(header, sorted, undefined)
  return { ...experiment, status: "completed" as const, endTime: millisOf(project.end_time) ?? experiment.endTime }
})

const readExamples = Effect.fnUntraced(function*(
  client: LangSmithClient["Service"],
  project: Project,
  runs: ReadonlyArray<RunAnswer>,
  version: string | undefined
) {
  const dataset = project.reference_dataset_id
  const ids = new Set(runs.flatMap(({ reference_example_id: id }) => id === null || id === undefined ? [] : [id]))
  if (dataset === null || dataset === undefined || ids.size === 0) return new Map()
  const store = yield* Effect.provideService(makeDatasetStore, LangSmithClient, client)
  const found = yield* Stream.runCollect(store.examples(dataset, { ids: Array.from(ids), asOf: version }))
  return new Map(found.map((example) => [example.id, example]))
})

const stringOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

const startOf = (run: RunAnswer | undefined): number => millisOf(run?.start_time) ?? 0

const endOf = (run: RunAnswer): number => millisOf(run.end_time) ?? startOf(run)

const usageOf = ({ completion_tokens, outputs, prompt_tokens, total_cost }: RunAnswer): Run.Usage | undefined => {
  const said = recordOf(recordOf(outputs)["usage_metadata"])
  const number = (value: unknown): number | undefined => typeof value === "number" ? value : undefined
  const inputTokens = prompt_tokens ?? number(said["input_tokens"])
  const outputTokens = completion_tokens ?? number(said["output_tokens"])
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  const cost = total_cost === null || total_cost === undefined ? number(said["total_cost"]) : Number(total_cost)
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cost === undefined || !Number.isFinite(cost) ? {} : { cost })
  }
}

const toRun = (
  run: RunAnswer,
  example: Example.Example,
  repetition: number,
  outputs: unknown,
  childRuns: ReadonlyArray<Run.ChildRun>
): Run.Run => {
  const startTime = startOf(run)
  const endTime = endOf(run)
  const error = run.error ?? undefined
  return {
    id: run.id,
    name: run.name,
    runType: "chain",
    exampleId: example.id,
    repetition,
    inputs: example.inputs,
    outputs,
    outcome: error === undefined
      ? { _tag: "Succeeded", outputs }
      : { _tag: "Failed", cause: Cause.fail(error), message: error },
    error,
    startTime,
    endTime,
    tags: run.tags ?? [],
    metadata: metadataOf(run),
    attempts: [{ startTime, endTime, error }],
    childRuns,
    usage: usageOf(run)
  }
}

const runTypes = new Set<Run.ChildRun["runType"]>(["chain", "llm", "embedding", "tool", "retriever"])

const childrenOf = (
  id: string,
  children: ReadonlyMap<string, ReadonlyArray<RunAnswer>>
): ReadonlyArray<Run.ChildRun> =>
  (children.get(id) ?? []).toSorted((a, b) => startOf(a) - startOf(b)).map((run): Run.ChildRun => ({
    id: run.id,
    name: run.name,
    runType: Array.from(runTypes).find((type) => type === run.run_type) ?? "chain",
    startTime: startOf(run),
    endTime: millisOf(run.end_time),
    error: run.error ?? undefined,
    attributes: { ...metadataOf(run), inputs: run.inputs, outputs: run.outputs },
    events: [],
    childRuns: childrenOf(run.id, children),
    usage: usageOf(run)
  }))

/** What feedback under a key says about a run. */
const toEvaluation = (key: string, said: ReadonlyArray<FeedbackAnswer>, time: number): Run.EvaluatorRun => {
  const own = said.filter((feedback) => feedback.key === key)
  const results = own.flatMap(({ comment, correction, extra, feedback_source, score, value }) => {
    if (extra?.["error"] === true) return []
    const { __run, ...evaluatorInfo } = feedback_source?.metadata ?? {}
    const sourceRunId = stringOf(recordOf(__run)["run_id"])
    return [{
      key,
      ...(typeof score === "number" || typeof score === "boolean" ? { score } : {}),
      ...(value === null || value === undefined ? {} : { value }),
      ...(comment === null || comment === undefined ? {} : { comment }),
      ...(correction === null || correction === undefined ? {} : { correction: recordOf(correction) }),
      ...(Object.keys(evaluatorInfo).length === 0 ? {} : { evaluatorInfo }),
      ...(sourceRunId === undefined ? {} : { sourceRunId })
    }]
  })
  const [first, ...rest] = results
  const failed = own.find(({ extra }) => extra?.["error"] === true)
  const message = failed?.comment ?? "the evaluator failed"
  const outcome: Outcome.Outcome = first !== undefined
    ? { _tag: "Scored", results: [first, ...rest] }
    : failed !== undefined
    ? { _tag: "Failed", cause: Cause.fail(message), message }
    : { _tag: "Skipped", reason: "there is no feedback" }
  return { evaluator: key, outcome, startTime: time, endTime: time, attempts: [], childRuns: [], usage: undefined }
}
