/** The work that every subject does: the same examples, the same target, the same two evaluators. */

export interface Inputs {
  readonly x: number
  readonly question: string
}

export interface Outputs {
  readonly y: number
}

/** In hexadecimal: of decimal texts V8 keeps thousands in a cache, which is not the memory that is to be measured. */
const text = (n: number): string => n.toString(16)

/** One example; its id is given, as it is in a dataset that comes from a store. */
export const example = (i: number) => ({
  id: `33333333-3333-4333-8333-${text(i).padStart(12, "0")}`,
  inputs: { x: i, question: `What is ${text(i)} + ${text(i)}?` },
  referenceOutputs: { y: 2 * i }
})

const hop = () => new Promise<void>((resolve) => setImmediate(resolve))
const sleep = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis))

/** The target: really suspends, for one turn of the event loop or for so many milliseconds. */
export const makeTarget = (millis: number) => async (inputs: Inputs): Promise<Outputs> => {
  await (millis === 0 ? hop() : sleep(millis))
  return { y: 2 * inputs.x }
}

/** Two instant evaluators. */
export const correct = (args: { readonly outputs: Outputs; readonly referenceOutputs: Outputs }) => ({
  key: "correct",
  score: args.outputs.y === args.referenceOutputs.y ? 1 : 0
})
export const length = (args: { readonly outputs: Outputs }) => ({ key: "length", score: text(args.outputs.y).length })

/** What a measured run took. */
export interface Measured {
  readonly cpuMillis: number
  readonly wallMillis: number
}

/** Measures one run. */
export const measure = async (run: () => Promise<unknown>): Promise<Measured> => {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await run()
  const wallMillis = performance.now() - start
  const { system, user } = process.cpuUsage(cpu)
  return { cpuMillis: (user + system) / 1000, wallMillis }
}

export const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/**
 * Measures warm: the run is repeated until it has taken three seconds of CPU (and at least twice), then measured five
 * times, of which the median counts. The same for every subject.
 */
export const measureWarm = async (run: () => Promise<unknown>): Promise<Measured> => {
  let spent = 0
  for (let i = 0; i < 2 || (spent < 3000 && i < 1000); i++) spent += (await measure(run)).cpuMillis
  const runs: Array<Measured> = []
  for (let i = 0; i < 5; i++) runs.push(await measure(run))
  return {
    cpuMillis: median(runs.map(({ cpuMillis }) => cpuMillis)),
    wallMillis: median(runs.map(({ wallMillis }) => wallMillis))
  }
}
