import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Stream } from "effect"
import { SqliteClient } from "effect-evals/sql"
import { SqlClient, type SqlError } from "effect/sql"
import { execFileSync } from "node:child_process"
import { chmodSync, chownSync, existsSync, readdirSync, readlinkSync, statSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { canRunAsOthers, nobody, onFile, withFile } from "./support.ts"

const inMemory = Effect.provide(SqliteClient.layer({ filename: ":memory:" }))

const createTable = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, data BLOB)`
  return sql
})

const insert = (name: string) => SqlClient.SqlClient.use((sql) => sql`INSERT INTO t ${sql.insert({ name })}`)
const count = SqlClient.SqlClient.use((sql) => sql<{ n: number }>`SELECT COUNT(*) AS n FROM t`).pipe(
  Effect.map((rows) => rows[0]?.n)
)

/** Where Linux says which files a process has open. */
const openFiles = "/proc/self/fd"

describe("a client on node:sqlite", () => {
  // SQLite would put as much again into it as is written.
  it.effect.skipIf(!existsSync(openFiles))(
    "needs no temporary file to insert many rows in one statement",
    () =>
      withFile((filename) =>
        Effect.gen(function*() {
          const sql = yield* createTable
          yield* sql.withTransaction(Effect.gen(function*() {
            for (let batch = 0; batch < 3; batch++) {
              const record = (i: number) => ({ name: `${batch} ${i}`, data: new Uint8Array(10_000) })
              const others = Array.from({ length: 49 }, (_, i) => record(i + 1))
              yield* sql`INSERT INTO t ${sql.insert([record(0), ...others])}`
            }
            const open = readdirSync(openFiles).flatMap((file) => {
              try {
                return [readlinkSync(`${openFiles}/${file}`)]
              } catch {
                // What was open for the listing itself.
                return []
              }
            })
            assert.include(open, filename)
            assert.deepStrictEqual(open.filter((file) => file.includes("etilqs")), [])
          }))
          assert.strictEqual(yield* count, 150)
        }).pipe(onFile(filename))
      )
  )

  it.effect("reads what it wrote, as rows, values, raw results and big integers", () =>
    Effect.gen(function*() {
      const sql = yield* createTable
      yield* sql`INSERT INTO t ${
        sql.insert([{ name: "a", data: new Uint8Array([1, 2]) }, { name: "ü\u0000b", data: null }])
      }`
      assert.deepStrictEqual(yield* sql`SELECT * FROM t WHERE name IN ${sql.in(["a", "ü\u0000b"])}`, [
        { id: 1, name: "a", data: new Uint8Array([1, 2]) },
        { id: 2, name: "ü\u0000b", data: null }
      ])
      assert.deepStrictEqual(yield* sql`SELECT id, name FROM t WHERE id = ${1}`.values, [[1, "a"]])
      assert.deepStrictEqual(yield* sql`SELECT id FROM t WHERE id = ${1}`.valuesUnprepared, [[1]])
      assert.deepStrictEqual(yield* sql`SELECT id FROM t WHERE id = ${1}`.unprepared, [{ id: 1 }])
      assert.deepInclude(yield* sql`DELETE FROM t WHERE id = ${2}`.raw, { changes: 1 })
      assert.deepStrictEqual(yield* sql`SELECT id FROM t`.raw, [{ id: 1 }])
      const big = yield* sql`SELECT 9007199254740993 AS n`.pipe(Effect.provideService(SqlClient.SafeIntegers, true))
      assert.deepStrictEqual(big, [{ n: 9007199254740993n }])
      assert.deepStrictEqual(yield* sql`SELECT ${true} AS yes, ${new Date(0)} AS day`, [
        { yes: 1, day: "1970-01-01T00:00:00.000Z" }
      ])
    }).pipe(inMemory))

  it.effect("keeps all or nothing of a transaction, and of a savepoint in one", () =>
    Effect.gen(function*() {
      const sql = yield* createTable
      const failed = yield* Effect.exit(sql.withTransaction(Effect.andThen(insert("a"), Effect.fail("no"))))
      assert.deepStrictEqual(failed, Exit.fail("no"))
      assert.strictEqual(yield* count, 0)
      yield* sql.withTransaction(Effect.gen(function*() {
        yield* insert("b")
        yield* Effect.exit(sql.withTransaction(Effect.andThen(insert("c"), Effect.fail("no"))))
        yield* sql.withTransaction(insert("d"))
      }))
      assert.deepStrictEqual(yield* sql`SELECT name FROM t`.values, [["b"], ["d"]])
    }).pipe(inMemory))

  it.effect("classifies errors as effect/sql does", () =>
    Effect.gen(function*() {
      const sql = yield* createTable
      yield* sql`CREATE TABLE child (parent INTEGER NOT NULL REFERENCES t (id))`
      yield* insert("a")
      const reason = (effect: Effect.Effect<unknown, SqlError.SqlError, SqlClient.SqlClient>) =>
        Effect.map(Effect.flip(effect), ({ reason }) => reason._tag)
      assert.strictEqual(yield* reason(insert("a")), "UniqueViolation")
      assert.strictEqual(yield* reason(sql`INSERT INTO child VALUES (7)`), "ConstraintError")
      assert.strictEqual(yield* reason(sql`SELEC`), "UnknownError")
    }).pipe(inMemory))

  it.effect("streams a select without reading it whole, and lets go of it when nobody wants more", () =>
    Effect.gen(function*() {
      const sql = yield* createTable
      const numbers = sql<{ n: number }>`
        WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000000) SELECT n FROM c`
      const some = yield* Stream.runCollect(Stream.take(numbers.stream, 300))
      assert.deepStrictEqual(some.map(({ n }) => n), Array.from({ length: 300 }, (_, i) => i + 1))
      yield* insert("after")
      const all = yield* Stream.runCollect(sql`SELECT name FROM t`.stream)
      assert.deepStrictEqual(all, [{ name: "after" }])
    }).pipe(inMemory))

  it.effect("prepares no more statements than it may", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < 10; i++) {
          assert.deepStrictEqual(yield* sql.unsafe(`SELECT ${i} AS n`), [{ n: i }])
        }
      }
    }).pipe(Effect.provide(SqliteClient.layer({ filename: ":memory:", preparedStatements: 3 }))))

  it.effect("uses write-ahead logging and foreign keys", () =>
    withFile((file) =>
      Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        assert.deepStrictEqual(yield* sql`PRAGMA journal_mode`.values, [["wal"]])
        assert.deepStrictEqual(yield* sql`PRAGMA foreign_keys`.values, [[1]])
      }).pipe(onFile(file))
    ))
})

describe("a file that is locked", () => {
  it.live("is waited for, while the other fibers go on", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* createTable
        const other = new DatabaseSync(file)
        other.exec("BEGIN IMMEDIATE; INSERT INTO t (name) VALUES ('other')")
        const sql = yield* SqlClient.SqlClient
        const writer = yield* Effect.forkChild(sql.withTransaction(insert("ours")))
        const alone = yield* Effect.forkChild(insert("alone"))
        yield* Effect.sleep("40 millis")
        assert.isUndefined(writer.pollUnsafe())
        assert.isUndefined(alone.pollUnsafe())
        other.exec("COMMIT")
        other.close()
        yield* Fiber.join(writer)
        yield* Fiber.join(alone)
        assert.strictEqual(yield* count, 3)
      }).pipe(onFile(file))
    ))

  it.live("does not stop readers", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* createTable
        const other = new DatabaseSync(file)
        other.exec("BEGIN IMMEDIATE; INSERT INTO t (name) VALUES ('other')")
        assert.strictEqual(yield* count, 0)
        other.exec("COMMIT")
        other.close()
        assert.strictEqual(yield* count, 1)
      }).pipe(onFile(file))
    ))

  it.live("for longer than the limit is a LockTimeoutError that says so", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* createTable
        const other = new DatabaseSync(file)
        other.exec("BEGIN IMMEDIATE")
        const sql = yield* SqlClient.SqlClient
        const { reason } = yield* Effect.flip(sql.withTransaction(insert("a")))
        assert.strictEqual(reason._tag, "LockTimeoutError")
        assert.match(reason.message, /evals\.db was locked by another process for more than 60 ms/)
        other.close()
        yield* insert("a")
        assert.strictEqual(yield* count, 1)
      }).pipe(onFile(file, { busyTimeoutMillis: 60 }))
    ))

  it.live("can be given up", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* createTable
        const other = new DatabaseSync(file)
        other.exec("BEGIN IMMEDIATE")
        const sql = yield* SqlClient.SqlClient
        const waiting = yield* Effect.forkChild(sql.withTransaction(insert("a")))
        yield* Effect.sleep("20 millis")
        yield* Fiber.interrupt(waiting)
        other.close()
        yield* sql.withTransaction(insert("b"))
        assert.strictEqual(yield* count, 1)
      }).pipe(onFile(file))
    ))
})

describe("a file that cannot be used", () => {
  const open = (filename: string, options?: Partial<SqliteClient.Options>) =>
    Effect.flip(Effect.scoped(Effect.provide(SqlClient.SqlClient, SqliteClient.layer({ filename, ...options }))))

  it.effect("because it is no database is left alone, and the error says what to do", () =>
    withFile((file) =>
      Effect.gen(function*() {
        writeFileSync(file, "not a database ".repeat(100))
        const { reason } = yield* open(file)
        assert.match(reason.message, /evals\.db is not a SQLite database\. Give another file name/)
        assert.strictEqual(statSync(file).size, 1500)
      })
    ))

  it.effect("because its directory is missing", () =>
    Effect.gen(function*() {
      const { reason } = yield* open("/nowhere/at/all/evals.db")
      assert.strictEqual(reason._tag, "ConnectionError")
      assert.match(reason.message, /its directory is missing/)
    }))

  it.effect("because it is to be read only, and is not there", () =>
    withFile((file) =>
      Effect.gen(function*() {
        assert.match((yield* open(file, { readOnly: true })).reason.message, /the file is not there/)
      })
    ))

  it.effect("for writing is still read with readOnly", () =>
    withFile((file) =>
      Effect.gen(function*() {
        yield* Effect.andThen(createTable, insert("a")).pipe(onFile(file))
        yield* Effect.gen(function*() {
          assert.strictEqual(yield* count, 1)
          assert.match((yield* Effect.flip(insert("b"))).reason.message, /opened with \{ readOnly: true \}/)
          const sql = yield* SqlClient.SqlClient
          assert.strictEqual(yield* sql.withTransaction(count), 1)
        }).pipe(onFile(file, { readOnly: true }))
      })
    ))

  it.effect.skipIf(!canRunAsOthers)(
    "because this user may not write it",
    () =>
      withFile((file) =>
        Effect.gen(function*() {
          yield* Effect.andThen(createTable, insert("a")).pipe(onFile(file))
          chmodSync(file, 0o444)
          chmodSync(dirname(file), 0o555)
          // Root may write anything, so root asks as somebody else.
          const root = process.getuid?.() === 0
          if (root) chownSync(file, 0, 0)
          const program = `
          import { Effect } from "effect"
          import { SqlClient } from "effect/sql"
          import { SqliteClient } from "effect-evals/sql"
          const layer = SqliteClient.layer({ filename: ${JSON.stringify(file)} })
          const write = SqlClient.SqlClient.use((sql) => sql\`INSERT INTO t (name) VALUES ('b')\`)
          const error = await Effect.runPromise(Effect.flip(Effect.provide(write, layer)))
          console.log(error.reason.message)`
          const message = execFileSync(
            process.execPath,
            ["--conditions=effect-evals-source", "--input-type=module", "--eval", program],
            { cwd: process.cwd(), encoding: "utf8", ...(root ? nobody : {}) }
          )
          chmodSync(dirname(file), 0o755)
          assert.match(message, /evals\.db cannot be (written|opened)/)
        })
      )
  )
})
