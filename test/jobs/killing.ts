/** Workers that are killed and started again, and what their targets have left. */
import { assert } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Journal, type Row } from "effect-evals"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer } from "node:net"

export const worker = (...args: ReadonlyArray<string>) =>
  spawn(process.execPath, ["--conditions=effect-evals-source", "test/programs/worker.ts", ...args], {
    stdio: ["ignore", "pipe", process.env["WORKER_LOG"] === undefined ? "ignore" : "inherit"]
  })

/** A port of this machine that nobody listens on. */
export const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** The lines that calls of the target have left. */
export const lines = (directory: string): ReadonlyArray<string> => {
  try {
    return readFileSync(`${directory}/calls.log`, "utf8").split("\n").filter((line) => line !== "")
  } catch {
    return []
  }
}

/** The calls that came to their end: example and repetition. */
export const ended = (directory: string): ReadonlyArray<string> =>
  lines(directory).flatMap((line) => line.startsWith("end ") ? line.split(" ")[1] ?? [] : [])

export const until = (what: () => boolean): Effect.Effect<void> =>
  Effect.suspend(() => what() ? Effect.void : Effect.andThen(Effect.sleep(5), until(what)))

export const exit = (child: ReturnType<typeof worker>) =>
  Effect.callback<string | null>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.succeed(child.signalCode))
    child.once("exit", (_code, signal) => resume(Effect.succeed(signal)))
  })

export const kill = (child: ReturnType<typeof worker>, signal: NodeJS.Signals = "SIGKILL") =>
  Effect.andThen(Effect.sync(() => child.kill(signal)), exit(child))

/** Every row once, and right. */
export const checkRows = (rows: ReadonlyArray<Row.Row>, examples: number) => {
  assert.deepStrictEqual(
    rows.map(({ index }) => index).toSorted((a, b) => a - b),
    Array.from({ length: 2 * examples }, (_, n) => n)
  )
  assert.strictEqual(new Set(rows.map(({ run }) => `${run.exampleId}/${run.repetition}`)).size, 2 * examples)
  for (const { example, run } of rows) {
    assert.deepStrictEqual(run.outputs, { square: Number(example.inputs) ** 2 })
  }
}

/** The one experiment of the job, as its journal has it, against one that nobody disturbed. */
export const checkExperiment = Effect.fnUntraced(function*(directory: string, examples: number) {
  const fileSystem = yield* FileSystem.FileSystem
  const [file, ...others] = yield* fileSystem.readDirectory(`${directory}/journals`)
  assert.deepStrictEqual(others, [])
  const experiment = yield* Journal.read(`${directory}/journals/${file}`)
  assert.strictEqual(experiment.status, "completed")
  checkRows(experiment.rows, examples)
  const squares = Array.from({ length: examples }, (_, n) => n * n)
  assert.closeTo(
    experiment.summaries["size"]?.score?.mean ?? 0,
    squares.reduce((sum, square) => sum + square, 0) / examples,
    1e-9
  )
  assert.strictEqual(experiment.summaries["even"]?.score?.mean, 0.5)
  assert.deepStrictEqual(experiment.runs, { succeeded: 2 * examples, failed: 0, timedOut: 0, cancelled: 0 })
  return experiment
})
