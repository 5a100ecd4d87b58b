import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream } from "effect"
import { Experiment } from "effect-evals"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll } from "vitest"
import { type Assertion, begin, callsOf, ended, fixtures, runVitest, vitest } from "./run.ts"

const root = join(import.meta.dirname, "../..")
const folders: Array<string> = []

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const run = async (args: ReadonlyArray<string>, env?: Record<string, string>) => {
  const finished = await runVitest(args, env)
  folders.push(finished.folder)
  return finished
}

const statuses = (tests: ReadonlyArray<Assertion>, suite: string) =>
  tests.filter(({ fullName }) => fullName.startsWith(suite)).map(({ status, title }) => `${title}: ${status}`)

const messageOf = (tests: ReadonlyArray<Assertion>, fullName: string) =>
  tests.find((test) => test.fullName === fullName)?.failureMessages.join("\n") ?? ""

// Each test is a process or several; other tests may leave them little of the machine.
describe("an evaluation as a suite", { timeout: 120_000 }, () => {
  it.live("has a test for each example, one for the run and one for each gate", () =>
    Effect.gen(function*() {
      const folder = `.generated/vitest-${process.pid}`
      folders.push(join(root, folder))
      mkdirSync(join(root, folder), { recursive: true })
      const filename = join(root, folder, "evals.db")
      const reports = join(root, folder, "reports")
      const { calls, code, output, tests } = yield* Effect.promise(() =>
        run(["digits"], { DATABASE: filename, REPORTS: reports })
      )
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(statuses(tests, "last digit"), [
        "7: passed",
        "12: passed",
        "95: failed",
        "30: passed",
        "41: failed",
        "summary: passed",
        "is mostly right: passed",
        "is always right: failed",
        "is surely right: failed"
      ])
      // One run, one layer, released at the end.
      assert.deepStrictEqual(calls, [
        "built",
        "target 7",
        "target 12",
        "target 95",
        "target 30",
        "target 41",
        "released"
      ])

      const wrong = messageOf(tests, "last digit 95")
      for (
        const part of [
          "correct is false, and should be true (got 5)",
          "example: 'n95'",
          "inputs: { n: 95 }",
          "reference outputs: { digit: 4 }",
          "outputs: { digit: 5 }",
          "size: 5",
          "digits.eval.ts:35"
        ]
      ) assert.include(wrong, part)
      assert.include(messageOf(tests, "last digit 41"), "the target failed: RangeError: 41 is too large")
      // Where it was thrown, too.
      assert.include(output, "Caused by: RangeError: 41 is too large")
      assert.include(output, "digits.eval.ts:41:")
      assert.include(
        messageOf(tests, "last digit is always right"),
        "the mean of correct is 0.750 over 4 of 5 rows (1 failed and is left out), which is not at least 1"
      )
      assert.include(messageOf(tests, "last digit is surely right"), "The gate is inconclusive.")
      assert.include(messageOf(tests, "last digit is surely right"), "with 95 % confidence at least 0.356")

      const [first] = tests
      assert.deepInclude(first?.meta.evaluation ?? {}, {
        evaluation: "last digit",
        dataset: "digits",
        exampleId: "n7",
        passing: 1,
        needed: 1
      })
      assert.deepInclude(first?.meta.evaluation?.repetitions[0] ?? {}, {
        outcome: "Succeeded",
        scores: { correct: true, size: 7 },
        comments: { correct: "got 7" },
        problems: []
      })

      // The reporter shows the table and writes the experiment.
      assert.match(output, /correct │ 0\.750 │/)
      assert.deepStrictEqual(
        readdirSync(reports).sort(),
        ["csv", "html", "json", "jsonl", "md", "txt", "xml"].map((ending) => `last-digit.${ending}`)
      )
      for (const ending of ["csv", "html", "jsonl", "md", "txt", "xml"]) {
        assert.include(readFileSync(join(reports, `last-digit.${ending}`), "utf8"), "41 is too large", ending)
      }
      const written = yield* Schema.decodeEffect(Schema.fromJsonString(Experiment.schema()))(
        readFileSync(join(reports, "last-digit.json"), "utf8")
      )
      assert.strictEqual(written.rows.length, 5)

      // The store that the layer gave has it.
      const stored = yield* Effect.gen(function*() {
        const store = yield* ExperimentStore.ExperimentStore
        const [entry] = yield* Stream.runCollect(store.list({ name: "digits in a test" }))
        assert.strictEqual(entry?.header.id, first?.meta.evaluation?.experimentId)
        assert.strictEqual(entry?.status, "completed")
        return yield* store.read(entry?.header.id ?? "")
      }).pipe(Effect.provide(Layer.provide(ExperimentStore.layer, SqliteClient.layer({ filename }))))
      assert.strictEqual(stored.id, written.id)
      assert.deepStrictEqual(stored.summaries, written.summaries)
      assert.deepStrictEqual(stored.metadata["vitest"], { file: "digits.eval.ts", examples: 5, of: 5 })
    }))

  it("runs, and pays for, only what a filter leaves, and does not judge a part as the whole", async () => {
    const { calls, code, output, tests } = await run([
      "digits",
      "-t",
      "last digit > (12|30|is mostly right|is always right)$"
    ])
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(calls, ["built", "target 12", "target 30", "released"])
    assert.deepStrictEqual(tests.filter(({ status }) => status === "passed").map(({ title }) => title), ["12", "30"])
    assert.include(
      output,
      "A part: 2 of 5 examples were run. Not judged: is mostly right, is always right, is surely right."
    )
    assert.include(output, "2 rows of digits | tests(2 of 5)")
  })

  it("runs nothing for gates alone", async () => {
    const { calls, code, output } = await run(["digits", "-t", "is mostly right", "--reporter=verbose"])
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(calls, [])
    assert.include(output, "no example of digits is run here")
  })

  it("is the same when tests are concurrent and shuffled", async () => {
    // Whichever test comes first begins the run, also one of a gate in a block of `@effect/vitest`.
    const shuffled = await run(["repeated", "--sequence.shuffle.tests", "--sequence.seed=3"])
    assert.deepStrictEqual(statuses(shuffled.tests, "a block shared").filter((status) => !status.endsWith("passed")), [
      "2 of 5: failed"
    ])
    const { calls, tests } = await run(["digits", "--sequence.concurrent", "--sequence.shuffle.tests"])
    assert.deepStrictEqual(statuses(tests, "last digit").filter((status) => status.endsWith("failed")).sort(), [
      "41: failed",
      "95: failed",
      "is always right: failed",
      "is surely right: failed"
    ])
    assert.strictEqual(calls.filter((call) => call.startsWith("target")).length, 5)
    assert.deepStrictEqual([calls[0], calls.at(-1)], ["built", "released"])
  })

  it("says what is wrong with data, options, evaluators and limits", async () => {
    const { calls, output, tests } = await run(["broken", "repeated"])
    assert.include(messageOf(tests, "no data the dataset can be read"), "the examples are gone")
    assert.include(messageOf(tests, "duplicates the dataset can be read"), "have the same id")
    assert.include(messageOf(tests, "nothing there are examples"), "The dataset none has no examples.")
    assert.include(messageOf(tests, "wrong options 1"), "concurrency: expected a value greater than or equal to 1")
    assert.include(
      messageOf(tests, "too many the options can be used"),
      "from 1 to the number of repetitions, 1; it is 2"
    )
    assert.include(messageOf(tests, "misspelt the options can be used"), "gate: no such option (did you mean gates?)")
    assert.include(messageOf(tests, "no shard the options can be used"), `it is "3/2"`)
    assert.include(messageOf(tests, "no gate is no gate"), "This is no gate")
    assert.include(messageOf(tests, "no gate says none"), `expected ">=" or "<=" after correct, but there is "=>"`)
    assert.deepStrictEqual(statuses(tests, "no gate").slice(0, 4), [
      "1: passed",
      "2: passed",
      "3: passed",
      "summary: passed"
    ])
    assert.include(messageOf(tests, "no layer 2"), "the run ended before it. the server is not there")
    assert.include(messageOf(tests, "slow layer 1"), "The layer was not built within 30ms (layerTimeout)")
    assert.notInclude(output, "SchemaError")
    assert.include(messageOf(tests, "evaluators 1"), "the evaluator dies gave no score: TypeError: no such judge")
    assert.include(messageOf(tests, "evaluators summary"), "no row has od, which has a limit; the keys are dies, odd")
    assert.deepStrictEqual(statuses(tests, "evaluators").slice(1, 3), ["2: passed", "3: skipped"])
    assert.deepStrictEqual(statuses(tests, "left out"), ["not even read: skipped"])
    // The row that ended the run is there; those after it say why they are not.
    assert.include(messageOf(tests, "stopped 1"), "the target failed: no 1")
    assert.include(messageOf(tests, "stopped 2"), "the run ended before it. TooManyFailures")
    assert.include(messageOf(tests, "stopped summary"), "the run failed: TooManyFailures")
    assert.isFalse(output.includes("\u001B[2J") || output.includes("\u001B[31mhostile") || output.includes("\u0007"))

    // Repetitions, in a block of `@effect/vitest` whose services the suite shares.
    assert.deepStrictEqual(statuses(tests, "a block"), [
      "shares its services: passed",
      "2 of 5: failed",
      "3 of 5: passed",
      "5 of 5: passed",
      "summary: passed",
      "is right two times of three: passed",
      "has recorded the run: passed"
    ])
    const flaky = messageOf(tests, "a block shared 2 of 5")
    assert.include(flaky, "2 of 5 repetitions pass; at least 3 should")
    assert.include(flaky, "repetition 3: yes is false, and should be true")
    assert.notInclude(flaky, "repetition 2:")
    assert.deepStrictEqual(calls, ["built", "released"])
  })

  it("interrupts what still runs when tests stop early, and keeps what is done", async () => {
    const { calls, output, tests } = await run(["slow", "--bail", "1"], { FAIL: "1" })
    assert.include(messageOf(tests, "slow 0"), "the check failed: no 0")
    assert.deepStrictEqual([...calls].sort(), [
      "begun 1",
      "begun 2",
      "interrupted 1",
      "interrupted 2",
      "interrupted with 1"
    ])
    assert.include(output, "1 row of three")
  })

  it("ends with what is done when Vitest cancels, as it does at Ctrl-C while watching", async () => {
    const begun = begin([], {}, [join(fixtures, "cancelled.ts")])
    folders.push(begun.folder)
    const { calls } = await ended(begun)
    assert.includeMembers([...calls], ["interrupted 1", "interrupted 2", "interrupted with 1"])
  })

  it("deals examples out to shards; the reporter merges them and judges the whole", async () => {
    const blobs = join(root, `.generated/vitest-blobs-${process.pid}`)
    folders.push(blobs)
    const shard = (part: number, env: Record<string, string> = {}) =>
      run(["sharded", "--reporter=verbose", "--reporter=blob", `--outputFile.blob=${blobs}/${part}.json`], {
        SHARD: `${part}/2`,
        VITEST_BLOB_LABEL: String(part),
        SMALL: "7",
        ...env
      })
    const [first, second] = await Promise.all([shard(1), shard(2)])
    assert.deepStrictEqual([first.code, second.code], [0, 0], first.output + second.output)
    assert.deepStrictEqual(first.calls, [0, 2, 4, 6, 8].map((n) => `target ${n}`))
    assert.deepStrictEqual(second.calls, [1, 3, 5, 7, 9].map((n) => `target ${n}`))
    assert.include(first.output, "not judged: 5 of 10 examples were run here (shard 1/2)")

    const reports = join(blobs, "../", `vitest-reports-${process.pid}`)
    folders.push(reports)
    const merged = await run(["--merge-reports", blobs], { REPORTS: reports })
    assert.include(merged.output, "10 rows of ten")
    assert.include(merged.output, "merged from 2 runs")
    assert.include(
      merged.output,
      `in parts: the gate "are small" does not pass: the mean of small is 0.700 over 10 rows`
    )
    assert.strictEqual(merged.code, 1)
    assert.deepStrictEqual(merged.calls, [])
    const experiment = Schema.decodeSync(Schema.fromJsonString(Experiment.schema()))(
      readFileSync(join(reports, "in-parts.json"), "utf8")
    )
    assert.deepStrictEqual(
      experiment.rows.map(({ index, run }) => [index, run.outputs]),
      Array.from({ length: 10 }, (_, n) => [n, n])
    )
    assert.deepStrictEqual(experiment.dataset.steps, [])
    assert.strictEqual(experiment.summaryResults[0]?.skipped, "it was asked about 2 parts, not about the whole")
  })

  it("goes on watching, and runs again what has changed", async () => {
    const folder = join(root, `.generated/vitest-watched-${process.pid}`)
    folders.push(folder)
    mkdirSync(folder, { recursive: true })
    for (const file of ["vitest.config.ts", "calls.ts", "sharded.eval.ts"]) {
      const text = readFileSync(join(import.meta.dirname, "fixtures", file), "utf8")
      writeFileSync(join(folder, file), text.replace("../../../src/", "../../src/"))
    }
    const begun = begin(["watch"], { SMALL: "10" }, [vitest, "--root", folder])
    folders.push(begun.folder)
    const tables = () => begun.output().split("10 rows of ten").length - 1
    const until = (done: () => boolean) =>
      new Promise<void>((resolve, reject) => {
        const timer = setInterval(() => {
          if (!done() && begun.child.exitCode === null) return
          clearInterval(timer)
          if (done()) resolve()
          else reject(new Error(begun.output()))
        }, 50)
      })
    await until(() => tables() === 1 && begun.output().includes("Waiting for file changes"))
    assert.strictEqual(callsOf(begun.folder).length, 10)
    const file = join(folder, "sharded.eval.ts")
    writeFileSync(file, readFileSync(file, "utf8").replace("return n", "return n * 2"))
    await until(() => tables() === 2)
    assert.strictEqual(callsOf(begun.folder).length, 20)
    const gone = new Promise((resolve) => begun.child.on("close", resolve))
    begun.child.kill("SIGKILL")
    await gone
  })
})
