import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Schema, Stream } from "effect"
import { Attachment, Dataset, Evaluation } from "../../src/index.ts"
import { DatasetStore } from "../../src/langsmith/index.ts"
import { datasetId, exampleId, type Options, type Stub } from "./stub.ts"
import { langsmith, startStub } from "./support.ts"

const withStore = <A, E, R>(
  f: (store: DatasetStore.DatasetStore["Service"], stub: Stub) => Effect.Effect<A, E, R>,
  options: Options = {}
) =>
  Effect.gen(function*() {
    const stub = yield* startStub(options)
    return yield* DatasetStore.DatasetStore.use((store) => f(store, stub)).pipe(
      Effect.provide([langsmith(stub), Logger.layer([])])
    )
  })

const parameters = (stub: Stub, name: string) =>
  stub.askedOf("GET /examples").map(({ query }) => query.filter(([key]) => key === name).map(([, value]) => value))

describe("reading", () => {
  it.live("gives examples page by page, no further than they are taken", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const all = yield* Stream.runCollect(store.examples("stub-dataset"))
        assert.strictEqual(all.length, 250)
        assert.deepStrictEqual(all[7], {
          id: exampleId(7),
          inputs: { x: 7, question: "What is 7 + 7?" },
          referenceOutputs: { y: 14 },
          // Where LangSmith keeps the splits is its own affair.
          metadata: {},
          splits: ["train"],
          attachments: {},
          createdAt: Date.UTC(2025, 0, 1),
          modifiedAt: Date.UTC(2025, 0, 2) + 100.007,
          sourceRunId: undefined
        })
        assert.deepStrictEqual(parameters(stub, "offset"), [["0"], ["100"], ["200"]])
        const before = stub.askedOf("GET /examples").length
        yield* Stream.runDrain(Stream.take(store.examples(datasetId), 5))
        assert.strictEqual(stub.askedOf("GET /examples").length, before + 1)
        const some = yield* Stream.runCollect(store.examples(datasetId, { limit: 130, offset: 90 }))
        assert.deepStrictEqual([some.length, some[0]?.id, some.at(-1)?.id], [130, exampleId(90), exampleId(219)])
        // No more is asked for than is wanted.
        assert.deepStrictEqual(parameters(stub, "limit").slice(-2), [["100"], ["30"]])
      }), { examples: 250 }))

  it.live("gives those that are asked for: by id, split, metadata and filter", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const ids = Array.from({ length: 150 }, (_, i) => exampleId(i * 2))
        assert.deepStrictEqual(
          (yield* Stream.runCollect(store.examples(datasetId, { ids }))).map(({ id }) => id),
          ids
        )
        // An address can be only so long.
        assert.deepStrictEqual(parameters(stub, "id").map(({ length }) => length), [99, 51])
        assert.strictEqual((yield* Stream.runCollect(store.examples(datasetId, { split: "train" }))).length, 150)
        assert.strictEqual(
          (yield* Stream.runCollect(store.examples(datasetId, { split: ["train", "base"] }))).length,
          300
        )
        yield* store.updateExamples(datasetId, [{
          id: exampleId(3),
          metadata: { source: { name: "mail" }, kind: "a" }
        }])
        const found = yield* Stream.runCollect(
          store.examples(datasetId, { metadata: { source: { name: "mail" } } })
        )
        assert.deepStrictEqual(found.map(({ id }) => id), [exampleId(3)])
        const filtered = yield* Stream.runCollect(store.examples(datasetId, { filter: "eq(metadata, 'a')" }))
        assert.deepStrictEqual(filtered.map(({ id }) => id), [exampleId(3)])
      }), { examples: 300 }))

  it.live("says what there is not", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Stream.runDrain(store.examples("nothing")))
        assert.deepInclude(error, { _tag: "LangSmithError", reason: "NotFound" })
        assert.include(error.message, "There is no dataset nothing in LangSmith")
        assert.strictEqual((yield* Effect.flip(store.version(datasetId, "no such tag"))).reason, "NotFound")
        assert.strictEqual((yield* Effect.flip(store.example(exampleId(9)))).reason, "NotFound")
      })
    ))

  it.live("gives the bytes of attachments when they are asked for, also when the address has expired", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const bytes = new Uint8Array([0, 13, 10, 45, 45, 255])
        yield* store.addExamples(datasetId, [{
          inputs: { page: 1 },
          attachments: {
            "scan one": Attachment.fromBytes(bytes, { mimeType: "image/png" }),
            text: Attachment.fromBytes(new TextEncoder().encode("hello"), { mimeType: "text/plain" })
          }
        }])
        const asked = () => stub.asked.filter(({ path }) => path.startsWith("/attachments/")).length
        const [example] = yield* Stream.runCollect(store.examples(datasetId))
        assert.deepStrictEqual(Object.keys(example?.attachments ?? {}), ["scan one", "text"])
        assert.strictEqual(asked(), 0)
        const scan = example?.attachments["scan one"]
        assert.strictEqual(scan?.mimeType, "image/png")
        // The signature changes from reading to reading, and is nobody's business.
        assert.notInclude(scan?.source, "signature")
        assert.deepStrictEqual(yield* scan!.bytes, bytes)
        assert.strictEqual(asked(), 1)
        // The key is for LangSmith; the address may be somebody else's.
        assert.isUndefined(stub.asked.find(({ path }) => path.startsWith("/attachments/"))?.headers["x-api-key"])
        let refused = 0
        stub.fault = ({ path }) => path.startsWith("/attachments/") && refused++ === 0 ? { status: 403 } : undefined
        assert.deepStrictEqual(yield* scan!.bytes, bytes)
        stub.fault = ({ path }) => path.startsWith("/attachments/") ? { status: 403 } : undefined
        const error = yield* Effect.flip(scan!.bytes)
        assert.include(error.message, "answered 403")
      }), { examples: 0 }))
})

