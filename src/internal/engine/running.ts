/** Running an evaluation: as a stream of rows, and to its end. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type { Evaluation, Options } from "../../Evaluation.ts"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import type { TracingClient } from "../../TracingClient.ts"
import type { InvalidOptions, TooManyFailures } from "./evaluationErrors.ts"
import { interpret } from "./interpreter.ts"

/**
 * Runs an evaluation as a stream of rows. They come as they finish or, with `order: "input"`, in input order. The source
 * is read, and the target called, no faster than the rows are taken. Summary evaluators run after the last row; how it
 * all ended is what `onEnd` is told.
 *
 * @category running
 * @since 0.1.0
 */
export const stream = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  E,
  R,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  RO = never
>(
  evaluation: Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>,
  options?: Options<
    NoInfer<Inputs>,
    NoInfer<Outputs>,
    NoInfer<ReferenceOutputs>,
    NoInfer<Metadata>,
    NoInfer<TargetError>,
    Evaluators,
    SummaryEvaluators,
    RO
  >
): Stream.Stream<
  Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  E | Dataset.DatasetError | InvalidOptions | TooManyFailures,
  R | RO | TracingClient | Evaluator.Services<Evaluators[number]> | SummaryEvaluator.Services<SummaryEvaluators[number]>
> => interpret(evaluation, { keepRows: false, ...options })

/**
 * Runs an evaluation to its end and gives the experiment.
 *
 * It fails when the dataset cannot be read, when the options are wrong, or when more rows fail than `maxFailures` allows;
 * a target or an evaluator that fails is an outcome of its row.
 *
 * @category running
 * @since 0.1.0
 */
export const run = <
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  E,
  R,
  const Evaluators extends ReadonlyArray<
    Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  const SummaryEvaluators extends ReadonlyArray<
    SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
  >,
  RO = never
>(
  evaluation: Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>,
  options?: Options<
    NoInfer<Inputs>,
    NoInfer<Outputs>,
    NoInfer<ReferenceOutputs>,
    NoInfer<Metadata>,
    NoInfer<TargetError>,
    Evaluators,
    SummaryEvaluators,
    RO
  >
): Effect.Effect<
  Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError>,
  E | Dataset.DatasetError | InvalidOptions | TooManyFailures,
  R | RO | TracingClient | Evaluator.Services<Evaluators[number]> | SummaryEvaluator.Services<SummaryEvaluators[number]>
> =>
  Effect.suspend(() => {
    let ended: Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError> | undefined
    return stream(evaluation, {
      keepRows: true,
      ...options,
      onEnd: (experiment) => {
        ended = experiment
        return options?.onEnd?.(experiment) ?? Effect.void
      }
    }).pipe(
      Stream.runDrain,
      Effect.map(() => {
        // `onEnd` is called before the stream ends, however it ends.
        if (ended === undefined) throw new Error("the run ended without an experiment")
        return ended
      })
    )
  })
