/** Kills a program at random points, and starts it again until it is done. */
import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import type { Experiment } from "effect-evals"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"

/** The lines that calls of the target have left. */
const calls = (directory: string): ReadonlyArray<string> => {
  try {
    return readFileSync(`${directory}/calls.log`, "utf8").split("\n").filter((line) => line !== "")
  } catch {
    return []
  }
}

const program = (directory: string, place: ReadonlyArray<string>, killAfter: number | undefined) =>
  Effect.callback<{ readonly output: string; readonly signal: string | null }>((resume) => {
    const child = spawn(
      process.execPath,
      ["--conditions=effect-evals-source", "test/programs/resumed.ts", directory, ...place],
      { stdio: ["ignore", "pipe", "inherit"] }
    )
    let output = ""
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString()
    })
    const before = calls(directory).length
    const timer = killAfter === undefined ? undefined : setInterval(() => {
      // So many calls after it has begun, wherever it stands then.
      if (calls(directory).length - before >= killAfter) child.kill("SIGKILL")
    }, 1)
    child.on("close", (_code, signal) => {
      clearInterval(timer)
      resume(Effect.succeed({ output, signal }))
    })
  })

const keyOf = (line: string): string => line.slice(line.indexOf(" ") + 1)

/**
 * What is recorded is never done again; what had ended and was not recorded is done again once; every row is there once;
 * and the numbers are those of a run that nobody has disturbed.
 */
export const killedAgainAndAgain = <E, R>(
  times: number,
  place: ReadonlyArray<string>,
  /** All that the program has recorded, oldest first. */
  recorded: (directory: string) => Effect.Effect<ReadonlyArray<Experiment.Experiment>, E, R>
) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const directory = yield* fileSystem.makeTempDirectoryScoped()
    const done = new Set<string>()
    let kills = 0
    let unrecorded = 0
    const run = Effect.fnUntraced(function*(killAfter: number | undefined) {
      const before = calls(directory).length
      const ended = yield* program(directory, place, killAfter)
      if (ended.signal === "SIGKILL") kills++
      const lines = calls(directory).slice(before)
      assert.deepStrictEqual(lines.filter((line) => done.has(keyOf(line))), [])
      const experiments = yield* recorded(directory)
      for (const { rows } of experiments) {
        for (const { run } of rows) done.add(`${run.exampleId.slice(1)}/${run.repetition}`)
      }
      unrecorded += lines.filter((line) => line.startsWith("end ") && !done.has(keyOf(line))).length
      return { ...ended, experiments }
    })
    for (let i = 0; i < times; i++) yield* run(1 + Math.floor(Math.random() * 600 / times))
    const { experiments, output } = yield* run(undefined)
    const { id, reused } = JSON.parse(output)
    assert.isAbove(kills, times / 2)
    assert.isAbove(reused.runs, 0)
    const last = experiments.at(-1)
    assert.deepInclude(last, { id, status: "completed", rowCount: 300 })
    assert.strictEqual(new Set(last?.rows.map(({ run }) => `${run.exampleId}/${run.repetition}`)).size, 300)
    const ended = calls(directory).filter((line) => line.startsWith("end "))
    assert.strictEqual(ended.length, 300 + unrecorded)
    const undisturbed = Array.from({ length: 150 }, (_, n) => n * n)
    assert.closeTo(
      last?.summaries["size"]?.score?.mean ?? 0,
      undisturbed.reduce((sum, square) => sum + square, 0) / 150,
      1e-9
    )
    assert.strictEqual(last?.summaries["even"]?.score?.mean, 0.5)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Of two processes that go on from the same at the same time, one does the work, and the other says who does it. */
export const startedTwice = (place: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    const directory = yield* fileSystem.makeTempDirectoryScoped()
    const both = yield* Effect.all([program(directory, place, undefined), program(directory, place, undefined)], {
      concurrency: "unbounded"
    })
    const refused = both.filter(({ output }) => output.includes("ExperimentInUse"))
    // One may have ended before the other one began, and then there is nothing left to do for it.
    assert.isAtMost(refused.length, 1)
    for (const { output } of refused) assert.match(output, /Process \d+ on .* has been at work on resumed since/)
    assert.strictEqual(calls(directory).length, 600)
    assert.strictEqual(new Set(calls(directory)).size, 600)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
