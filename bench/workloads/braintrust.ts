/** The real `braintrust` client at the work, with nothing sent. */
import { example, makeTarget } from "./work.ts"

/** Loads the client; gives a function that runs it once. */
export const makeBraintrust = async (
  count: number,
  concurrency: number,
  millis: number
): Promise<() => Promise<unknown>> => {
  // Installed for the benchmarks alone, so the type checker does not know it.
  const { Eval } = await import("braintrust" as string) as {
    Eval: (name: string, evaluator: object, options: object) => Promise<{ results: ReadonlyArray<unknown> }>
  }
  const data = Array.from({ length: count }, (_, i) => {
    const { inputs, referenceOutputs } = example(i)
    return { input: inputs, expected: referenceOutputs }
  })
  interface Args {
    output: { y: number }
    expected: { y: number }
  }
  const correct = ({ expected, output }: Args) => output.y === expected.y ? 1 : 0
  const length = ({ output }: Args) => ({ name: "length", score: Math.min(1, String(output.y).length / 10) })
  const silent = { start: () => {}, increment: () => {}, stop: () => {}, setTotal: () => {} }
  const task = makeTarget(millis)
  return async () => {
    const { results } = await Eval("bench", { data, task, scores: [correct, length], maxConcurrency: concurrency }, {
      noSendLogs: true,
      progress: silent,
      reporter: { name: "silent", reportEval: () => true, reportRun: () => true }
    })
    if (results.length !== count) throw new Error(`braintrust gave ${results.length} rows`)
  }
}
