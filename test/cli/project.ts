/** Projects in temporary directories, and the command line as a process of its own in them. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const root = join(import.meta.dirname, "../..")
export const bin = join(root, "src/cli/bin.ts")
const flags = ["--conditions=effect-evals-source"]

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
  readonly shown: () => Omit<Ended, "code">
  /** Resolves as soon as what is printed, on either stream, matches. */
  readonly printed: (pattern: RegExp) => Promise<void>
}

export interface Project {
  readonly directory: string
  readonly write: (file: string, text: string) => void
  readonly start: (...args: ReadonlyArray<string>) => Running
  readonly run: (...args: ReadonlyArray<string>) => Promise<Ended>
  /** The lines for machines of a command. */
  readonly lines: (...args: ReadonlyArray<string>) => Promise<ReadonlyArray<Line>>
  readonly remove: () => void
}

export interface Line {
  readonly event: string
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever the line says; assertions look at it
  readonly [name: string]: any
}

/** What a process of the tests gets of the environment: nothing that says how the command line behaves. */
export const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => {
  const { HOME, PATH, TMPDIR } = process.env
  // Without it, most of the time would go into stripping the types of the same modules again and again.
  return { HOME, PATH, TMPDIR, NODE_COMPILE_CACHE: join(root, ".generated/compile-cache"), ...more }
}

export const command = (args: ReadonlyArray<string>): ReadonlyArray<string> => [
  process.execPath,
  ...flags,
  bin,
  ...args
]

export const makeProject = (
  files: { readonly [file: string]: string } = {},
  more: NodeJS.ProcessEnv = {}
): Project => {
  const directory = mkdtempSync(join(tmpdir(), "effect-evals-cli-"))
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(directory, file)), { recursive: true })
    writeFileSync(join(directory, file), text)
  }
  write("package.json", JSON.stringify({ name: "project", type: "module" }))
  mkdirSync(join(directory, "node_modules"))
  symlinkSync(root, join(directory, "node_modules/effect-evals"))
  symlinkSync(join(root, "node_modules/effect"), join(directory, "node_modules/effect"))
  for (const [file, text] of Object.entries(files)) write(file, text)

  const start = (...args: ReadonlyArray<string>): Running => {
    const [program = "", ...rest] = command(args)
    const child = spawn(program, rest, { cwd: directory, env: environment(more), stdio: ["ignore", "pipe", "pipe"] })
    const out = { stdout: "", stderr: "" }
    const waiting = new Set<() => void>()
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        out[name] += text
        for (const look of waiting) look()
      })
    }
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on("error", reject)
      child.on("close", (code) => {
        resolve({ code, ...out })
        for (const look of waiting) look()
      })
    })
    return {
      process: child,
      ended,
      shown: () => ({ ...out }),
      printed: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const found = pattern.test(out.stdout) || pattern.test(out.stderr)
            if (!found && child.exitCode === null && child.signalCode === null) return
            waiting.delete(look)
            if (found) resolve()
            else reject(new Error(`It ended without ${pattern}:\n${out.stdout}\n${out.stderr}`))
          }
          waiting.add(look)
          look()
        })
    }
  }
  const run = (...args: ReadonlyArray<string>) => start(...args).ended
  return {
    directory,
    write,
    start,
    run,
    lines: async (...args) => linesOf(await run(...args, "--json")),
    remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

export const linesOf = ({ stderr, stdout }: Ended): ReadonlyArray<Line> =>
  stdout.split("\n").filter((line) => line !== "").map((line) => {
    try {
      return JSON.parse(line) as Line
    } catch {
      throw new Error(`This is no line for machines: ${line}\n${stderr}`)
    }
  })

/** An evaluation of numbers: a share of `right` of them come out right, and 13 fails. */
export const numbers = `
import { Effect } from "effect"
import { Dataset, Evaluation, Evaluator, Gate } from "effect-evals"

const data = Dataset.fromIterable("numbers", Array.from({ length: 40 }, (_, n) => ({
  id: \`n\${n}\`, inputs: n, referenceOutputs: n % 7, metadata: { odd: n % 2 === 1 }, split: n < 30 ? "train" : "test"
})))
const evaluation = Evaluation.make("modulo", {
  data,
  target: (n) => {
    if (n === 0) console.log("printed by the target")
    return n === 13 ? Effect.fail(new Error("unlucky")) : Effect.succeed(n % 10 < Number(process.env["RIGHT"] ?? 7) ? n % 7 : -1)
  }
})
export default Evaluation.entry(evaluation, {
  evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)],
  gate: Gate.mean("correct", { atLeast: 0.5 })
})
`

/**
 * An evaluation that takes its time, and with STUBBORN set does not let itself be stopped. While there is a file `hold`,
 * it does not come to its end.
 */
export const slow = `
import { Effect } from "effect"
import { Dataset, Evaluation, Evaluator } from "effect-evals"
import { existsSync } from "node:fs"

const data = Dataset.fromIterable("numbers", Array.from({ length: 60 }, (_, n) => ({ inputs: n })))
const wait = Effect.sleep(Number(process.env["PAUSE"] ?? 100))
export default Evaluation.entry(
  Evaluation.make("slow", {
    data,
    target: (n) => {
      if (n >= 20 && existsSync("hold")) return Effect.never
      return Effect.as(process.env["STUBBORN"] === "1" ? Effect.andThen(wait, Effect.uninterruptible(Effect.never)) : wait, n)
    }
  }),
  { evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)], concurrency: 4 }
)
`
