/**
 * The one way in which evaluations run: examples come in, rows go out. Retries, timeouts, rate limits, repetitions,
 * progress and recording are steps on this way.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Evaluation from "../../Evaluation.ts"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type { TracingClient } from "../../TracingClient.ts"
import { checkedItems, isLeftOut } from "../dataset/dataset.ts"
import type { InvalidOptions, TooManyFailures } from "./evaluationErrors.ts"
import { mapPool } from "./pool.ts"
import { makeRowWorker } from "./rowWorker.ts"
import { type AnyEvaluation, type AnyOptions, openSession, type Session } from "./session.ts"
import type { Planned } from "./targetRun.ts"

/**
 * The rows of an evaluation. All data is alike to the interpreter: the types of the rows are those of the evaluation
 * because nothing but its dataset and its target makes any.
 */
export const interpret = <I, O, Ref, M, TE, E, R, R2>(
  evaluation: Evaluation.Evaluation<I, O, Ref, M, TE, E, R>,
  options: AnyOptions<R2, Experiment.Experiment<I, O, Ref, M, TE>>
): Stream.Stream<
  Row.Row<I, O, Ref, M, TE>,
  E | Dataset.DatasetError | InvalidOptions | TooManyFailures,
  R | R2 | TracingClient
> =>
  interpretAny(
    evaluation as unknown as AnyEvaluation<E, R | R2>,
    options as unknown as AnyOptions<R | R2, Experiment.Experiment>
  ) as Stream.Stream<
    Row.Row<I, O, Ref, M, TE>,
    E | Dataset.DatasetError | InvalidOptions | TooManyFailures,
    R | R2 | TracingClient
  >

const interpretAny = <E, R>(
  evaluation: AnyEvaluation<E, R>,
  options: AnyOptions<R, Experiment.Experiment>
): Stream.Stream<Row.Row, E | Dataset.DatasetError | InvalidOptions | TooManyFailures, R | TracingClient> =>
  Stream.unwrap(Effect.map(openSession(evaluation, options), (session) => {
    const { concurrency, evaluatorConcurrency, ordered } = session.settings
    // A row holds a worker until it is scored, and a place until its run has ended: there are workers for both.
    const workers = concurrency + evaluatorConcurrency
    return mapPool(planned(evaluation.data, session), makeRowWorker(session), {
      places: concurrency,
      workers,
      ordered,
      window: workers * 4
    }).pipe(Stream.concat(Stream.drain(Stream.fromEffect(session.complete))))
  }))

/** Every example as often as it is to be run; rows of the source that are no examples are counted. */
const planned = <E, R, RS>(
  data: Dataset.Dataset<unknown, unknown, unknown, E, R>,
  session: Session<RS>
): Stream.Stream<Planned, E | Dataset.DatasetError, R> =>
  Stream.mapAccumArray(checkedItems(data), () => undefined, (state, items) => {
    const plan: Array<Planned> = []
    for (const item of items) {
      if (isLeftOut(item)) {
        session.leaveOut(item)
        continue
      }
      for (let repetition = 0; repetition < session.settings.repetitions; repetition++) {
        plan.push({ example: item, repetition })
      }
    }
    return [state, plan]
  })
