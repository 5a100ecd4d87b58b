import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Fiber, FileSystem, Path, Stream, Struct } from "effect"
import { ChildProcess } from "effect/process"
import { Evaluation, Evaluator, type Experiment, Journal, Row, TracingClient } from "../src/index.ts"
import { numbers } from "./support/run.ts"

const evaluation = Evaluation.make("journaled", {
  data: numbers(20),
  target: (n) =>
    n === 3
      ? Effect.fail(new Error("three"))
      : Effect.succeed({ n }).pipe(Effect.withSpan("child", { attributes: { n } }))
})

const options = {
  name: "a name / with: odd characters",
  evaluators: [
    Evaluator.make("n", ({ outputs }: Evaluator.EvaluatorArgs<unknown, { readonly n: number }>) => outputs.n),
    Evaluator.make("label", () => ({ value: { a: [1, "é"] }, comment: "c" })),
    Evaluator.make("broken", () => Effect.fail("no"))
  ]
} as const

const inDirectory = <A, E, R>(f: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fileSystem = yield* FileSystem.FileSystem
    return yield* f(yield* fileSystem.makeTempDirectoryScoped())
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const onlyFile = Effect.fnUntraced(function*(directory: string) {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* fileSystem.readDirectory(directory)
  assert.strictEqual(files.length, 1)
  return path.join(directory, files[0] ?? "")
})

const journaled = (directory: string) =>
  Evaluation.run(evaluation, options).pipe(Effect.provide(TracingClient.layerJournal({ directory })))

const withoutRows = (experiment: Experiment.Experiment) => Struct.omit(experiment, ["rows"])

describe("a journal", () => {
  it.effect("has the whole experiment, a line an event", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const experiment = yield* journaled(directory)
        const file = yield* onlyFile(directory)
        assert.match(file, /a-name-with-odd-characters-[0-9a-f-]{36}\.jsonl$/)
        const fileSystem = yield* FileSystem.FileSystem
        const lines = (yield* fileSystem.readFileString(file)).trimEnd().split("\n")
        assert.strictEqual(lines.length, 22)
        const again = yield* Journal.read(file)
        assert.deepStrictEqual(withoutRows(again), withoutRows(experiment))
        assert.strictEqual(again.rows.length, 20)
        for (const [index, row] of again.rows.entries()) {
          const original = experiment.rows[index]
          assert.isDefined(original)
          assert.deepStrictEqual(Row.results(row), Row.results(original))
          assert.deepStrictEqual(row.run.outputs, original.run.outputs)
          assert.deepStrictEqual(row.run.childRuns, original.run.childRuns)
          assert.strictEqual(row.run.error, original.run.error)
          assert.deepStrictEqual(row.run.attempts, original.run.attempts)
          assert.strictEqual(row.example.contentHash, original.example.contentHash)
        }
        const failed = again.rows[3]?.run.outcome
        assert.match(failed?._tag === "Failed" ? Cause.pretty(failed.cause) : "", /Error: three\n\s+at /)
      })
    ))

  it.effect("makes its directory, and waits for the disk when asked", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const nested = `${directory}/a/b`
        yield* Evaluation.run(evaluation, options).pipe(
          Effect.provide(TracingClient.layerJournal({ directory: nested, sync: true }))
        )
        assert.strictEqual((yield* Journal.read(yield* onlyFile(nested))).rowCount, 20)
      })
    ))

  it.effect("that was cut anywhere gives the rows that were written whole", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        yield* journaled(directory)
        const file = yield* onlyFile(directory)
        const fileSystem = yield* FileSystem.FileSystem
        const bytes = yield* fileSystem.readFile(file)
        const headerEnd = bytes.indexOf(10) + 1
        for (let cut = headerEnd; cut < bytes.length; cut += 97) {
          const whole = bytes.subarray(0, cut).filter((byte) => byte === 10).length - 1
          const torn = `${directory}/torn.jsonl`
          yield* fileSystem.writeFile(torn, bytes.subarray(0, cut))
          const experiment = yield* Journal.read(torn)
          assert.strictEqual(experiment.rowCount, whole, `cut at byte ${cut}`)
          assert.strictEqual(experiment.status, "interrupted")
          assert.strictEqual(
            (experiment.summaries["n"]?.outcomes.scored ?? 0) + (experiment.summaries["n"]?.outcomes.skipped ?? 0),
            whole
          )
        }
      })
    ))

  it.effect("with garbage in the middle is an error that names the line", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        yield* journaled(directory)
        const file = yield* onlyFile(directory)
        const fileSystem = yield* FileSystem.FileSystem
        const lines = (yield* fileSystem.readFileString(file)).split("\n")
        yield* fileSystem.writeFileString(file, lines.toSpliced(5, 1, "garbage").join("\n"))
        const error = yield* Effect.flip(Journal.read(file))
        assert.strictEqual(error.line, 6)
        assert.match(error.message, /:6 is no event of a journal/)
      })
    ))

  it.effect("that is missing, empty or from the future is a clear error", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const missing = yield* Effect.flip(Journal.read(`${directory}/missing.jsonl`))
        assert.match(missing.message, /could not be read: .*missing\.jsonl/)
        yield* fileSystem.writeFileString(`${directory}/empty.jsonl`, "")
        assert.match((yield* Effect.flip(Journal.read(`${directory}/empty.jsonl`))).message, /holds no experiment/)
        yield* journaled(`${directory}/one`)
        const file = yield* onlyFile(`${directory}/one`)
        const text = yield* fileSystem.readFileString(file)
        yield* fileSystem.writeFileString(file, text.replace("\"format\":1", "\"format\":2"))
        assert.match((yield* Effect.flip(Journal.read(file))).message, /written in format 2; .* Use a newer version/)
      })
    ))

  it.effect("that cannot be written costs the experiment nothing", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        // A file where the directory should be.
        yield* fileSystem.writeFileString(`${directory}/taken`, "")
        const experiment = yield* Evaluation.run(evaluation, options).pipe(
          Effect.provide(TracingClient.layerJournal({ directory: `${directory}/taken` }))
        )
        assert.strictEqual(experiment.rowCount, 20)
        assert.strictEqual(experiment.tracingFailures[0]?.rows, 20)
        assert.match(experiment.tracingFailures[0]?.message ?? "", /could not be opened/)
      })
    ))
})

