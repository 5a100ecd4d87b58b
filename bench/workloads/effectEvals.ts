/** This engine at the work, with nothing written anywhere. */
import { Effect, Stream } from "effect"
import { Dataset, Evaluation, TracingClient } from "../../src/index.ts"
import { correct, example, length, makeTarget } from "./work.ts"

const examples = function*(count: number) {
  for (let i = 0; i < count; i++) yield example(i)
}

/** Timeouts are on, as they are by default. */
export const runEffectEvals = (
  options: {
    readonly count: number
    readonly concurrency: number
    readonly millis: number
    readonly runTrees: boolean
    readonly keepRows: boolean
  }
): Promise<unknown> => {
  const evaluation = Evaluation.make("bench", {
    data: Dataset.fromIterable("bench", examples(options.count)),
    target: makeTarget(options.millis)
  })
  return Effect.runPromise(
    Evaluation.stream(evaluation, {
      evaluators: [correct, length],
      concurrency: options.concurrency,
      runTrees: options.runTrees,
      keepRows: options.keepRows
    }).pipe(Stream.runDrain, Effect.provide(TracingClient.layerNone))
  )
}
