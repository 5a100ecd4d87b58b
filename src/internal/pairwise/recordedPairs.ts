/** A pairwise experiment as the engine has recorded it, read back as what it was: who was judged, how, and who won. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import type * as Experiment from "../../Experiment.ts"
import type { Judged, Judgement, PairwiseRow } from "../../PairwiseEvaluation.ts"
import type * as PairwiseEvaluator from "../../PairwiseEvaluator.ts"
import type * as Row from "../../Row.ts"
import * as Run from "../../Run.ts"
import * as Summary from "../../Summary.ts"
import { rowsNotKept } from "../summary/keptRows.ts"
import { distinctNames } from "./names.ts"
import { PairwiseError } from "./pairwiseError.ts"
import { presentedOrder } from "./presentationOrder.ts"

/** What the metadata of the experiment says about those that were judged. */
const Recorded = Schema.Struct({
  experiments: Schema.Array(Schema.Struct({
    id: Schema.String,
    name: Schema.String,
    unmatched: Schema.optional(Schema.Int)
  })),
  presentation: Schema.Struct({
    order: Schema.Literals(["random", "both", "given"]),
    seed: Schema.Union([Schema.Finite, Schema.String]),
    failedRuns: Schema.Literals(["skip", "lose"])
  })
})

/** The outputs of the target, which gives the runs of an example. */
const Contestants = Schema.Array(Schema.Struct({
  runId: Schema.String,
  outputs: Schema.optional(Schema.Unknown),
  error: Schema.optional(Schema.String)
}))

const Extra = Schema.Struct({
  scores: Schema.Record(Schema.String, Schema.Union([Schema.Finite, Schema.Boolean])),
  comments: Schema.optional(Schema.Record(Schema.String, Schema.String))
})

const recordedOf = Schema.decodeUnknownOption(Recorded)
const contestantsOf = Schema.decodeUnknownOption(Contestants)
const extraOf = Schema.decodeUnknownOption(Extra)
const summaryOptionsOf = Schema.decodeUnknownOption(Summary.Options)

/** Whether an experiment is that of a pairwise evaluation. */
export const isPairwise = ({ metadata }: Pick<Experiment.Header, "metadata">): boolean =>
  Option.isSome(recordedOf(metadata))

export const reversedSuffix = " (reversed)"

/** The experiment as what it was, from what was recorded alone. */
export const judgedFromRecord = Effect.fnUntraced(function*(
  experiment: Experiment.Experiment
): Effect.fn.Return<Judged, PairwiseError> {
  const recorded = Option.getOrUndefined(recordedOf(experiment.metadata))
  if (recorded === undefined) {
    return yield* new PairwiseError({
      message: `${experiment.name} is no pairwise experiment: nothing in it says which experiments were judged. ` +
        "Give the one that PairwiseEvaluation.run has recorded."
    })
  }
  const notKept = rowsNotKept(experiment, "read")
  if (notKept !== undefined) return yield* new PairwiseError({ message: notKept })
  const names = distinctNames(recorded.experiments)
  const rows = experiment.rows.map((row) => pairwiseRow(row, recorded.presentation))
  const level = Option.getOrUndefined(summaryOptionsOf(experiment.options["summaries"]))?.level ?? 0.95
  // Distribution functions take a while to load.
  const { summarizePairs } = yield* Effect.promise(() => import("./pairwiseSummary.ts"))
  return {
    ...Struct.omit(experiment, ["rows"]),
    recorded: experiment,
    experiments: recorded.experiments.map(({ id }, i) => ({ id, name: names[i] ?? "" })),
    presentation: recorded.presentation,
    rows,
    matched: experiment.dataset.size ?? new Set(rows.map(({ example }) => example.id)).size,
    unmatched: recorded.experiments.map(({ unmatched }) => unmatched ?? 0),
    keys: summarizePairs(names, rows, recorded.presentation, level)
  }
})

const pairwiseRow = (row: Row.Row, presentation: typeof Recorded.Type["presentation"]): PairwiseRow => {
  const contestants = Option.getOrElse(contestantsOf(row.run.outputs), () => [])
  const runs = contestants.map((contestant) => runOf(contestant, row))
  return {
    index: row.index,
    example: row.example,
    repetition: row.run.repetition,
    runs,
    ...(row.run.error === undefined ? {} : { error: row.run.error }),
    judgements: row.evaluations.map(({ evaluator: named, outcome }): Judgement => {
      const reversed = presentation.order === "both" && named.endsWith(reversedSuffix)
      const evaluator = reversed ? named.slice(0, -reversedSuffix.length) : named
      const results = outcome._tag === "Scored" ? outcome.results.flatMap(comparisonResult) : []
      const order = presentedOrder(presentation, evaluator, row.example.contentHash, row.run.repetition, runs.length)
      if (reversed) order.reverse()
      return {
        evaluator,
        reversed,
        outcome,
        // Nobody was shown anything where nothing was said.
        order: results.length === 0
          ? []
          : order.filter((place) => runs[place] !== undefined && Run.isSucceeded(runs[place])),
        results
      }
    })
  }
}

/** A run as far as it was recorded: what it gave, not how. */
const runOf = (
  { error, outputs, runId }: (typeof Contestants.Type)[number],
  { run }: Row.Row
): Run.Run => ({
  ...run,
  id: runId,
  outputs,
  error,
  outcome: error === undefined
    ? { _tag: "Succeeded", outputs }
    : { _tag: "Failed", cause: Cause.fail(error), message: error },
  attempts: [],
  childRuns: [],
  usage: undefined
})

/** A result as the pairwise evaluator gave it, from what the engine made of it. */
const comparisonResult = (
  { comment, extra, key, metadata, sourceRunId }: EvaluationResult.EvaluationResult
): ReadonlyArray<PairwiseEvaluator.ComparisonEvaluationResult> => {
  const said = Option.getOrUndefined(extraOf(extra))
  const why = comment ?? said?.comments
  return said === undefined ? [] : [{
    key,
    scores: said.scores,
    ...(why === undefined || why === null ? {} : { comment: why }),
    ...(sourceRunId === undefined ? {} : { sourceRunId }),
    ...(metadata === undefined ? {} : { metadata })
  }]
}
