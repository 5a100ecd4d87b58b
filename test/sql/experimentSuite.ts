/** What every experiment store must do, whatever database it is on. */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Cause, Effect, FileSystem, Layer, Stream, Struct } from "effect"
import { Dataset, Evaluation, Evaluator, type Experiment, Journal, Row, type TracingClient } from "effect-evals"
import { ExperimentStore, type StoreError } from "effect-evals/sql"
import { TestClock } from "effect/testing"
import { numbers } from "../support/run.ts"

const evaluation = Evaluation.make("stored", {
  data: numbers(20),
  target: (n) =>
    n === 3
      ? Effect.fail(new Error("three"))
      : Effect.succeed({ n, text: "nul \u0000 and half a pair \ud800" }).pipe(
        Effect.withSpan("child", { attributes: { n } })
      )
})

const evaluators = [
  Evaluator.make("n", ({ outputs }: Evaluator.EvaluatorArgs<unknown, { readonly n: number }>) => outputs.n),
  Evaluator.make("label", () => ({ value: "good", comment: "c" })),
  Evaluator.make(
    "broken",
    ({ outputs }: Evaluator.EvaluatorArgs<unknown, { readonly n: number }>) =>
      outputs.n === 5 ? Effect.fail("no") : true
  )
]

const run = (name: string, tags: ReadonlyArray<string> = []) =>
  Evaluation.run(evaluation, { name, tags, evaluators, repetitions: 2 })

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) => Stream.runCollect(stream)
const withoutRows = (experiment: Experiment.Experiment) => Struct.omit(experiment, ["rows"])

const sameRow = (actual: Row.Row | undefined, expected: Row.Row) => {
  assert.isDefined(actual)
  assert.deepStrictEqual(Row.results(actual), Row.results(expected))
  assert.deepStrictEqual(actual.run.childRuns, expected.run.childRuns)
  assert.deepStrictEqual(actual.run.attempts, expected.run.attempts)
  assert.strictEqual(actual.run.error, expected.run.error)
  assert.strictEqual(actual.run.id, expected.run.id)
  assert.deepStrictEqual(actual.run.outputs, expected.run.outputs)
  assert.strictEqual(actual.example.contentHash, expected.example.contentHash)
}

