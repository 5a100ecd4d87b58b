/**
 * Pairwise evaluation on the engine: the dataset is the examples that all experiments have, the target gives their runs,
 * and the evaluators are the pairwise ones. So they have the engine's pool, retries, timeouts, recording and progress.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Dataset from "../../Dataset.ts"
import * as Evaluation from "../../Evaluation.ts"
import type * as Example from "../../Example.ts"
import type * as Experiment from "../../Experiment.ts"
import type { Judgement, Options, PairwiseExperiment, PairwiseRow } from "../../PairwiseEvaluation.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import * as Target from "../../Target.ts"
import type { TracingClient } from "../../TracingClient.ts"
import { type ExampleRows, rowsByExample, sharedExamples } from "../comparison/matching.ts"
import { InvalidOptions } from "../engine/evaluationErrors.ts"
import { rowsNotKept } from "../summary/keptRows.ts"
import { formatProblems, problemsOf } from "../values/schemaMessage.ts"
import { distinctNames } from "./names.ts"
import { PairwiseError } from "./pairwiseError.ts"
import { type Contest, type Said, toEvaluator, toMembers } from "./pairwiseEvaluators.ts"
import { reversedSuffix } from "./recordedPairs.ts"

/** How runs are presented, and what becomes of those that failed. */
export const Presentation = Schema.Struct({
  /**
   * In which order an evaluator sees the runs of a row: drawn anew for each row and evaluator (`"random"`, the default),
   * that of the experiments (`"given"`), or both an order that was drawn and its reverse (`"both"`), which takes twice as
   * many judgements and shows how much the place alone decides.
   */
  order: Schema.optional(Schema.Literals(["random", "both", "given"])),
  /** Of the orders that are drawn. Default 0. */
  seed: Schema.optional(Schema.Union([Schema.Finite, Schema.String])),
  /** Rows in which a run failed are not judged (`"skip"`, the default), or the failed run loses against the others. */
  failedRuns: Schema.optional(Schema.Literals(["skip", "lose"]))
})

const decodePresentation = Schema.decodeUnknownResult(Presentation, { errors: "all" })

type AnyExperiment = Experiment.Overview & { readonly rows: ReadonlyArray<Row.Row> }

/** Judges the runs of experiments against one another. */
export const runPairwise = Effect.fnUntraced(function*<R>(
  experiments: ReadonlyArray<AnyExperiment>,
  options: Options<ReadonlyArray<unknown>>
): Effect.fn.Return<
  PairwiseExperiment,
  PairwiseError | InvalidOptions | Evaluation.TooManyFailures,
  R | TracingClient
> {
  const names = distinctNames(experiments)
  const title = names.join(" vs. ")
  const presentation = yield* Effect.fromResult(resolvePresentation(title, options))
  const members = yield* Effect.fromResult(toMembers<R>(title, options.evaluators))
  yield* requireExperiments(experiments)
  const byExample = experiments.map(({ rows }) => rowsByExample(rows))
  const matched = sharedExamples(byExample)
  if (matched.length === 0) {
    return yield* new PairwiseError({
      message: `No example is in all of ${names.join(", ")}, so there is nothing to judge. ` +
        "Examples are matched by content: were these experiments run on the same dataset? (A generator object gives its " +
        "examples only once.)"
    })
  }

  const unmatched = byExample.map((examples) => examples.length - matched.length)
  const contests = new Map(matched.map((all) => [all[0].example.id, all]))
  const contestOf = (exampleId: string, repetition: number): Contest | undefined => {
    const all = contests.get(exampleId)
    const runs = all?.map(({ rows }) => rows.find(({ run }) => run.repetition === repetition)?.run)
    return all !== undefined && runs?.every((run) => run !== undefined) ? { example: all[0].example, runs } : undefined
  }
  const twice = sameRun(experiments)
  if (twice !== undefined) {
    return yield* new PairwiseError({
      message: `The run ${twice} is in more than one of ${names.join(", ")}, so there is nothing to judge. ` +
        "To see how a judge treats equals, run the target twice."
    })
  }
  const said = new Map<string, Said>()
  const showings = members.flatMap((member) =>
    (presentation.order === "both" ? [false, true] : [false]).map((reversed) => ({
      member,
      reversed,
      name: reversed ? `${member.name}${reversedSuffix}` : member.name
    }))
  )
  const evaluators = showings.map(({ member, name, reversed }) =>
    toEvaluator(member, {
      name,
      names,
      reversed,
      presentation,
      contestOf,
      tell: (exampleId, repetition, judged) => said.set(sayingKey(exampleId, repetition, name), judged)
    })
  )

  const experiment = yield* Evaluation.run(
    Evaluation.make(title, {
      data: examplesOf(title, experiments, matched),
      target: contestants(title, names, experiments, contestOf)
    }),
    {
      ...Struct.omit(options, [
        "evaluators",
        "concurrency",
        "order",
        "seed",
        "failedRuns",
        "timeout",
        "rowTimeout",
        "retry"
      ]),
      name: options.name ?? title,
      metadata: {
        ...options.metadata,
        experiments: experiments.map(({ id, name }, i) => ({ id, name, unmatched: unmatched[i] ?? 0 })),
        presentation
      },
      repetitions: Math.min(...experiments.map(({ repetitions }) => repetitions)),
      ...(options.concurrency === undefined ? {} : { evaluatorConcurrency: options.concurrency }),
      evaluatorLimits: { timeout: options.timeout, rowTimeout: options.rowTimeout, retry: options.retry },
      evaluators,
      keepRows: true
    }
    // All examples are there already, and have been read.
  ).pipe(Effect.catchTag("DatasetError", Effect.die))

  const rows = experiment.rows.map((row): PairwiseRow => ({
    index: row.index,
    example: row.example,
    repetition: row.run.repetition,
    runs: contestOf(row.example.id, row.run.repetition)?.runs ?? [],
    ...(row.run.error === undefined ? {} : { error: row.run.error }),
    judgements: showings.map(({ member, name, reversed }, i): Judgement => {
      const outcome = row.evaluations[i]?.outcome ?? { _tag: "Skipped", reason: "not judged" }
      const judged = said.get(sayingKey(row.example.id, row.run.repetition, name))
      return {
        evaluator: member.name,
        reversed,
        outcome,
        order: judged?.order ?? [],
        // What was said by an evaluator that was stopped thereafter does not count.
        results: outcome._tag === "Scored" ? judged?.results ?? [] : []
      }
    })
  }))
  // Distribution functions take a while to load.
  const { summarizePairs } = yield* Effect.promise(() => import("./pairwiseSummary.ts"))
  return {
    ...Struct.omit(experiment, ["rows"]),
    recorded: experiment,
    experiments: experiments.map((experiment, i) => ({ ...Struct.omit(experiment, ["rows"]), name: names[i] ?? "" })),
    presentation,
    rows,
    matched: matched.length,
    unmatched,
    keys: summarizePairs(names, rows, presentation, options.summaries?.level ?? 0.95)
  }
})

