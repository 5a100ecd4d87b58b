import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { Evaluation, Row, TracingClient } from "effect-evals"
import { ExperimentStore, Migrations, SqliteClient } from "effect-evals/sql"
import { ChildProcess } from "effect/process"
import { SqlClient } from "effect/sql"
import { closeSync, openSync, statSync, writeSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { rowText } from "../../src/internal/journal/rowText.ts"
import { numbers } from "../support/run.ts"
import { withFile } from "./support.ts"

const program = (file: string, name: string, rows: number) =>
  ChildProcess.make(process.execPath, [
    "--conditions=effect-evals-source",
    `${import.meta.dirname}/../programs/stored.ts`,
    file,
    name,
    String(rows)
  ], { stderr: "inherit" })

const lines = (process: { readonly stdout: Stream.Stream<Uint8Array, unknown> }) =>
  process.stdout.pipe(Stream.decodeText(), Stream.splitLines)

const onStore = (filename: string) =>
  Effect.provide(Layer.provideMerge(ExperimentStore.layer, SqliteClient.layer({ filename })))

/** Every row whole, and what stands in columns the same as what stands in the row. */
const checkRows = Effect.fnUntraced(function*(
  store: ExperimentStore.ExperimentStore["Service"],
  id: string,
  name: string
) {
  const rows = yield* Stream.runCollect(store.rows(id))
  const summaries = yield* Stream.runCollect(store.rowSummaries(id))
  assert.strictEqual(new Set(rows.map(({ index }) => index)).size, rows.length)
  assert.strictEqual(summaries.length, rows.length)
  for (const [i, row] of rows.entries()) {
    assert.deepStrictEqual(row.run.outputs, { n: row.index, text: `${name} ${row.index} `.repeat(20) })
    assert.strictEqual(row.run.childRuns[0]?.name, "answer")
    assert.strictEqual(Row.score(row, "n"), row.index)
    assert.deepStrictEqual(summaries[i]?.scores, [{ evaluator: "n", key: "n", score: row.index, label: undefined }])
  }
  return rows.length
})

describe("processes on one SQLite file", () => {
  it.live("write at once, and nothing is lost", () =>
    withFile((file) =>
      Effect.gen(function*() {
        // None of them finds tables: whoever comes first makes them.
        const names = ["first", "second", "third"]
        const outputs = yield* Effect.forEach(
          names,
          (name) =>
            Effect.gen(function*() {
              const process = yield* program(file, name, 2000)
              return yield* Stream.runCollect(lines(process))
            }).pipe(Effect.scoped),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(outputs.map((lines) => lines.at(-1)), names.map((name) => `done ${name}`))
        yield* Effect.gen(function*() {
          const store = yield* ExperimentStore.ExperimentStore
          const entries = yield* Stream.runCollect(store.list())
          assert.deepStrictEqual(entries.map(({ header }) => header.name).sort(), names.toSorted())
          for (const { footer, header, status } of entries) {
            assert.strictEqual(status, "completed")
            assert.deepStrictEqual(footer?.tracingFailures, [])
            assert.strictEqual(yield* checkRows(store, header.id, header.name), 2000)
          }
          const json = yield* Stream.fromIterable(entries).pipe(
            Stream.flatMap(({ header }) => store.rows(header.id)),
            Stream.runFold(() => 0, (sum, row) => sum + Buffer.byteLength(rowText(row)))
          )
          assert.isBelow(statSync(file).size, 1.5 * json)
        }).pipe(onStore(file))
      })
    ), 60_000)

  it.live(
    "that are killed leave what they committed, and others go on",
    () =>
      withFile((file) =>
        Effect.gen(function*() {
          for (const batches of [1, 3, 7]) {
            const name = `killed after ${batches}`
            const other = yield* Effect.forkChild(
              Effect.gen(function*() {
                return yield* Stream.runCollect(lines(yield* program(file, `beside ${batches}`, 500)))
              }).pipe(Effect.scoped)
            )
            const seen = yield* Effect.gen(function*() {
              const process = yield* program(file, name, 1_000_000)
              const seen = yield* lines(process).pipe(Stream.take(batches), Stream.runCollect)
              yield* process.kill({ killSignal: "SIGKILL" })
              return seen
            }).pipe(Effect.scoped)
            const committed = seen.reduce((sum, line) => sum + Number(line.replace("committed ", "")), 0)
            assert.isAbove(committed, 0)
            assert.strictEqual((yield* Fiber.join(other)).at(-1), `done beside ${batches}`)
            yield* Effect.gen(function*() {
              const store = yield* ExperimentStore.ExperimentStore
              const [entry] = yield* Stream.runCollect(store.list({ name }))
              assert.isDefined(entry)
              assert.deepInclude(entry, { status: "running", footer: undefined })
              const count = yield* checkRows(store, entry.header.id, name)
              assert.isAtLeast(count, committed)
              const read = yield* store.read(entry.header.id)
              assert.deepInclude(read, { status: "interrupted", rowCount: count })
              assert.strictEqual(read.summaries["n"]?.outcomes.scored, count)
              const sql = yield* SqlClient.SqlClient
              assert.deepStrictEqual(yield* sql`PRAGMA integrity_check`.values, [["ok"]])
            }).pipe(onStore(file))
          }
        })
      ),
    60_000
  )
})

describe("a file", () => {
  it.effect("of a newer version is refused, and left as it is", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* Effect.void.pipe(onStore(file))
        const newer = Migrations.version + 1
        const insert = SqlClient.SqlClient.use((sql) =>
          sql`INSERT INTO evals_migrations ${sql.insert({ migration_id: newer, name: "from the future" })}`
        )
        const client = SqliteClient.layer({ filename: file })
        yield* Effect.provide(insert, client)
        const error = yield* Effect.flip(Effect.void.pipe(onStore(file)))
        assert.deepInclude(error, { _tag: "SchemaTooNew", found: newer, known: Migrations.version })
        assert.match(error.message, /Use a newer version of effect-evals, or another database/)
        assert.strictEqual(yield* Effect.provide(Migrations.versionInDatabase, client), newer)
      })
    ))

  it.effect("that is read only is read, and says so when something is written", () =>
    withFile((filename) =>
      Effect.gen(function*() {
        yield* Effect.void.pipe(onStore(filename))
        const readOnly = Layer.provide(ExperimentStore.layer, SqliteClient.layer({ filename, readOnly: true }))
        yield* Effect.gen(function*() {
          const store = yield* ExperimentStore.ExperimentStore
          assert.deepStrictEqual(yield* Stream.runCollect(store.list()), [])
          const error = yield* Effect.flip(store.remove("any"))
          assert.strictEqual(error.reason, "Database")
          assert.match(error.message, /opened with \{ readOnly: true \}/)
        }).pipe(Effect.provide(readOnly))
      })
    ))

  it.live("that stays locked loses the experiment its rows, and the experiment says so", () =>
    withFile((filename) =>
      Effect.gen(function*() {
        const other = new DatabaseSync(filename, { open: false })
        const layer = ExperimentStore.layerTracingClient.pipe(
          Layer.provideMerge(ExperimentStore.layer),
          Layer.provide(SqliteClient.layer({ filename, busyTimeoutMillis: 30 }))
        )
        yield* Effect.gen(function*() {
          const experiment = yield* Evaluation.run(Evaluation.make("locked out", {
            data: numbers(40),
            target: (n) => {
              if (n === 0) {
                other.open()
                other.exec("BEGIN IMMEDIATE")
              }
              return n
            }
          }))
          other.close()
          const lost = experiment.tracingFailures.reduce((sum, { rows }) => sum + rows, 0)
          assert.strictEqual(lost, 40)
          assert.match(experiment.tracingFailures[0]?.message ?? "", /locked by another process for more than 30 ms/)
          const store = yield* ExperimentStore.ExperimentStore
          assert.strictEqual((yield* store.get(experiment.id)).status, "running")
          // What is in hand can be written once the file is free.
          yield* store.record(experiment.id, experiment.rows)
          yield* store.end(experiment.id, experiment)
          assert.strictEqual((yield* store.read(experiment.id)).rows.length, 40)
        }).pipe(Effect.provide(layer))
      })
    ))

  it.effect("that may not grow keeps what was committed", () =>
    withFile((filename) =>
      Effect.gen(function*() {
        const store = yield* ExperimentStore.ExperimentStore
        const sql = yield* SqlClient.SqlClient
        const experiment = yield* Evaluation.run(
          Evaluation.make("full", { data: numbers(300), target: (n) => `${n} `.repeat(500) })
        ).pipe(Effect.provide(TracingClient.layerNone))
        yield* store.begin(experiment)
        yield* store.record(experiment.id, experiment.rows.slice(0, 10))
        const [pages] = yield* sql<{ page_count: number }>`PRAGMA page_count`
        // What SQLite says when it may not grow is what it says when the disk is full.
        yield* sql`PRAGMA max_page_count = ${sql.literal(String(pages?.page_count ?? 0))}`
        const error = yield* Effect.flip(store.record(experiment.id, experiment.rows.slice(10)))
        assert.match(error.message, /is full\. What was committed is safe/)
        assert.strictEqual((yield* Stream.runCollect(store.rows(experiment.id))).length, 10)
        assert.deepStrictEqual(yield* sql`PRAGMA integrity_check`.values, [["ok"]])
        yield* sql`PRAGMA max_page_count = 1000000`
        yield* store.record(experiment.id, experiment.rows.slice(10))
        assert.strictEqual((yield* Stream.runCollect(store.rows(experiment.id))).length, 300)
      }).pipe(onStore(filename))
    ))

  it.effect("with garbage in the middle says so, and does not make rows up", () =>
    withFile((file) =>
      Effect.gen(function*() {
        const name = "spoiled"
        yield* Effect.scoped(Effect.gen(function*() {
          yield* Stream.runDrain(lines(yield* program(file, name, 500)))
        }))
        const descriptor = openSync(file, "r+")
        for (let page = 10; page < 30; page++) writeSync(descriptor, Buffer.alloc(8192, 7), 0, 8192, page * 16_384)
        closeSync(descriptor)
        const error = yield* Effect.gen(function*() {
          const store = yield* ExperimentStore.ExperimentStore
          const [entry] = yield* Stream.runCollect(store.list({ name }))
          return yield* Effect.flip(Stream.runCollect(store.rows(entry?.header.id ?? "")))
        }).pipe(onStore(file))
        assert.strictEqual(error.reason, "Database")
        assert.match(error.message, /malformed/)
      })
    ))
}, 60_000)
