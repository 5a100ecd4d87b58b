import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { spawnSync } from "node:child_process"
import { Dataset, Evaluation, Journal, Target, TracingClient } from "../src/index.ts"
import { canRunAsOthers, nobody } from "./sql/support.ts"
import { canMount, empty, fill, tinyDisk } from "./support/tinyDisk.ts"

const numbers = (count: number) =>
  Dataset.fromIterable("numbers", Array.from({ length: count }, (_, n) => ({ id: `n${n}`, inputs: n })))

const square = Target.make("square", (n: number) => n * n, { version: "1" })

const resume = (directory: string, count: number) =>
  Evaluation.resume(Evaluation.make("t", { data: numbers(count), target: square }), "faulty", {
    outputs: Schema.Number
  }).pipe(Effect.provide(TracingClient.layerJournal({ directory })))

const inDirectory = <A, E>(use: (directory: string) => Effect.Effect<A, E, FileSystem.FileSystem>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* use(yield* fileSystem.makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("resuming from journals", () => {
  it.live("that were cut in the middle of a line takes over what is whole", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const first = yield* resume(directory, 20)
        const file = `${directory}/faulty-${first.id}.jsonl`
        const text = yield* fileSystem.readFileString(file)
        const lines = text.split("\n")
        yield* fileSystem.writeFileString(file, lines.slice(0, 12).join("\n") + "\n" + lines[12]?.slice(0, 50))
        const second = yield* resume(directory, 20)
        assert.strictEqual(second.reused?.runs, 11)
        assert.strictEqual(second.rowCount, 20)
        // The torn journal is left as it was found.
        assert.strictEqual((yield* Journal.read(file)).rowCount, 11)
      })
    ))

  it.live("with a garbage line names it and runs nothing", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const first = yield* resume(directory, 5)
        const file = `${directory}/faulty-${first.id}.jsonl`
        const lines = (yield* fileSystem.readFileString(file)).split("\n")
        yield* fileSystem.writeFileString(file, lines.with(3, "garbage").join("\n"))
        const error = yield* Effect.flip(resume(directory, 5))
        assert.deepInclude(error, { _tag: "ExperimentSourceError", reason: "Unreadable" })
        assert.match(error.message, /faulty-.*\.jsonl:4 is no event of a journal.*move it to another directory/s)
        assert.strictEqual(
          (yield* fileSystem.readDirectory(directory)).filter((name) => name.endsWith(".jsonl")).length,
          1
        )
      })
    ))

  it.live.skipIf(!canRunAsOthers || process.getuid?.() !== 0)(
    "in a directory that may not be written says so before anything is run",
    () =>
      inDirectory((directory) =>
        Effect.gen(function*() {
          const fileSystem = yield* FileSystem.FileSystem
          yield* fileSystem.chmod(directory, 0o555)
          yield* fileSystem.makeDirectory(`${directory}/journals`)
          yield* fileSystem.chmod(`${directory}/journals`, 0o555)
          const { status, stdout } = spawnSync(
            process.execPath,
            ["--conditions=effect-evals-source", "test/programs/resumed.ts", directory, "journal"],
            { ...nobody, encoding: "utf8" }
          )
          assert.strictEqual(status, 1)
          assert.match(stdout, /In .*journals it could not be kept who is at work: .*permission denied/s)
          assert.deepStrictEqual(yield* fileSystem.readDirectory(directory), ["journals"])
        })
      )
  )
})

describe.skipIf(!canMount)("a disk that is full", () => {
  it.live("costs the rows that found no room, and spoils none of the others", () =>
    Effect.gen(function*() {
      const directory = yield* tinyDisk(512)
      const text = "x".repeat(500)
      const experiment = yield* Evaluation.run(
        Evaluation.make("t", {
          data: numbers(600),
          target: (n) =>
            Effect.gen(function*() {
              // Room for a part of what comes next.
              if (n === 200) yield* fill(directory, 10_000)
              if (n === 400) yield* empty(directory)
              // Whatever is done is written before the next one begins.
              if (n % 20 === 0) yield* Effect.sleep(20)
              return text
            })
        }),
        { name: "full", concurrency: 1 }
      ).pipe(Effect.provide(TracingClient.layerJournal({ directory })))
      const lost = experiment.tracingFailures.reduce((sum, { rows }) => sum + rows, 0)
      assert.isAbove(lost, 100)
      assert.isBelow(lost, 300)
      assert.match(
        experiment.tracingFailures[0]?.message ?? "",
        /journal .* could not be written: .*(ENOSPC|no space)/i
      )
      const [read] = yield* Journal.named(directory, "full")
      assert.strictEqual(read?.status, "completed")
      assert.strictEqual(read?.rows.length, 600 - lost)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
