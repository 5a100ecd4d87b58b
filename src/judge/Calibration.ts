/**
 * How far a judge agrees with people, before its numbers are trusted.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Experiment from "../Experiment.ts"
import { describe } from "../internal/values/describe.ts"
import { hashText } from "../internal/values/identity.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import * as Row from "../Row.ts"
import { cohenKappa } from "../statistics/CohenKappa.ts"
import { type ConfusionMatrix, confusionMatrix } from "../statistics/ConfusionMatrix.ts"
import type { Interval } from "../statistics/Interval.ts"
import { wilson } from "../statistics/Wilson.ts"

/**
 * What a person said of a row: as the judge says it (a boolean, or the name of a choice), or whether it is good where the
 * judge gives numbers. `undefined` if nobody said anything.
 *
 * @category models
 * @since 0.1.0
 */
export type HumanLabel = boolean | string | undefined

/**
 * How verdicts are held against labels.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<in R extends Row.Row = Row.Row> {
  /** The key of the judge's results. */
  readonly key: string
  /** What a person said of the row: from its metadata, say, or from a file of labels. */
  readonly label: (row: R) => HumanLabel
  /**
   * For judges that give numbers: which share of the labelled rows the threshold is chosen on; the others are what is
   * reported. Between 0 and 1. Default 0.5.
   */
  readonly choosingShare?: number | undefined
  /** Of the draw of these rows. Default 0. */
  readonly seed?: number | string | undefined
  /** Of the interval around the agreement. Default 0.95. */
  readonly level?: number | undefined
}

/**
 * How far a judge agrees with people.
 *
 * @category models
 * @since 0.1.0
 */
export interface Calibration<out R extends Row.Row = Row.Row> {
  readonly key: string
  /** Rows that have a label, by whether the judge has a verdict for them. */
  readonly labelled: { readonly judged: number; readonly notJudged: number }
  /** Rows that nobody has labelled. */
  readonly unlabelled: number
  /** The share of the rows on which both say the same, with Wilson's interval. */
  readonly agreement: Interval
  /** How many rows that is over: with a threshold, those that it was not chosen on. */
  readonly rows: number
  /** Cohen's kappa, the agreement beyond chance; `undefined` where chance leaves nothing to compare with. */
  readonly kappa: number | undefined
  /** Rows are what people said, columns what the judge said. */
  readonly confusion: ConfusionMatrix<boolean | string>
  /** For judges that give numbers: from which score on it is taken to say yes, and how that was chosen. */
  readonly threshold: {
    readonly score: number
    /** The mean of the share of the good that are found and of the bad that are, on the rows it was chosen on. */
    readonly balancedAccuracy: number
    readonly chosenOn: number
  } | undefined
  /** The rows on which the two differ, among those that are reported. */
  readonly disagreements: ReadonlyArray<R>
}

/**
 * A judge cannot be held against labels.
 *
 * @category errors
 * @since 0.1.0
 */
export class CalibrationError extends Schema.TaggedError<CalibrationError>()("CalibrationError", {
  key: Schema.String,
  message: Schema.String
}) {}

interface Labelled<R> {
  readonly row: R
  readonly label: boolean | string
  readonly verdict: boolean | number | string
}

