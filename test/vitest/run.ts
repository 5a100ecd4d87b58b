/** Runs Vitest on the fixtures, in a process of its own, as a user does. */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs")
export const fixtures = join(import.meta.dirname, "fixtures")

export interface Assertion {
  readonly title: string
  readonly fullName: string
  readonly status: "passed" | "failed" | "skipped" | "pending" | "todo"
  readonly failureMessages: ReadonlyArray<string>
  readonly meta: {
    readonly evaluation?: {
      readonly evaluation: string
      readonly experimentId?: string
      readonly exampleId: string
      readonly passing: number
      readonly needed: number
      readonly repetitions: ReadonlyArray<{
        readonly outcome: string
        readonly scores: Record<string, unknown>
        readonly comments: Record<string, string>
        readonly problems: ReadonlyArray<string>
      }>
    }
  }
}

export interface Finished {
  readonly code: number | null
  readonly output: string
  readonly tests: ReadonlyArray<Assertion>
  /** What the fixture has noted, in order. */
  readonly calls: ReadonlyArray<string>
  readonly folder: string
}

export interface Begun {
  readonly child: ChildProcess
  readonly folder: string
  readonly output: () => string
}

export const begin = (
  args: ReadonlyArray<string>,
  env: Record<string, string> = {},
  program: ReadonlyArray<string> = [vitest, "--root", fixtures]
): Begun => {
  const folder = mkdtempSync(join(tmpdir(), "effect-evals-vitest-"))
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")))
  const child = spawn(process.execPath, ["--conditions=effect-evals-source", ...program, ...args], {
    cwd: folder,
    env: {
      ...inherited,
      NODE_ENV: "test",
      CI: "",
      FORCE_COLOR: "0",
      NO_COLOR: "1",
      JSON_FILE: join(folder, "results.json"),
      CALLS: join(folder, "calls.txt"),
      ...env
    },
    stdio: ["pipe", "pipe", "pipe"]
  })
  let output = ""
  child.stdout.on("data", (chunk: Buffer) => output += String(chunk))
  child.stderr.on("data", (chunk: Buffer) => output += String(chunk))
  return { child, folder, output: () => output }
}

export const ended = async ({ child, folder, output }: Begun): Promise<Finished> => {
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve))
  return { code, output: output(), folder, ...read(folder) }
}

/** What the fixture has noted so far. */
export const callsOf = (folder: string): ReadonlyArray<string> => {
  const calls = join(folder, "calls.txt")
  return existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []
}

/** The results are there when Vitest has ended; while it runs, it may be writing them. */
const read = (folder: string): Pick<Finished, "tests" | "calls"> => {
  const results = join(folder, "results.json")
  const { testResults }: { testResults: ReadonlyArray<{ assertionResults: ReadonlyArray<Assertion> }> } =
    existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : { testResults: [] }
  return { tests: testResults.flatMap(({ assertionResults }) => assertionResults), calls: callsOf(folder) }
}

export const runVitest = (args: ReadonlyArray<string>, env?: Record<string, string>): Promise<Finished> =>
  ended(begin(["run", ...args], env))
