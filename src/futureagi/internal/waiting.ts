/** Asking about an evaluation until it has ended. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FutureAgi from "../FutureAgi.ts"
import {
  EvaluationFailedError,
  FutureAgiError,
  type Reason,
  TimeoutError,
  UnexpectedAnswerError
} from "../FutureAgiError.ts"
import { isEmpty } from "./wire.ts"

const defaultTimeout = Duration.minutes(5)
const defaultInterval = Duration.seconds(1)
const defaultMaxInterval = Duration.seconds(10)
const defaultUnknownStates = 5

export const awaitWith = Effect.fnUntraced(function*(
  getResult: FutureAgi.FutureAgi["Service"]["getResult"],
  evalId: string,
  options: FutureAgi.AwaitOptions
): Effect.fn.Return<FutureAgi.Result, FutureAgiError> {
  const timeout = Duration.fromInputUnsafe(options.timeout ?? defaultTimeout)
  const maxInterval = Duration.toMillis(Duration.fromInputUnsafe(options.maxInterval ?? defaultMaxInterval))
  const maxUnknown = options.unknownStates ?? defaultUnknownStates
  const fail = (reason: Reason) => new FutureAgiError({ operation: "await", reason })
  const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(timeout)
  let interval = Duration.toMillis(Duration.fromInputUnsafe(options.interval ?? defaultInterval))
  let unknown = 0
  let last = "it was not asked for"
  while (true) {
    const left = deadline - (yield* Clock.currentTimeMillis)
    if (left <= 0) {
      return yield* fail(
        new TimeoutError({
          mayHaveRun: true,
          evalId,
          message: `the evaluation ${evalId} has not ended within ${Duration.format(timeout)} (${last}). ` +
            `It may still be running: await it again, or for longer.`
        })
      )
    }
    yield* Effect.sleep(Math.min(interval, left))
    interval = Math.min(interval * 1.5, maxInterval)
    const asked = yield* Effect.result(getResult(evalId))
    if (asked._tag === "Failure") {
      const { reason } = asked.failure
      if (!reason.isRetryable) return yield* fail(reason)
      last = reason.message
      continue
    }
    const state = asked.success
    if (state._tag === "Completed" && !isEmpty(state.result)) return state.result
    if (state._tag === "Completed" || state._tag === "Failed") {
      const why = state._tag === "Failed" ? state.message : state.result.reason
      return yield* fail(
        new EvaluationFailedError({
          evalId,
          ...(state.result?.template === undefined ? {} : { template: state.result.template }),
          message: state._tag === "Failed"
            ? `the evaluation ${evalId} failed: ${why ?? "the server does not say why"}`
            : `the evaluation ${evalId} has no output: ${why ?? "the server does not say why"}`
        })
      )
    }
    unknown = state._tag === "Unknown" ? unknown + 1 : 0
    last = state._tag === "Unknown"
      ? `the server says ${JSON.stringify(state.state)}`
      : `it is ${state._tag.toLowerCase()}`
    if (unknown >= maxUnknown) {
      return yield* fail(
        new UnexpectedAnswerError({
          message:
            `the server says that the evaluation ${evalId} is in the state ${
              JSON.stringify(state)
            }, ${unknown} times ` +
            `in a row, and that is none of pending, processing, completed and failed`
        })
      )
    }
  }
})
