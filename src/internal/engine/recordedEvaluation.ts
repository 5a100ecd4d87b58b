/** An experiment as an evaluation of its own examples, whose target gives what was recorded and nothing else. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Evaluation from "../../Evaluation.ts"
import * as Experiment from "../../Experiment.ts"
import { makeDataset } from "../dataset/dataset.ts"
import { rowsNotKept } from "../summary/keptRows.ts"
import { RecordedOutputMissing, TypeId } from "./target.ts"

export const recordedEvaluation = <I, O, Ref, M, E>(
  experiment: Experiment.Experiment<I, O, Ref, M, E>
): Effect.Effect<Evaluation.Evaluation<I, O, Ref, M, E>, Experiment.RowsNotKept> => {
  const message = rowsNotKept(experiment, "judge")
  if (message !== undefined) {
    return Effect.fail(new Experiment.RowsNotKept({ experiment: experiment.name, message }))
  }
  const { config, fingerprint, name, version } = experiment.target
  const examples = Experiment.byExample(experiment).map(({ example }) => example)
  const missing = (exampleId: string) =>
    new RecordedOutputMissing({
      exampleId,
      message:
        `${experiment.name} has no run of the example ${exampleId} for each repetition: it did not come to its end.`
    })
  const data: Dataset.Dataset<I, Ref, M> = makeDataset({
    name: experiment.dataset.name,
    version: experiment.dataset.version,
    steps: experiment.dataset.steps,
    size: examples.length,
    items: Stream.fromIterable(examples)
  })
  return Effect.succeed({
    name: experiment.evaluation,
    data,
    target: {
      [TypeId]: TypeId,
      describe: Effect.succeed({ name, version, config, fingerprint }),
      // Every run that is there is taken over before the target is asked.
      run: (_inputs, { example }) => Effect.die(missing(example.id)),
      recordedRun: ({ id }) => Exit.die(missing(id))
    }
  })
}