/**
 * Holds the verdicts of a judge against the labels that people gave. Booleans and choices are compared as they are. Where
 * the judge gives numbers and people said good or bad, the score from which on the judge is taken to say yes is chosen on
 * one part of the rows (where it makes the balanced accuracy largest), and the agreement is that of the other part, which
 * had no say in it.
 *
 * **Example** (Can this judge be trusted?)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Evaluator, TracingClient } from "effect-evals"
 * import { Calibration } from "effect-evals/judge"
 *
 * const labelled = [["yes", true], ["yes!", true], ["no", false], ["perhaps", false], ["yes?", false]] as const
 * const program = Effect.gen(function*() {
 *   const experiment = yield* Evaluation.run(
 *     Evaluation.make("answers", {
 *       data: Dataset.fromIterable("answers", labelled.map(([inputs, good]) => ({ inputs, metadata: { good } }))),
 *       target: (text) => text
 *     }),
 *     // Stands for a model that judges.
 *     { evaluators: [Evaluator.make("good", ({ outputs }) => outputs.includes("yes"))] }
 *   )
 *   return yield* Calibration.make(experiment, { key: "good", label: (row) => row.example.metadata.good })
 * })
 * const { agreement, disagreements, kappa } = await Effect.runPromise(
 *   program.pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(agreement.estimate, kappa?.toFixed(2)) // => 0.8 0.62
 * console.log(disagreements.map(({ example }) => example.inputs)) // => [ 'yes?' ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<R extends Row.Row>(
  experiment: Pick<Experiment.Overview, "name"> & { readonly rows: ReadonlyArray<R> },
  options: Options<R>
): Effect.fn.Return<Calibration<R>, CalibrationError> {
  refuseUnknown("Calibration.make", options, ["key", "label", "choosingShare", "seed", "level"])
  const { choosingShare = 0.5, key, level = 0.95, seed = 0 } = options
  const refuse = (why: string) =>
    new CalibrationError({
      key,
      message: `The judge ${key} of ${experiment.name} cannot be held against labels: ${why}.`
    })
  const all = experiment.rows.map((row) => ({ row, label: options.label(row), verdict: verdictOf(row, key) }))
  const labelled = all.filter(({ label }) => label !== undefined)
  const judged = labelled.flatMap(({ label, row, verdict }): ReadonlyArray<Labelled<R>> =>
    label === undefined || verdict === undefined ? [] : [{ row, label, verdict }]
  )
  if (judged.length === 0) {
    return yield* refuse(
      labelled.length === 0
        ? "no row has a label"
        : `none of the ${labelled.length} rows with a label has a verdict; ${keysOf(labelled.map(({ row }) => row))}`
    )
  }
  const counts = {
    key,
    labelled: { judged: judged.length, notJudged: labelled.length - judged.length },
    unlabelled: all.length - labelled.length
  }
  if (!judged.every(({ verdict }) => typeof verdict === "number")) {
    const verdicts = new Set(judged.map(({ verdict }) => typeof sameKind(verdict)))
    if (!judged.some(({ label }) => verdicts.has(typeof label))) {
      const [{ label, verdict } = { label: undefined, verdict: undefined }] = judged
      return yield* refuse(`it gives verdicts such as ${describe(verdict)}, and labels are such as ${describe(label)}`)
    }
    return { ...counts, threshold: undefined, ...agreementOf(judged, ({ verdict }) => sameKind(verdict), level) }
  }
  if (!judged.every(({ label }) => typeof label === "boolean")) {
    return yield* refuse("it gives numbers, so labels must be true or false: whether the row is good")
  }
  const drawn = judged.toSorted((a, b) => drawOf(seed, a.row) < drawOf(seed, b.row) ? -1 : 1)
  const chosenOn = Math.round(drawn.length * choosingShare)
  const choosing = drawn.slice(0, chosenOn)
  const reported = drawn.slice(chosenOn)
  if (reported.length === 0 || new Set(choosing.map(({ label }) => label)).size < 2) {
    return yield* refuse(
      `a threshold cannot be chosen on ${choosing.length} rows and reported on ${reported.length}; there must be good ` +
        "and bad ones among the first, and some must be left. Label more rows, or change choosingShare"
    )
  }
  const best = bestThreshold(choosing)
  return {
    ...counts,
    threshold: { ...best, chosenOn },
    ...agreementOf(reported, ({ verdict }) => Number(verdict) >= best.score, level)
  }
})

/** So that a wrong key is seen at once. */
const keysOf = (rows: ReadonlyArray<Row.Row>): string => {
  const keys = Array.from(new Set(rows.flatMap((row) => Row.results(row).map(({ key }) => key))))
  return keys.length === 0 ? "no evaluator gave them a result" : `they have results of ${keys.slice(0, 10).join(", ")}`
}

/** The score or, where it is the name of a choice, the value. */
const verdictOf = (row: Row.Row, key: string): Labelled<unknown>["verdict"] | undefined => {
  const result = Row.result(row, key)
  return typeof result?.value === "string" ? result.value : result?.score
}

const sameKind = (verdict: boolean | number | string): boolean | string =>
  typeof verdict === "number" ? String(verdict) : verdict

/** The same for a row in every run, and nothing that has to do with its label. */
const drawOf = (seed: number | string, { example, run }: Row.Row): string =>
  hashText(`${seed}/${example.contentHash}/${run.repetition}`)

/** Where the judge agrees best with people. A threshold lies on a score that was given; of several, the lowest. */
const bestThreshold = <R>(
  rows: ReadonlyArray<Labelled<R>>
): { readonly score: number; readonly balancedAccuracy: number } => {
  const scored = rows
    .map(({ label, verdict }) => ({ good: label === true, score: Number(verdict) }))
    .sort((a, b) => a.score - b.score)
  const good = scored.filter((row) => row.good).length
  const bad = scored.length - good
  let best = { score: Number.NaN, balancedAccuracy: -1 }
  let goodBelow = 0
  let badBelow = 0
  for (const [i, row] of scored.entries()) {
    if (row.score !== scored[i - 1]?.score) {
      const balancedAccuracy = ((good - goodBelow) / good + badBelow / bad) / 2
      if (balancedAccuracy > best.balancedAccuracy) best = { score: row.score, balancedAccuracy }
    }
    if (row.good) goodBelow++
    else badBelow++
  }
  return best
}

const agreementOf = <R extends Row.Row>(
  rows: ReadonlyArray<Labelled<R>>,
  verdictOf: (row: Labelled<R>) => boolean | string,
  level: number
): Pick<Calibration<R>, "agreement" | "rows" | "kappa" | "confusion" | "disagreements"> => {
  const compared = rows.map((labelled) => ({ ...labelled, said: verdictOf(labelled) }))
  const confusion = confusionMatrix(compared.map(({ label }) => label), compared.map(({ said }) => said))
  const disagreements = compared.filter(({ label, said }) => label !== said).map(({ row }) => row)
  return {
    agreement: wilson(compared.length - disagreements.length, compared.length, { level }),
    rows: compared.length,
    kappa: cohenKappa(confusion.counts),
    confusion,
    disagreements
  }
}
