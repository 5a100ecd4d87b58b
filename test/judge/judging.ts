/** Judges in small evaluations, with scripted models. */
import { Effect } from "effect"
import { Dataset, Evaluation, type Evaluator, type Outcome, type Row } from "../../src/index.ts"
import { ScriptedLanguageModel } from "../../src/testing/index.ts"
import { untraced } from "../support/run.ts"

export const yes = { json: { reasoning: "so it is", verdict: true } }

/** A model that says yes to all, or what it is told. */
export const scripted = (script: ScriptedLanguageModel.Script = () => yes, name?: string) =>
  ScriptedLanguageModel.make(script, { name })

/** The outputs, judged one at a time so that their order is known. */
export const judged = <R>(
  outputs: ReadonlyArray<string>,
  evaluators: ReadonlyArray<Evaluator.Evaluator<unknown, string, unknown, unknown, R>>,
  options: { readonly repetitions?: number; readonly evaluatorConcurrency?: number } = {}
) =>
  untraced(
    Evaluation.run(
      Evaluation.make("texts", {
        data: Dataset.fromIterable("texts", outputs.map((output, i) => ({ id: `t${i}`, inputs: output }))),
        target: (text: string) => Effect.succeed(text)
      }),
      { evaluators, order: "input", evaluatorConcurrency: 1, ...options }
    )
  )

/** The outcome of the first evaluator in each row, in short. */
export const inShort = (experiment: { readonly rows: ReadonlyArray<Row.Row> }): ReadonlyArray<string> =>
  experiment.rows.map(({ evaluations }) => shortOf(evaluations[0]?.outcome))

const shortOf = (outcome: Outcome.Outcome | undefined): string => {
  if (outcome === undefined) return "none"
  switch (outcome._tag) {
    case "Scored":
      return String(outcome.results[0].score)
    case "Skipped":
      return `Skipped: ${outcome.reason}`
    default:
      return `${outcome._tag}: ${outcome.message}`
  }
}