describe("a program that is stopped", () => {
  /** Starts the program, waits until it has done what it can, sends the signal, and gives how it ended. */
  const stopped = (signal: "SIGINT" | "SIGTERM" | "SIGKILL") =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const program = yield* ChildProcess.make(
          process.execPath,
          ["--conditions=effect-evals-source", "test/programs/journaled.ts", directory],
          { stderr: "inherit" }
        )
        const output: Array<string> = []
        const reading = yield* program.stdout.pipe(
          Stream.decodeText(),
          Stream.splitLines,
          Stream.runForEach((line) =>
            Effect.andThen(
              Effect.sync(() => output.push(line)),
              // `kill` waits for the end, so it is sent off and looked after elsewhere.
              line === "ready" ? Effect.sync(() => process.kill(program.pid, signal)) : Effect.void
            )
          ),
          Effect.forkChild
        )
        const exitCode = yield* Effect.exit(program.exitCode)
        yield* Fiber.await(reading)
        return { exitCode, output, experiment: yield* Journal.read(yield* onlyFile(directory)) }
      }).pipe(Effect.scoped)
    )

  it.live(
    "by Ctrl-C finalizes what was in flight, closes the journal and exits with 130",
    () =>
      Effect.gen(function*() {
        const { experiment, exitCode, output } = yield* stopped("SIGINT")
        assert.strictEqual(exitCode._tag === "Success" ? Number(exitCode.value) : exitCode, 130)
        assert.strictEqual(experiment.status, "interrupted")
        assert.strictEqual(experiment.rowCount, 30)
        assert.strictEqual(experiment.summaries["n"]?.outcomes.scored, 30)
        assert.strictEqual(output.filter((line) => line === "finalized").length, 4)
        assert.notInclude(output, "completed")
      }),
    20_000
  )

  it.live("by SIGKILL leaves a journal with every row that was done", () =>
    Effect.gen(function*() {
      const { experiment, output } = yield* stopped("SIGKILL")
      assert.strictEqual(experiment.status, "interrupted")
      assert.strictEqual(experiment.rowCount, 30)
      assert.notInclude(output, "finalized")
    }), 20_000)
})
