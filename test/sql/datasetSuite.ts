/** What every dataset store must do, whatever database it is on. */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, type Layer, Schema, Stream } from "effect"
import { Attachment, Dataset, Evaluation, Example, type Target, TracingClient } from "effect-evals"
import { DatasetStore } from "effect-evals/sql"
import * as FileSystem from "effect/FileSystem"
import { TestClock } from "effect/testing"

const collect = <A, E, R>(stream: Stream.Stream<A, E, R>) => Stream.runCollect(stream)

const sums = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({
    id: `sum ${from + i}`,
    inputs: { a: from + i },
    referenceOutputs: { sum: 2 * (from + i) },
    metadata: { even: i % 2 === 0, level: { of: i % 3 } },
    split: i % 4 === 0 ? ["test", "small"] : "train"
  }))

export const datasetSuite = <E>(name: string, store: Layer.Layer<DatasetStore.DatasetStore, E>): void =>
  layer(store)(`a dataset store ${name}`, (it) => {
    const test = (
      title: string,
      f: (
        store: DatasetStore.DatasetStore["Service"],
        dataset: string
      ) => Effect.Effect<void, unknown, DatasetStore.DatasetStore | FileSystem.FileSystem>
    ) =>
      it.effect(
        title,
        () =>
          DatasetStore.DatasetStore.use((store) => Effect.andThen(store.create(title), f(store, title))).pipe(
            Effect.provide(NodeServices.layer)
          )
      )

    test("creates, lists, changes and deletes datasets", (store) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("5 seconds")
        const made = yield* store.create("b", { description: "the second", metadata: { team: "x" } })
        assert.deepStrictEqual(made, {
          name: "b",
          description: "the second",
          metadata: { team: "x" },
          version: 0,
          size: 0,
          tags: {},
          createdAt: made.createdAt
        })
        yield* store.create("listed a")
        const taken = yield* Effect.flip(store.create("b"))
        assert.deepInclude(taken, { reason: "AlreadyExists" })
        assert.match(taken.message, /There is a dataset "b" in this store already/)
        const names = (filter: Parameters<typeof store.list>[0]) =>
          Effect.map(collect(store.list(filter)), (infos) => infos.map(({ name }) => name))
        assert.includeMembers(yield* names({}), ["b", "listed a"])
        assert.deepStrictEqual(yield* names({ nameContains: "ed a" }), ["listed a"])
        assert.deepStrictEqual(yield* names({ nameContains: "%" }), [])
        assert.strictEqual((yield* names({ limit: 1 })).length, 1)
        assert.deepStrictEqual(yield* names({ offset: 1 }), (yield* names({})).slice(1))
        const renamed = yield* store.update("b", { name: "b renamed", description: null })
        assert.deepInclude(renamed, { name: "b renamed", description: undefined, metadata: { team: "x" } })
        assert.strictEqual(
          (yield* Effect.flip(store.update("b renamed", { name: "listed a" }))).reason,
          "AlreadyExists"
        )
        yield* store.addExamples("b renamed", sums(3))
        yield* store.remove("b renamed")
        for (
          const gone of [
            store.get("b renamed"),
            store.remove("b renamed"),
            store.update("b renamed", {}),
            collect(store.examples("b renamed")),
            collect(store.versions("b renamed")),
            store.addExamples("b renamed", [])
          ]
        ) {
          assert.strictEqual(
            (yield* Effect.flip(gone as Effect.Effect<unknown, { reason: string }>)).reason,
            "NotFound"
          )
        }
        assert.strictEqual((yield* Effect.flip(store.create("nul \0"))).reason, "Invalid")
        assert.strictEqual((yield* Effect.flip(store.create(""))).reason, "Invalid")
      }))

    test("makes a version of every change, and reads each as it was", (store, name) =>
      Effect.gen(function*() {
        yield* TestClock.adjust("5 seconds")
        const first = yield* store.addExamples(name, sums(5), { note: "the first five" })
        assert.deepStrictEqual(first, {
          version: 1,
          createdAt: first.createdAt,
          note: "the first five",
          added: 5,
          updated: 0,
          deleted: 0,
          size: 5
        })
        const second = yield* store.updateExamples(name, [
          { id: "sum 1", inputs: { a: 100 } },
          { id: "sum 2", referenceOutputs: null, metadata: null, split: null },
          // Nothing new, so no update.
          { id: "sum 3", inputs: { a: 3 } },
          { id: "sum 1", split: "test" }
        ])
        assert.deepInclude(second, { version: 2, added: 0, updated: 2, deleted: 0, size: 5 })
        assert.deepInclude(yield* store.deleteExamples(name, ["sum 0", "sum 4", "sum 0"]), {
          version: 3,
          deleted: 2,
          size: 3
        })
        assert.deepInclude(yield* store.addExamples(name, sums(1)), { version: 4, size: 4 })
        const same = yield* store.updateExamples(name, [{ id: "sum 3" }])
        assert.strictEqual(same.version, 4)
        assert.strictEqual((yield* store.addExamples(name, [])).version, 4)
        const ids = (asOf?: DatasetStore.AsOf) =>
          Effect.map(collect(store.examples(name, { asOf })), (examples) =>
            examples.map(({ id }) => id.slice(4)).join(""))
        assert.deepStrictEqual(
          yield* Effect.forEach([0, 1, 2, 3, 4, undefined], (asOf) =>
            ids(asOf)),
          ["", "01234", "01234", "123", "1230", "1230"]
        )
        const [one] = yield* collect(store.examples(name, { asOf: 1, ids: ["sum 1"] }))
        assert.deepStrictEqual(one, {
          id: "sum 1",
          inputs: { a: 1 },
          referenceOutputs: { sum: 2 },
          metadata: { even: false, level: { of: 1 } },
          splits: ["train"],
          attachments: {}
        })
        const [changed, emptied] = yield* collect(store.examples(name, { ids: ["sum 2", "sum 1"] }))
        assert.isDefined(one)
        assert.deepStrictEqual(changed, { ...one, inputs: { a: 100 }, splits: ["test"] })
        assert.deepStrictEqual(emptied, {
          id: "sum 2",
          inputs: { a: 2 },
          referenceOutputs: undefined,
          metadata: {},
          splits: [],
          attachments: {}
        })
        assert.deepStrictEqual(
          (yield* collect(store.versions(name))).map(({ size, version }) => [version, size]),
          [[4, 4], [3, 3], [2, 5], [1, 5], [0, 0]]
        )
      }))

    test("tells how two versions differ", (store, name) =>
      Effect.gen(function*() {
        yield* store.addExamples(name, sums(4))
        yield* store.updateExamples(name, [{ id: "sum 1", inputs: { a: -1 } }, { id: "sum 2", inputs: { a: -2 } }])
        yield* store.updateExamples(name, [{ id: "sum 2", inputs: { a: 2 } }])
        yield* store.deleteExamples(name, ["sum 0", "sum 3"])
        yield* store.addExamples(name, [...sums(1, 9), { ...sums(4)[3]!, inputs: { a: 33 } }])
        const ids = ({ added, deleted, updated }: DatasetStore.Difference) => ({
          added: added.map(({ id }) => id),
          deleted: deleted.map(({ id }) => id),
          updated: updated.map(({ after, before }) => [before.id, before.inputs, after.inputs])
        })
        const forward = yield* store.diff(name, 1)
        assert.deepStrictEqual(ids(forward), {
          added: ["sum 9"],
          deleted: ["sum 0"],
          updated: [["sum 1", { a: 1 }, { a: -1 }], ["sum 3", { a: 3 }, { a: 33 }]]
        })
        const back = yield* store.diff(name, 5, 1)
        assert.deepStrictEqual(back.added, forward.deleted)
        assert.deepStrictEqual(back.deleted, forward.added)
        assert.deepStrictEqual(ids(yield* store.diff(name, 1, 3)), {
          added: [],
          deleted: [],
          updated: [["sum 1", { a: 1 }, { a: -1 }]]
        })
        assert.deepStrictEqual(ids(yield* store.diff(name, 2, 2)), { added: [], deleted: [], updated: [] })
      }))

    test("finds examples by id, split and metadata", (store, name) =>
      Effect.gen(function*() {
        yield* store.addExamples(name, sums(260))
        const found = (filter: DatasetStore.ExampleFilter) =>
          Effect.map(collect(store.examples(name, filter)), (examples) => examples.map(({ id }) => Number(id.slice(4))))
        const all = Array.from({ length: 260 }, (_, i) => i)
        assert.deepStrictEqual(yield* found({}), all)
        assert.deepStrictEqual(yield* found({ split: "small" }), all.filter((i) => i % 4 === 0))
        assert.deepStrictEqual(yield* found({ split: ["small", "train"] }), all)
        assert.deepStrictEqual(
          yield* found({ metadata: { even: true, level: { of: 2 } } }),
          all.filter((i) => i % 2 === 0 && i % 3 === 2)
        )
        assert.deepStrictEqual(yield* found({ metadata: { odd: undefined } }), [])
        assert.deepStrictEqual(yield* found({ split: "small", offset: 2, limit: 3 }), [8, 12, 16])
        assert.deepStrictEqual(yield* found({ offset: 255 }), [255, 256, 257, 258, 259])
        assert.deepStrictEqual(yield* found({ limit: 0 }), [])
        assert.deepStrictEqual(yield* found({ ids: ["sum 7", "sum 3", "nobody"] }), [3, 7])
        assert.deepStrictEqual(yield* found({ ids: [] }), [])
        const many = all.slice(10).concat(Array.from({ length: 600 }, (_, i) => 1000 + i))
        assert.deepStrictEqual(yield* found({ ids: many.map((i) => `sum ${i}`) }), all.slice(10))
        assert.deepStrictEqual(yield* store.splits(name), { test: 65, small: 65, train: 195 })
      }))

    test("keeps tags", (store, name) =>
      Effect.gen(function*() {
        yield* store.addExamples(name, sums(1))
        yield* store.tag(name, "good")
        yield* store.addExamples(name, sums(1, 1))
        yield* store.tag(name, "newest")
        yield* store.tag(name, "empty", 0)
        assert.deepStrictEqual((yield* store.get(name)).tags, { empty: 0, good: 1, newest: 2 })
        assert.strictEqual((yield* store.version(name, "good")).size, 1)
        assert.strictEqual((yield* collect(store.examples(name, { asOf: "good" }))).length, 1)
        yield* store.tag(name, "good", "newest")
        assert.strictEqual((yield* collect(store.examples(name, { asOf: "good" }))).length, 2)
        yield* store.removeTag(name, "good")
        const gone = yield* Effect.flip(collect(store.examples(name, { asOf: "good" })))
        assert.match(gone.message, /The dataset keeps tags has no tag "good"/)
        assert.strictEqual((yield* Effect.flip(store.removeTag(name, "good"))).reason, "NotFound")
        for (const asOf of [3, -1, 0.5, Number.NaN]) {
          assert.match((yield* Effect.flip(store.version(name, asOf))).message, /has no version/)
        }
      }))

    test("changes nothing when a change cannot be made", (store, name) =>
      Effect.gen(function*() {
        yield* store.addExamples(name, sums(3))
        const refused = (effect: Effect.Effect<unknown, unknown>) =>
          Effect.map(Effect.flip(effect), (error) => error as { reason: string; message: string })
        const twice = yield* refused(store.addExamples(name, [...sums(400, 3), ...sums(1, 1)]))
        assert.deepInclude(twice, { reason: "AlreadyExists" })
        assert.match(twice.message, /has the example "sum 1" already/)
        assert.strictEqual(
          (yield* refused(store.addExamples(name, [{ inputs: 1 }, { inputs: 1 }]))).reason,
          "AlreadyExists"
        )
        const missing = yield* refused(
          store.updateExamples(name, [{ id: "sum 0", inputs: 0 }, { id: "nobody", inputs: 0 }])
        )
        assert.match(missing.message, /has no example "nobody"/)
        assert.strictEqual((yield* refused(store.deleteExamples(name, ["sum 0", "nobody"]))).reason, "NotFound")
        const circle: { self?: unknown } = {}
        circle.self = circle
        assert.match((yield* refused(store.addExamples(name, [{ inputs: circle }]))).message, /refers to itself/)
        const gone = Attachment.fromEffect(
          Effect.fail(new Attachment.AttachmentError({ source: "a.png", message: "a.png is gone" })),
          { mimeType: "image/png", source: "a.png" }
        )
        assert.match(
          (yield* refused(store.addExamples(name, [{ inputs: 1, attachments: { gone } }]))).message,
          /cannot be stored: a\.png is gone/
        )
        assert.match((yield* refused(store.addExamples(name, [{ id: "nul \0", inputs: 1 }]))).message, /no NUL/)
        const late = yield* refused(store.addExamples(name, sums(1, 5), { expectedVersion: 0 }))
        assert.deepInclude(late, { reason: "Conflict" })
        assert.match(late.message, /is at version 1, and the change was meant for version 0/)
        const failing = Stream.concat(Stream.fromIterable(sums(300, 10)), Stream.fail("torn"))
        assert.strictEqual(yield* Effect.flip(store.importExamples(name, failing)), "torn")
        assert.deepInclude(yield* store.get(name), { version: 1, size: 3 })
        assert.strictEqual((yield* collect(store.examples(name))).length, 3)
        yield* store.addExamples(name, sums(1, 5), { expectedVersion: 1 })
      }))

    test("keeps files, and reads them when somebody asks", (store, name) =>
      Effect.gen(function*() {
        const bytes = (...numbers: ReadonlyArray<number>) => new Uint8Array(numbers)
        const png = (data: Uint8Array) => Attachment.fromBytes(data, { mimeType: "image/png" })
        const large = new Uint8Array(1_000_000).fill(7)
        yield* store.addExamples(name, [
          { id: "two", inputs: 1, attachments: { a: png(bytes(0, 255, 1)), large: png(large) } },
          { id: "none", inputs: 2 }
        ])
        const read = (attachments: Attachment.Attachments) =>
          Effect.forEach(Object.entries(attachments), ([name, { bytes, mimeType, source }]) =>
            Effect.map(bytes, (bytes) =>
              [name, mimeType, source, bytes] as const))
        const [two, none] = yield* collect(store.examples(name))
        assert.deepStrictEqual(none?.attachments, {})
        const files = yield* read(two?.attachments ?? {})
        assert.deepStrictEqual(files.map(([name, mimeType]) => [name, mimeType]), [
          ["a", "image/png"],
          ["large", "image/png"]
        ])
        assert.deepStrictEqual(
          files.map(([, , , bytes]) =>
            bytes
          ),
          [bytes(0, 255, 1), large]
        )
        assert.match(files[0]?.[2] ?? "", /^sha256:[0-9a-f]{64}$/)

        // Other changes leave them; they may be changed, and older versions have what they had.
        yield* store.updateExamples(name, [{ id: "two", inputs: 3 }])
        const [changed] = yield* collect(store.examples(name, { ids: ["two"] }))
        assert.strictEqual((yield* read(changed?.attachments ?? {})).length, 2)
        yield* store.updateExamples(name, [{ id: "two", attachments: { b: png(bytes(5)) } }])
        const [other] = yield* collect(store.examples(name, { ids: ["two"] }))
        assert.deepStrictEqual((yield* read(other?.attachments ?? {})).map(([name, , , bytes]) => [name, bytes]), [
          ["b", bytes(5)]
        ])
        yield* store.updateExamples(name, [{ id: "two", attachments: null }])
        assert.deepStrictEqual((yield* collect(store.examples(name, { ids: ["two"] })))[0]?.attachments, {})
        const [asItWas] = yield* collect(store.examples(name, { asOf: 1, ids: ["two"] }))
        assert.strictEqual((yield* read(asItWas?.attachments ?? {})).length, 2)
        const { updated } = yield* store.diff(name, 2, 3)
        assert.deepStrictEqual(
          updated.map(({ after, before }) => [Object.keys(before.attachments), Object.keys(after.attachments)]),
          [[["a", "large"], ["b"]]]
        )

        // To files and back, and into an evaluation.
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* fileSystem.makeTempDirectoryScoped()
        yield* DatasetStore.exportJsonl(name, `${directory}/files.jsonl`, { asOf: 1 })
        yield* store.create(`${name} (again)`)
        yield* DatasetStore.importDataset(`${name} (again)`, Dataset.fromJsonl(`${directory}/files.jsonl`))
        const again = yield* DatasetStore.dataset(`${name} (again)`)
        const target = (_: unknown, { attachments }: Target.TargetContext) =>
          attachments["a"] === undefined ? [] : Effect.map(attachments["a"].bytes, (bytes) => [...bytes])
        const experiment = yield* Evaluation.run(Evaluation.make("files", { data: again, target })).pipe(
          Effect.provide(TracingClient.layerNone)
        )
        assert.deepStrictEqual(experiment.rows.map(({ run }) => run.outputs), [[0, 255, 1], []])
        const csv = yield* Effect.flip(
          DatasetStore.exportCsv(name, `${directory}/files.csv`, { asOf: 1, fields: { inputs: "inputs" } })
        )
        assert.match(csv.message, /example two has attachments \(a, large\), and CSV has no place for files/)

        // They are read now, and not before.
        yield* store.remove(name)
        const missing = yield* Effect.flip(asItWas?.attachments["a"]?.bytes ?? Effect.succeed(bytes()))
        assert.match(missing.message, /could not be read from the store: its dataset has been deleted/)
      }).pipe(Effect.scoped))

    test("lets several change a dataset at once, one after the other", (store, name) =>
      Effect.gen(function*() {
        const versions = yield* Effect.forEach(
          Array.from({ length: 8 }, (_, i) => sums(30, 100 * i)),
          (examples) => store.addExamples(name, examples),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(versions.map(({ version }) => version).sort(), [1, 2, 3, 4, 5, 6, 7, 8])
        assert.strictEqual((yield* store.get(name)).size, 240)
        assert.strictEqual((yield* collect(store.examples(name))).length, 240)
      }))

    test("gives datasets to evaluations", (store, name) =>
      Effect.gen(function*() {
        yield* store.addExamples(name, sums(6))
        yield* store.tag(name, "reviewed")
        yield* store.addExamples(name, [{ inputs: "of another kind" }])
        const data = yield* DatasetStore.dataset(name, {
          asOf: "reviewed",
          inputs: Schema.Struct({ a: Schema.Number }),
          referenceOutputs: Schema.Struct({ sum: Schema.Number }),
          metadata: Schema.Struct({ even: Schema.Boolean })
        })
        assert.deepInclude(data, { name, version: "1", size: 6, steps: [] })
        yield* store.tag(name, "reviewed")
        const experiment = yield* Evaluation.run(Evaluation.make("add", { data, target: ({ a }) => a + a }), {
          evaluators: [function correct({ outputs, referenceOutputs }) {
            return outputs === referenceOutputs.sum
          }]
        }).pipe(Effect.provide(TracingClient.layerNone))
        assert.deepStrictEqual(experiment.dataset, { name, version: "1", steps: [], size: 6 })
        assert.strictEqual(experiment.summaries["correct"]?.score?.mean, 1)
        const same = Example.make({ inputs: { a: 3 }, referenceOutputs: { sum: 6 }, metadata: { even: false } })
        assert.strictEqual(experiment.rows[3]?.example.contentHash, same.contentHash)
        const some = yield* DatasetStore.dataset(name, { asOf: 1, split: "small", where: { even: true }, limit: 1 })
        assert.deepStrictEqual(some.steps, ["select(split small; metadata {\"even\":true}; limit 1)"])
        assert.strictEqual(some.size, undefined)
        assert.deepStrictEqual((yield* Dataset.collect(some)).map(({ id }) => id), ["sum 0"])
        const broken = yield* DatasetStore.dataset(name, { inputs: Schema.Struct({ a: Schema.Number }) })
        assert.strictEqual((yield* Effect.flip(Dataset.collect(broken)))._tag, "DatasetError")
        assert.strictEqual((yield* Effect.flip(DatasetStore.dataset("nobody"))).reason, "NotFound")
      }))

    test("writes files and takes them in", (store, name) =>
      Effect.gen(function*() {
        const fileSystem = yield* FileSystem.FileSystem
        const directory = yield* fileSystem.makeTempDirectoryScoped()
        const odd = { id: "odd", inputs: { a: "a \"quote\", a comma\nand a line" }, referenceOutputs: { sum: "" } }
        yield* store.addExamples(name, [...sums(3), odd])
        const jsonl = `${directory}/examples.jsonl`
        yield* DatasetStore.exportJsonl(name, jsonl)
        yield* store.create(`${name} (jsonl)`)
        const version = yield* DatasetStore.importDataset(`${name} (jsonl)`, Dataset.fromJsonl(jsonl), {
          note: "moved"
        })
        assert.deepInclude(version, { version: 1, added: 4, note: "moved" })
        const before = yield* collect(store.examples(name))
        assert.deepStrictEqual(yield* collect(store.examples(`${name} (jsonl)`)), before)

        const csv = `${directory}/examples.csv`
        const fields = { id: "id", inputs: ["a"], referenceOutputs: ["sum"], split: "split" } as const
        const several = yield* Effect.flip(DatasetStore.exportCsv(name, csv, { fields }))
        assert.match(several.message, /is in the splits test, small, and a CSV cell holds one/)
        yield* fileSystem.remove(csv)
        yield* DatasetStore.exportCsv(name, csv, { fields, ids: ["sum 1", "odd"] })
        assert.strictEqual(
          yield* fileSystem.readFileString(csv),
          "id,a,sum,split\r\nsum 1,1,2,train\r\nodd,\"a \"\"quote\"\", a comma\nand a line\",,\r\n"
        )
        yield* store.create(`${name} (csv)`)
        yield* DatasetStore.importDataset(`${name} (csv)`, Dataset.fromCsv(csv, { fields }))
        assert.deepStrictEqual(yield* collect(store.examples(`${name} (csv)`)), [
          {
            id: "sum 1",
            inputs: { a: "1" },
            referenceOutputs: { sum: "2" },
            metadata: {},
            splits: ["train"],
            attachments: {}
          },
          { ...odd, metadata: {}, splits: [], attachments: {} }
        ])
        assert.strictEqual((yield* Effect.flip(DatasetStore.exportJsonl(name, jsonl)))._tag, "PlatformError")
      }).pipe(Effect.scoped))
  })
