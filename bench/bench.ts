/** What a benchmark says, and how it is run. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"

/** One line of the result. */
export interface Line {
  /** Such as `engine.cpu-per-row.1000`. */
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it is measured against. */
  readonly baseline?: { readonly name: string; readonly value: number } | undefined
  /** Value by baseline. */
  readonly ratio?: number | undefined
  /** What must hold, in words; `undefined` where the figure is only reported. */
  readonly limit?: string | undefined
  readonly ok: boolean
}

/** A benchmark: it measures when it is run, and gives its lines as they come. */
export interface Benchmark {
  readonly name: string
  readonly run: () => AsyncIterable<Line>
}

const root = join(import.meta.dirname, "..")

/** Runs a workload in a process of its own, with flags for the runtime if there are any, and gives what it prints. */
export const workload = async <A>(
  program: string | readonly [file: string, ...flags: ReadonlyArray<string>],
  ...args: ReadonlyArray<string | number>
): Promise<A> => {
  const [file, ...flags] = typeof program === "string" ? [program] : program
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--expose-gc", ...flags, "--conditions=effect-evals-source", join("bench/workloads", file), ...args.map(String)],
    { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, LANGCHAIN_TRACING_V2: "false", NO_COLOR: "1" } }
  )
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as A
}

/** A line whose value may be at most so much. */
export const atMost = (limit: number, line: Omit<Line, "limit" | "ok">): Line => ({
  ...line,
  limit: `at most ${limit} ${line.unit}`,
  ok: line.value <= limit
})

/** A line whose ratio to its baseline may be at most so much. */
export const ratioAtMost = (limit: number, line: Omit<Line, "limit" | "ok" | "ratio">): Line => {
  const ratio = line.value / (line.baseline?.value ?? Number.NaN)
  return { ...line, ratio, limit: `ratio at most ${limit}`, ok: ratio <= limit }
}
