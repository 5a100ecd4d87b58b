/** Runs summary evaluators: they take rows while the experiment runs and give their results when it has completed. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import { causeLine, errorLine } from "../values/causes.ts"
import { limitsOf, runAttempts } from "./attempts.ts"
import type { AnySummaryEvaluator } from "./evaluators.ts"
import { decodeReturned } from "./results.ts"
import type { Timer } from "./timer.ts"
import { Abort, fromReturned } from "./userCode.ts"

export interface RunningSummary {
  readonly add: (row: Row.Row) => void
  readonly result: Effect.Effect<Experiment.SummaryOutcome>
}

/** Begins an experiment for one summary evaluator. What its code throws is its outcome, never the experiment's. */
export const startSummary = <R>(
  { begin, key, name, options }: AnySummaryEvaluator<R>,
  context: Context.Context<R>,
  timer: Timer
): RunningSummary => {
  const limits = limitsOf({ ...options, rowTimeout: options.totalTimeout })
  let thrown: { readonly error: unknown } | undefined
  const guard = <A>(f: () => A): A | undefined => {
    try {
      return f()
    } catch (error) {
      thrown ??= { error }
      return undefined
    }
  }
  const failed = (error: string): Experiment.SummaryOutcome => ({ evaluator: name, results: [], error })
  const accumulator = guard(begin)
  return {
    add(row) {
      if (thrown === undefined) guard(() => accumulator?.add(row))
    },
    result: Effect.suspend(() => {
      if (thrown !== undefined || accumulator === undefined) return Effect.succeed(failed(errorLine(thrown?.error)))
      const evaluate = Effect.suspend(() => fromReturned(accumulator.result())).pipe(
        Effect.flatMap((returned) =>
          Effect.fromResult(decodeReturned(returned, {
            kind: "summary evaluator",
            evaluator: name,
            key,
            feedbackConfig: options.feedbackConfig
          }))
        )
      )
      return Effect.map(
        runAttempts(() => ({ call: () => evaluate, abort: new Abort() }), context, limits, timer, undefined),
        ({ exit, timeout }): Experiment.SummaryOutcome => {
          if (timeout !== undefined) return failed(timeout.message)
          if (Exit.isFailure(exit)) return failed(causeLine(exit.cause))
          return exit.value._tag === "Skip"
            ? { evaluator: name, results: [], skipped: exit.value.reason }
            : { evaluator: name, results: exit.value.results }
        }
      )
    })
  }
}