/** A run that stands in several experiments: scores go by run, so it could not be told from itself. */
const sameRun = (experiments: ReadonlyArray<AnyExperiment>): string | undefined => {
  const seen = new Set<string>()
  for (const { rows } of experiments) {
    for (const { run } of rows) {
      if (seen.has(run.id)) return run.id
    }
    for (const { run } of rows) seen.add(run.id)
  }
  return undefined
}

const sayingKey = (exampleId: string, repetition: number, evaluator: string): string =>
  JSON.stringify([exampleId, repetition, evaluator])

const resolvePresentation = (
  evaluation: string,
  { failedRuns, order, seed }: typeof Presentation.Type
): Result.Result<PairwiseExperiment["presentation"], InvalidOptions> => {
  const decoded = decodePresentation({ failedRuns, order, seed })
  return Result.isFailure(decoded)
    ? Result.fail(
      new InvalidOptions({
        evaluation,
        message: `The evaluation ${evaluation} cannot run with these options: ${
          formatProblems(problemsOf(decoded.failure, { failedRuns, order, seed }))
        }.`
      })
    )
    : Result.succeed({ order: order ?? "random", seed: seed ?? 0, failedRuns: failedRuns ?? "skip" })
}

const requireExperiments = (experiments: ReadonlyArray<AnyExperiment>): Effect.Effect<void, PairwiseError> => {
  if (experiments.length < 2) {
    return Effect.fail(
      new PairwiseError({
        message: `A pairwise evaluation needs at least two experiments; there ${
          experiments.length === 1 ? "is one" : "are none"
        }.`
      })
    )
  }
  const message = experiments.map((experiment) => rowsNotKept(experiment, "judge")).find(Predicate.isNotUndefined)
  return message === undefined ? Effect.void : Effect.fail(new PairwiseError({ message }))
}

const examplesOf = (
  title: string,
  [first]: ReadonlyArray<AnyExperiment>,
  matched: ReadonlyArray<readonly [ExampleRows, ...Array<ExampleRows>]>
) =>
  Dataset.fromIterable(
    first?.dataset.name ?? title,
    matched.map(([{ example }]): Example.Input<unknown, unknown, unknown> => ({
      id: example.id,
      inputs: example.inputs,
      referenceOutputs: example.referenceOutputs,
      metadata: example.metadata,
      split: example.splits,
      attachments: example.attachments
    })),
    { version: first?.dataset.version }
  )

/** What the rows of the engine show of a run. */
interface Contestant {
  readonly experiment: string
  readonly runId: string
  readonly outputs?: unknown
  readonly error?: string
}

/** The runs of an example as a target. */
const contestants = (
  title: string,
  names: ReadonlyArray<string>,
  experiments: ReadonlyArray<AnyExperiment>,
  contestOf: (exampleId: string, repetition: number) => Contest | undefined
) =>
  Target.make(
    title,
    (_inputs: unknown, { example, repetition }) => {
      const contest = contestOf(example.id, repetition)
      return contest === undefined
        ? Effect.fail(
          new Target.RecordedOutputMissing({
            exampleId: example.id,
            message:
              `The example ${example.id} has no run for repetition ${repetition} in all of ${names.join(", ")}: ` +
              "one of them did not come to its end."
          })
        )
        : Effect.succeed(contest.runs.map(({ error, id, outputs }: Run.Run, i): Contestant => ({
          experiment: names[i] ?? "",
          runId: id,
          ...(error === undefined ? { outputs } : { error })
        })))
    },
    { version: "1", config: { experiments: experiments.map(({ id }) => id) } }
  )