export const experimentSuite = <E>(
  name: string,
  store: Layer.Layer<ExperimentStore.ExperimentStore, E>
): void =>
  layer(Layer.provideMerge(ExperimentStore.layerTracingClient, store))(`an experiment store ${name}`, (it) => {
    const test = (
      title: string,
      f: (
        store: ExperimentStore.ExperimentStore["Service"]
      ) => Effect.Effect<
        void,
        unknown,
        ExperimentStore.ExperimentStore | TracingClient.TracingClient | FileSystem.FileSystem
      >
    ) => it.effect(title, () => ExperimentStore.ExperimentStore.use(f).pipe(Effect.provide(NodeServices.layer)))

    test("gives back what was recorded", (store) =>
      Effect.gen(function*() {
        const experiment = yield* run("recorded", ["a", "b", "a"])
        assert.deepStrictEqual(experiment.tracingFailures, [])
        const again = yield* store.read(experiment.id)
        assert.deepStrictEqual(withoutRows(again), withoutRows(experiment))
        assert.strictEqual(again.rows.length, 40)
        for (const [index, row] of experiment.rows.entries()) sameRow(again.rows[index], row)
        const failed = again.rows[6]?.run.outcome
        assert.match(failed?._tag === "Failed" ? Cause.pretty(failed.cause) : "", /Error: three\n\s+at /)
      }))

    test("gives header and summaries, row summaries, and rows on their own", (store) =>
      Effect.gen(function*() {
        const experiment = yield* run("parts")
        const entry = yield* store.get(experiment.id)
        assert.strictEqual(entry.status, "completed")
        assert.strictEqual(entry.header.name, "parts")
        assert.deepStrictEqual(entry.footer?.summaries, experiment.summaries)
        const summaries = yield* collect(store.rowSummaries(experiment.id))
        assert.deepStrictEqual(
          summaries.map(({ contentHash, failed, index, outcome, repetition, runId }) => ({
            contentHash,
            failed,
            index,
            outcome,
            repetition,
            runId
          })),
          experiment.rows.map((row) => ({
            contentHash: row.example.contentHash,
            failed: Row.isFailure(row),
            index: row.index,
            outcome: row.run.outcome._tag,
            repetition: row.run.repetition,
            runId: row.run.id
          }))
        )
        assert.deepStrictEqual(summaries[4]?.scores, [
          { evaluator: "n", key: "n", score: 2, label: undefined },
          { evaluator: "label", key: "label", score: undefined, label: "good" },
          { evaluator: "broken", key: "broken", score: 1, label: undefined }
        ])
        assert.strictEqual(summaries[6]?.error, experiment.rows[6]?.run.error)
        const failed = yield* collect(store.rows(experiment.id, { failed: true }))
        assert.deepStrictEqual(failed.map(({ index }) => index), [6, 7, 10, 11])
        const some = yield* collect(store.rows(experiment.id, { failed: false, offset: 5, limit: 3 }))
        assert.deepStrictEqual(some.map(({ index }) => index), [5, 8, 9])
        const ofExample = yield* collect(store.rowSummaries(experiment.id, { exampleId: "n9" }))
        assert.deepStrictEqual(ofExample.map(({ index }) => index), [18, 19])
        const contentHash = experiment.rows[4]?.example.contentHash ?? ""
        const ofContent = yield* collect(store.rowSummaries(experiment.id, { contentHash }))
        assert.deepStrictEqual(ofContent.map(({ index }) => index), [4, 5])
      }))

    test("lists experiments, the newest first, by what is asked for", (store) =>
      Effect.gen(function*() {
        const ids: Array<string> = []
        yield* TestClock.adjust("1 hour")
        for (const [i, tags] of [["x", "y"], ["y"], ["x"], ["x", "y"], []].entries()) {
          yield* TestClock.adjust("1 second")
          ids.push((yield* run(i < 3 ? "listed" : "listed too", ["listed", ...tags])).id)
        }
        const [header] = (yield* collect(store.list({ limit: 1 }))).map(({ header }) => header)
        const listed = (filter: ExperimentStore.Filter) =>
          Effect.map(
            collect(store.list({ tags: ["listed"], ...filter })),
            (entries) => entries.map(({ header }) => ids.indexOf(header.id))
          )
        assert.deepStrictEqual(yield* listed({}), [4, 3, 2, 1, 0])
        assert.deepStrictEqual(yield* listed({ name: "listed" }), [2, 1, 0])
        assert.deepStrictEqual(yield* listed({ evaluation: "stored", dataset: "numbers", status: "completed" }), [
          4,
          3,
          2,
          1,
          0
        ])
        assert.deepStrictEqual(yield* listed({ dataset: "letters" }), [])
        assert.deepStrictEqual(yield* listed({ status: ["failed", "running"] }), [])
        assert.deepStrictEqual(yield* listed({ tags: ["listed", "x", "y"] }), [3, 0])
        assert.deepStrictEqual(yield* listed({ targetFingerprint: header?.target.fingerprint ?? "" }), [4, 3, 2, 1, 0])
        assert.deepStrictEqual(yield* listed({ targetFingerprint: "another" }), [])
        const time = (i: number) => Effect.map(store.get(ids[i] ?? ""), ({ header }) => header.startTime)
        assert.deepStrictEqual(yield* listed({ startedFrom: yield* time(1), startedBefore: yield* time(3) }), [2, 1])
        assert.deepStrictEqual(yield* listed({ limit: 2, offset: 1 }), [3, 2])
        assert.deepStrictEqual(yield* listed({ limit: 0 }), [])
      }))

    test("reads more than a page of experiments and rows", (store) =>
      Effect.gen(function*() {
        const one = yield* Evaluation.run(Evaluation.make("many", { data: numbers(350), target: (n) => n }))
        const { header } = yield* store.get(one.id)
        for (let i = 0; i < 230; i++) yield* store.begin({ ...header, id: `copy ${i}`, name: "copies", tags: [] })
        const copies = yield* collect(store.list({ name: "copies" }))
        // All began at the same time: what is not in order of time is in that of being made.
        assert.deepStrictEqual(
          copies.map(({ header }) => header.id),
          Array.from({ length: 230 }, (_, i) => `copy ${229 - i}`)
        )
        const some = yield* collect(store.list({ name: "copies", offset: 7, limit: 150 }))
        assert.deepStrictEqual(some, copies.slice(7, 157))
        assert.strictEqual(copies[0]?.status, "running")
        const rows = yield* collect(store.rows(one.id))
        assert.deepStrictEqual(rows.map(({ index }) => index), Array.from({ length: 350 }, (_, i) => i))
        const summaries = yield* collect(store.rowSummaries(one.id, { offset: 90, limit: 120 }))
        assert.deepStrictEqual(summaries.map(({ index }) => index), Array.from({ length: 120 }, (_, i) => 90 + i))
      }))

    test("can be written to while it is read", (store) =>
      Effect.gen(function*() {
        const { id } = yield* run("busy")
        yield* store.rows(id).pipe(
          Stream.runForEach((row) =>
            store.addFeedback({ experimentId: id, row: row.index, result: { key: "seen", score: true }, author: "me" })
          )
        )
        assert.strictEqual((yield* collect(store.feedback(id))).length, 40)
      }))

    test("takes a whole experiment where its header and its footer are wanted, and writes those alone", (store) =>
      Effect.gen(function*() {
        const experiment = { ...(yield* run("whole")), id: "a whole one" }
        yield* store.begin(experiment)
        yield* store.end(experiment.id, experiment)
        const [first = "", last = ""] = yield* collect(store.journalLines(experiment.id))
        const { header } = JSON.parse(first) as { readonly header: object }
        const { footer } = JSON.parse(last) as { readonly footer: object }
        assert.doesNotHaveAnyKeys(header, ["rows", "summaries", "status"])
        assert.doesNotHaveAnyKeys(footer, ["rows", "name", "dataset"])
        assert.deepStrictEqual((yield* store.get(experiment.id)).footer?.summaries, experiment.summaries)
        yield* store.remove(experiment.id)
      }))

    test("puts a row that comes again in place of the first, and takes the end back when an experiment goes on", (store) =>
      Effect.gen(function*() {
        const { id, rows } = yield* run("again")
        const { footer, header } = yield* store.get(id)
        yield* store.begin({ ...header, tags: ["resumed"] })
        assert.deepInclude(yield* store.get(id), { status: "running", footer: undefined })
        const [first, second] = rows
        assert.isDefined(first)
        assert.isDefined(second)
        assert.isDefined(footer)
        const changed = (comment: string): Row.Row => ({
          ...first,
          evaluations: [{
            ...first.evaluations[0]!,
            outcome: { _tag: "Scored", results: [{ key: "new", score: 7, comment }] }
          }]
        })
        yield* store.record(id, [second, changed("not this one"), changed("this one")])
        yield* store.end(id, footer)
        const again = yield* store.read(id)
        assert.strictEqual(again.rows.length, 40)
        assert.deepStrictEqual(Row.results(again.rows[0]!), [{ key: "new", score: 7, comment: "this one" }])
        sameRow(again.rows[1], second)
        const [summary] = yield* collect(store.rowSummaries(id, { limit: 1 }))
        assert.deepStrictEqual(summary?.scores, [{ evaluator: "n", key: "new", score: 7, label: undefined }])
        assert.deepStrictEqual((yield* collect(store.list({ tags: ["resumed"] }))).map(({ header }) => header.id), [id])
      }))

    test("keeps the history of feedback", (store) =>
      Effect.gen(function*() {
        const { id, rows } = yield* run("corrected")
        const say = (row: number, score: number, author: string, reason?: string) =>
          Effect.andThen(
            TestClock.adjust("1 second"),
            store.addFeedback({
              experimentId: id,
              row,
              result: { key: "n", score, correction: { n: score } },
              author,
              reason
            })
          )
        const first = yield* say(1, 0, "ada", "the question asks for zero")
        yield* say(2, 5, "ada")
        const second = yield* say(1, 1, "grace", "on second thought")
        assert.deepStrictEqual(first, {
          id: first.id,
          experimentId: id,
          row: 1,
          runId: rows[1]?.run.id ?? "",
          result: { key: "n", score: 0, correction: { n: 0 } },
          author: "ada",
          reason: "the question asks for zero",
          time: second.time - 2000
        })
        const scores = (filter: ExperimentStore.FeedbackFilter) =>
          Effect.map(collect(store.feedback(id, filter)), (all) => all.map(({ result }) => result.score))
        assert.deepStrictEqual(yield* collect(store.feedback(id, { row: 1 })), [first, second])
        assert.deepStrictEqual(yield* scores({}), [0, 5, 1])
        assert.deepStrictEqual(yield* scores({ latest: true }), [5, 1])
        assert.deepStrictEqual(yield* scores({ author: "ada" }), [0, 5])
        assert.deepStrictEqual(yield* scores({ author: "ada", latest: true }), [5])
        assert.deepStrictEqual(yield* scores({ key: "other" }), [])
        // What the evaluator said stays as it was.
        assert.strictEqual(Row.score((yield* collect(store.rows(id, { offset: 1, limit: 1 })))[0]!, "n"), 0)
        const wrong = yield* Effect.flip(
          store.addFeedback({ experimentId: id, row: 1, result: { key: "n", score: Number.NaN }, author: "ada" })
        )
        assert.strictEqual(wrong.reason, "Invalid")
        const nowhere = yield* Effect.flip(
          store.addFeedback({ experimentId: id, row: 40, result: { key: "n", score: 1 }, author: "ada" })
        )
        assert.match(nowhere.message, /There is no row 40 of the experiment/)
      }))

    test("deletes an experiment with all that belongs to it, and nothing else", (store) =>
      Effect.gen(function*() {
        const gone = yield* run("gone", ["deletion"])
        const stays = yield* run("stays", ["deletion"])
        yield* store.addFeedback({ experimentId: gone.id, row: 1, result: { key: "n", score: 1 }, author: "a" })
        yield* store.remove(gone.id)
        assert.strictEqual((yield* store.read(stays.id)).rows.length, 40)
        assert.deepStrictEqual((yield* collect(store.list({ tags: ["deletion"] }))).map(({ header }) => header.id), [
          stays.id
        ])
        const missing = [
          store.get(gone.id),
          store.read(gone.id),
          store.remove(gone.id),
          collect(store.rows(gone.id)),
          collect(store.rowSummaries(gone.id)),
          collect(store.feedback(gone.id)),
          collect(store.journalLines(gone.id)),
          store.record(gone.id, gone.rows),
          store.end(gone.id, gone)
        ]
        for (const effect of missing) {
          const error = yield* Effect.flip(effect as Effect.Effect<unknown, StoreError>)
          assert.strictEqual(error.reason, "NotFound")
          assert.match(error.message, new RegExp(`There is no experiment ${gone.id} in this store`))
        }
      }))

    test("writes journals and takes them in", (store) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* fileSystem.makeTempDirectoryScoped()
        const experiment = yield* run("travels", ["far"])
        const file = `${directory}/travels.jsonl`
        yield* ExperimentStore.exportJournal(experiment.id, file)
        const journal = yield* Journal.read(file)
        assert.deepStrictEqual(withoutRows(journal), withoutRows(experiment))
        for (const [index, row] of experiment.rows.entries()) sameRow(journal.rows[index], row)

        const taken = yield* Effect.flip(ExperimentStore.importJournal(file))
        assert.deepInclude(taken, { _tag: "StoreError", reason: "AlreadyExists" })
        const before = yield* store.read(experiment.id)
        yield* store.remove(experiment.id)
        assert.strictEqual(yield* ExperimentStore.importJournal(file), experiment.id)
        // Causes are read as new errors each time.
        const plain = (experiment: Experiment.Experiment) => JSON.stringify(experiment)
        assert.strictEqual(plain(yield* store.read(experiment.id)), plain(before))

        const text = yield* fileSystem.readFileString(file)
        const lines = text.split("\n")
        yield* store.remove(experiment.id)
        yield* fileSystem.writeFileString(file, lines.slice(0, 30).join("\n") + "\n{\"event")
        yield* ExperimentStore.importJournal(file)
        assert.deepInclude(yield* store.get(experiment.id), { status: "interrupted", footer: undefined })
        assert.strictEqual((yield* store.read(experiment.id)).rowCount, 29)

        yield* store.remove(experiment.id)
        yield* fileSystem.writeFileString(file, lines.toSpliced(30, 1, "garbage").join("\n"))
        assert.match((yield* Effect.flip(ExperimentStore.importJournal(file))).message, /:31 is no event of a journal/)
        assert.strictEqual((yield* Effect.flip(store.get(experiment.id))).reason, "NotFound")

        yield* fileSystem.writeFileString(file, lines.slice(1).join("\n"))
        assert.match((yield* Effect.flip(ExperimentStore.importJournal(file))).message, /begins with its start event/)
        yield* fileSystem.writeFileString(file, "")
        assert.match((yield* Effect.flip(ExperimentStore.importJournal(file))).message, /it has no start event/)
        yield* fileSystem.writeFileString(file, text + text.replaceAll(experiment.id, "another id"))
        assert.match((yield* Effect.flip(ExperimentStore.importJournal(file))).message, /goes on with another one/)
        assert.strictEqual((yield* Effect.flip(store.get(experiment.id))).reason, "NotFound")
      }).pipe(Effect.scoped))

    test("takes several experiments at once", (store) =>
      Effect.gen(function*() {
        const all = yield* Effect.forEach(
          Array.from({ length: 6 }, (_, i) => `at once ${i}`),
          (name) =>
            Evaluation.run(
              Evaluation.make(name, {
                data: Dataset.fromIterable(name, Array.from({ length: 150 }, (_, n) => ({ inputs: `${name} ${n}` }))),
                target: (text) => Effect.as(Effect.yieldNow, text.length)
              }),
              { evaluators: [Evaluator.make("length", ({ outputs }) => outputs)], concurrency: 4 }
            ),
          { concurrency: "unbounded" }
        )
        for (const experiment of all) {
          assert.deepStrictEqual(experiment.tracingFailures, [])
          const rows = yield* collect(store.rows(experiment.id))
          assert.deepStrictEqual(
            rows.map(({ example }) => example.inputs),
            experiment.rows.map(({ example }) => example.inputs)
          )
        }
      }))
  })
