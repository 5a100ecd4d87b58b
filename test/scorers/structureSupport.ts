/** What scorers make of one row. */
import { Effect } from "effect"
import { Dataset, Evaluation, type EvaluationResult, type Evaluator, type Row } from "../../src/index.ts"
import { untraced } from "../support/run.ts"

/** The row of one example, of which the outputs and the reference are given. */
export const rowOf = <O, Ref>(
  outputs: O,
  referenceOutputs: Ref,
  evaluators: ReadonlyArray<Evaluator.Evaluator<unknown, unknown, unknown, unknown>>,
  target: (outputs: O) => Effect.Effect<O> = Effect.succeed
): Effect.Effect<Pick<Row.Row, "evaluations" | "run">> =>
  untraced(
    Effect.gen(function*() {
      const data = Dataset.fromIterable<number, unknown>("one", [{ inputs: 0, referenceOutputs }])
      const experiment = yield* Evaluation.run(
        Evaluation.make("one", { data, target: () => target(outputs) }),
        { evaluators }
      )
      return experiment.rows[0]!
    })
  ).pipe(Effect.orDie)

/** The only outcome of a row with one evaluator, in short. */
export const outcomeOf = <O, Ref>(
  evaluator: Evaluator.Evaluator<unknown, unknown, unknown, unknown>,
  outputs: O,
  referenceOutputs?: Ref
): Effect.Effect<string> =>
  Effect.map(rowOf(outputs, referenceOutputs, [evaluator]), ({ evaluations }) => {
    const outcome = evaluations[0]!.outcome
    switch (outcome._tag) {
      case "Scored":
        return outcome.results.map(inShort).join(" | ")
      case "Skipped":
        return `Skipped: ${outcome.reason}`
      default:
        return `${outcome._tag}: ${outcome.message}`
    }
  })

const inShort = ({ comment, score }: EvaluationResult.EvaluationResult): string =>
  comment === undefined ? String(score) : `${score}: ${comment}`