describe("a dataset for evaluations", () => {
  it.live("stays at the version that it was made at", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const before = yield* store.version(datasetId)
        yield* store.tag(datasetId, "reviewed")
        yield* store.addExamples(datasetId, [{ inputs: { x: 99 } }])
        const inputs = Schema.Struct({ x: Schema.Finite })
        const tagged = yield* DatasetStore.dataset("stub-dataset", { asOf: "reviewed", inputs })
        const newest = yield* DatasetStore.dataset("stub-dataset", { inputs })
        yield* store.addExamples(datasetId, [{ inputs: { x: 100 } }])
        assert.deepStrictEqual([tagged.name, tagged.version, tagged.size], ["stub-dataset", before.version, undefined])
        assert.strictEqual(newest.size, 4)
        assert.deepStrictEqual((yield* Dataset.collect(tagged)).map(({ inputs }) => inputs.x), [0, 1, 2])
        assert.deepStrictEqual((yield* Dataset.collect(newest)).map(({ inputs }) => inputs.x), [0, 1, 2, 99])
        const part = yield* DatasetStore.dataset("stub-dataset", { split: "train", limit: 5, inputs })
        assert.deepStrictEqual(part.steps, [`only {"limit":5,"split":"train"}`])
        const experiment = yield* Evaluation.run(Evaluation.make("e", { data: tagged, target: ({ x }) => x }))
        assert.strictEqual(experiment.dataset.version, before.version)
        assert.strictEqual(stub.sessions.get(experiment.id).extra.metadata.dataset_version, before.version)
      })
    ))

  it.live("names the example that does not fit", () =>
    withStore(() =>
      Effect.gen(function*() {
        const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Schema.Struct({ y: Schema.Finite }) })
        const error = yield* Effect.flip(Dataset.collect(data))
        assert.strictEqual(error._tag, "DatasetError")
        assert.include(error.message, "inputs.y")
      })
    ))
})

