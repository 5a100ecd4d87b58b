/** The bare promise pool: the least that does the work. */
import { correct, example, length, makeTarget } from "./work.ts"

/** So many loops over one iterator; all rows are kept. */
export const runPool = async (count: number, concurrency: number, millis: number): Promise<void> => {
  const target = makeTarget(millis)
  const rows: Array<unknown> = Array.from({ length: count })
  let next = 0
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (let i = next++; i < count; i = next++) {
      const { inputs, referenceOutputs } = example(i)
      const outputs = await target(inputs)
      rows[i] = { outputs, results: [correct({ outputs, referenceOutputs }), length({ outputs })] }
    }
  }))
}