describe("changing", () => {
  it.live("creates, finds, renames and deletes datasets", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const created = yield* store.create("new", {
          description: "d",
          metadata: { a: 1 },
          inputsSchema: { type: "object" }
        })
        assert.deepInclude(created, { name: "new", description: "d", metadata: { a: 1 }, size: 0 })
        const [asked] = stub.askedOf("POST /datasets")
        assert.deepStrictEqual(asked?.body, {
          name: "new",
          description: "d",
          extra: { source: "sdk", metadata: { a: 1 } },
          inputs_schema_definition: { type: "object" }
        })
        assert.strictEqual((yield* Effect.flip(store.create("new"))).reason, "Conflict")
        assert.strictEqual((yield* store.get("new")).id, created.id)
        const names = yield* Stream.runCollect(store.list({ nameContains: "ne" }))
        assert.sameMembers(names.map(({ name }) => name), ["new"])
        yield* store.update("new", { name: "newer", description: null })
        assert.strictEqual((yield* store.get(created.id)).name, "newer")
        yield* store.remove("newer")
        assert.strictEqual((yield* Effect.flip(store.get(created.id))).reason, "NotFound")
      })
    ))

  it.live("adds examples in requests that the server takes, once each, also when an answer gets lost", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const { id } = yield* store.create("new")
        let lost = 0
        stub.fault = ({ path }) =>
          path.endsWith("/examples") && path.startsWith("/v1") && lost++ === 1 ? "lost answer" : undefined
        const examples = Array.from({ length: 450 }, (_, i) => ({
          id: `row ${i}`,
          inputs: { text: "é".repeat(i % 50) },
          referenceOutputs: i,
          metadata: { i },
          split: i % 2 === 0 ? "test" : ["a", "b"]
        }))
        const changed = yield* store.addExamples("new", examples)
        assert.strictEqual(changed.count, 450)
        assert.strictEqual(new Set(changed.ids).size, 450)
        const requests = stub.asked.filter(({ path }) => path.startsWith("/v1/platform/datasets/"))
        // One was sent twice, since nobody knew.
        assert.isAtLeast(requests.length, 4)
        assert.isTrue(requests.every(({ bytes }) => bytes <= 100_000))
        const read = yield* Stream.runCollect(store.examples(id))
        assert.deepStrictEqual(read.map(({ id }) => id), changed.ids)
        assert.deepInclude(read[3], {
          inputs: { text: "ééé" },
          // LangSmith takes objects only.
          referenceOutputs: { output: 3 },
          metadata: { i: 3 }
        })
        // The same example again is the same id, so it is refused, and not there twice.
        assert.deepInclude(yield* Effect.flip(store.addExamples("new", [examples[7]!])), { reason: "Conflict" })
      }), { batchBytes: 100_000 }))

  it.live("takes a dataset of the core, and ids of its own where the content is the same elsewhere", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const one = yield* store.create("one")
        const two = yield* store.create("two")
        const data = Dataset.fromIterable("d", [{ inputs: { x: 1 }, split: "test" }, { inputs: { x: 2 } }])
        const first = yield* store.importExamples("one", Dataset.stream(data))
        const second = yield* store.importExamples("two", Dataset.stream(data))
        assert.strictEqual(new Set([...first.ids, ...second.ids]).size, 4)
        assert.deepStrictEqual((yield* Stream.runCollect(store.examples(one.id))).map(({ inputs }) => inputs), [
          { x: 1 },
          { x: 2 }
        ])
        assert.strictEqual((yield* store.get(two.id)).size, 2)
      })
    ))

  it.live("says which example is too large, before anything of it is sent", () =>
    withStore((store, stub) =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(
          store.addExamples(datasetId, [{ id: exampleId(77), inputs: { text: "x".repeat(20_000) } }])
        )
        assert.strictEqual(error._tag, "LangSmithError")
        assert.include(error.message, exampleId(77))
        assert.isFalse(stub.asked.some(({ path }) => path.startsWith("/v1/")))
      }), { batchBytes: 10_000 }))

  it.live("updates and deletes examples; versions, differences and splits tell", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const before = yield* store.version(datasetId)
        const { version } = yield* store.updateExamples(datasetId, [
          { id: exampleId(0), referenceOutputs: { y: "zero" } },
          { id: exampleId(1), split: ["test"], inputs: { x: -1 } }
        ])
        assert.isString(version)
        yield* store.deleteExamples([exampleId(2)])
        const added = yield* store.addExamples(datasetId, [{ inputs: { x: 3 } }])
        const { added: news, deleted, updated } = yield* store.diff(datasetId, before.version)
        assert.deepStrictEqual(news.map(({ id }) => id), added.ids)
        assert.deepStrictEqual(deleted.map(({ referenceOutputs }) => referenceOutputs), [{ y: 4 }])
        assert.deepStrictEqual(
          updated.map(({ after, before }) => [before.referenceOutputs, after.referenceOutputs]),
          [[{ y: 0 }, { y: "zero" }], [{ y: 2 }, { y: 2 }]]
        )
        const versions = yield* Stream.runCollect(store.versions(datasetId))
        assert.strictEqual(versions[0]?.version, added.version)
        yield* store.tag(datasetId, "start", before.version)
        assert.strictEqual((yield* store.version(datasetId, "start")).version, before.version)
        assert.strictEqual((yield* store.version(datasetId, new Date())).version, added.version)
        yield* store.assignSplit(datasetId, "hard", [exampleId(0)])
        assert.include(yield* store.splits(datasetId), "hard")
        assert.deepStrictEqual((yield* store.example(exampleId(0))).splits, ["base", "hard"])
        yield* store.assignSplit(datasetId, "hard", [exampleId(0)], { remove: true })
        assert.notInclude(yield* store.splits(datasetId), "hard")
      })
    ))

  it.live("changes attachments: new ones, kept ones, others under another name", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const file = (text: string) => Attachment.fromBytes(new TextEncoder().encode(text), { mimeType: "text/plain" })
        const { ids } = yield* store.addExamples(datasetId, [{
          inputs: {},
          attachments: { a: file("A"), b: file("B"), c: file("C") }
        }])
        yield* store.updateExamples(datasetId, [{
          id: ids[0] ?? "",
          attachments: { d: file("D") },
          retainAttachments: ["a"],
          renameAttachments: { b: "e" }
        }])
        const { attachments } = yield* store.example(ids[0] ?? "")
        const texts = yield* Effect.forEach(Object.entries(attachments), ([name, { bytes }]) =>
          Effect.map(bytes, (bytes) => `${name} ${new TextDecoder().decode(bytes)}`))
        assert.sameMembers(texts, ["a A", "d D", "e B"])
      })
    ))

  it.live("makes a dataset of a CSV file", () =>
    withStore((store) =>
      Effect.gen(function*() {
        const made = yield* store.uploadCsv("questions", {
          csv: "question,answer,other\nhow,so,1\nwhy,because,2\n",
          inputKeys: ["question"],
          outputKeys: ["answer"],
          description: "from a file"
        })
        assert.deepInclude(made, { name: "questions", size: 2, description: "from a file" })
        const read = yield* Stream.runCollect(store.examples("questions"))
        assert.deepStrictEqual(read.map(({ inputs, referenceOutputs }) => [inputs, referenceOutputs]), [
          [{ question: "how" }, { answer: "so" }],
          [{ question: "why" }, { answer: "because" }]
        ])
      })
    ))
})
