import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Random, Ref, Schema, Stream } from "effect"
import * as Dataset from "../src/Dataset.ts"
import * as Evaluation from "../src/Evaluation.ts"
import * as Evaluator from "../src/Evaluator.ts"
import type * as Example from "../src/Example.ts"
import * as Target from "../src/Target.ts"
import * as TracingClient from "../src/TracingClient.ts"

const numbers = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `n${n}`, inputs: n }))
const numbered = (count: number) => Dataset.fromIterable("numbers", numbers(count))

const inputsOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.map(Dataset.collect(dataset), (examples) => examples.map(({ inputs }) => inputs))

/** The items as short texts: an example is its inputs, a row that was left out is `!` and its index. */
const itemsOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.map(
    Stream.runCollect(dataset.items),
    (items) => items.map((item) => item instanceof Dataset.DatasetError ? `!${item.index}` : String(item.inputs))
  )

const failureOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.flip(Dataset.collect(dataset)).pipe(
    Effect.map((error) => error instanceof Dataset.DatasetError ? error : assert.fail("expected a DatasetError"))
  )

/** Numbers among which every row whose inputs are a text is left out. */
const withBroken = (...inputs: ReadonlyArray<number | string>) =>
  Dataset.fromRecords("mixed", Stream.fromIterable(inputs.map((inputs) => ({ inputs }))), {
    inputs: Schema.Finite,
    onInvalid: "skip"
  })

/** A source that counts how many were pulled and whether it was closed. */
const watched = (count: number) => {
  const seen = { pulled: 0, closed: 0, opened: 0 }
  const source: Iterable<{ readonly inputs: number }> = {
    *[Symbol.iterator]() {
      seen.opened++
      try {
        for (let n = 0; n < count; n++) {
          seen.pulled++
          yield { inputs: n }
        }
      } finally {
        seen.closed++
      }
    }
  }
  return { seen, source }
}

const cyclic = () => {
  const value: { self?: unknown } = {}
  value.self = value
  return value
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n)

const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel}: ${String(message)}`)
    })
    const value = yield* Effect.provide(effect, Logger.layer([logger]))
    return { lines, value }
  })

describe("fromIterable", () => {
  it.effect("gives the examples in order", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromIterable("sums", [
        { id: "a", inputs: { n: 1 }, referenceOutputs: 1, metadata: { m: 1 }, split: "test" },
        { id: "b", inputs: { n: 2 }, referenceOutputs: 2, metadata: { m: 2 } }
      ], { version: "2026-01" })
      const [first, second] = yield* Dataset.collect(dataset)
      assert.deepStrictEqual(first?.inputs, { n: 1 })
      assert.deepStrictEqual(first?.splits, ["test"])
      assert.deepStrictEqual(second?.metadata, { m: 2 })
      assert.strictEqual(dataset.name, "sums")
      assert.strictEqual(dataset.version, "2026-01")
      assert.deepStrictEqual(dataset.steps, [])
      assert.strictEqual(dataset.size, 2)
    }))

  it.effect("knows the size of arrays only", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromIterable("set", new Set([{ inputs: 1 }, { inputs: 2 }]))
      assert.isUndefined(dataset.size)
      assert.deepStrictEqual(yield* inputsOf(dataset), [1, 2])
    }))

  it.effect("takes nothing for an empty dataset", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Dataset.collect(Dataset.fromIterable("none", [])), [])
    }))

  it.effect("reads nothing before it is asked, and anew each time", () =>
    Effect.gen(function*() {
      const { seen, source } = watched(3)
      const dataset = Dataset.fromIterable("watched", source)
      assert.strictEqual(seen.opened, 0)
      assert.deepStrictEqual(yield* inputsOf(dataset), [0, 1, 2])
      assert.deepStrictEqual(yield* inputsOf(dataset), [0, 1, 2])
      assert.strictEqual(seen.opened, 2)
    }))

  it.effect("pulls a generator no further than is needed for a few examples", () =>
    Effect.gen(function*() {
      const { seen, source } = watched(100_000)
      const dataset = Dataset.fromIterable("watched", source).pipe(
        Dataset.map(({ inputs }) => ({ inputs: inputs + 1 })),
        Dataset.filter(({ inputs }) => inputs > 0),
        Dataset.take(5)
      )
      assert.deepStrictEqual(yield* inputsOf(dataset), [1, 2, 3, 4, 5])
      assert.isAtMost(seen.pulled, 16)
    }))

  it.effect("stays a few examples ahead of a reader, not more", () =>
    Effect.gen(function*() {
      const { seen, source } = watched(2000)
      let read = 0
      let furthest = 0
      yield* Stream.runForEach(Dataset.stream(Dataset.fromIterable("watched", source)), () =>
        Effect.sync(() => {
          furthest = Math.max(furthest, seen.pulled - read++)
        }))
      assert.strictEqual(read, 2000)
      assert.isAtMost(furthest, 16)
    }))

  it.effect("closes a generator that is not read to its end", () =>
    Effect.gen(function*() {
      const { seen, source } = watched(1000)
      yield* Dataset.collect(Dataset.take(Dataset.fromIterable("watched", source), 3))
      assert.strictEqual(seen.closed, 1)
      yield* Effect.flip(
        Stream.runForEach(Dataset.stream(Dataset.fromIterable("watched", source)), () => Effect.fail("stop"))
      )
      assert.strictEqual(seen.closed, 2)
    }))

  it.effect("is named by the failure of a generator that throws, after what came before", () =>
    Effect.gen(function*() {
      const source = {
        *[Symbol.iterator]() {
          yield { inputs: 1 }
          yield { inputs: 2 }
          throw new Error("the file is gone")
        }
      }
      const seen: Array<unknown> = []
      const error = yield* Effect.flip(
        Stream.runForEach(Dataset.stream(Dataset.fromIterable("lines", source)), ({ inputs }) =>
          Effect.sync(() => void seen.push(inputs)))
      )
      assert.instanceOf(error, Dataset.DatasetError)
      assert.deepInclude(error, { dataset: "lines", reason: "Unreadable", index: 2 })
      assert.match(error.message, /^The dataset lines threw after 2 examples: .*the file is gone/)
      assert.deepStrictEqual(seen, [1, 2])
      const never = {
        [Symbol.iterator]: (): Iterator<{ inputs: number }> =>
          assert.fail("no iterator")
      }
      const atOnce = yield* failureOf(Dataset.fromIterable("none", never))
      assert.match(atOnce.message, /^The dataset none threw after 0 examples/)
    }))

  it.effect("names the example that refers to itself", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(
        Dataset.fromIterable<unknown>("loops", [{ inputs: 1 }, { inputs: 2 }, { inputs: cyclic() }])
      )
      assert.strictEqual(error.reason, "InvalidExample")
      assert.strictEqual(error.index, 2)
      assert.strictEqual(error.dataset, "loops")
      assert.match(error.message, /^row 2 \(from 0\) of the dataset loops: the value refers to itself/)
      assert.isDefined(error.cause)
    }))
})

describe("fromStream", () => {
  it.effect("gives what the stream gives, and fails as it fails", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromStream("s", Stream.make({ inputs: 1 }, { inputs: 2 }), { size: 2, version: "v1" })
      assert.strictEqual(dataset.size, 2)
      assert.strictEqual(dataset.version, "v1")
      assert.deepStrictEqual(yield* inputsOf(dataset), [1, 2])
      const failing = Dataset.fromStream("s", Stream.concat(Stream.make({ inputs: 1 }), Stream.fail("offline")))
      assert.strictEqual(yield* Effect.flip(Dataset.collect(failing)), "offline")
    }))

  it.effect("leaves defects of the stream what they are", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Dataset.collect(Dataset.fromStream("s", Stream.die("bug"))))
      assert.isTrue(exit._tag === "Failure" && exit.cause.reasons.some((reason) => reason._tag === "Die"))
    }))

  it.effect("names the example that refers to itself", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(
        Dataset.fromStream("s", Stream.make<Array<Example.Input<unknown>>>({ inputs: 1 }, { inputs: cyclic() }))
      )
      assert.strictEqual(error.index, 1)
      assert.include(error.message, "refers to itself")
    }))
})

describe("fromEffect", () => {
  it.effect("fetches when it is read, each time, and lazily", () =>
    Effect.gen(function*() {
      const fetches = yield* Ref.make(0)
      const { seen, source } = watched(1000)
      const dataset = Dataset.fromEffect("e", Effect.as(Ref.update(fetches, (n) => n + 1), source), { version: "v1" })
      assert.strictEqual(yield* Ref.get(fetches), 0)
      assert.strictEqual(dataset.version, "v1")
      assert.deepStrictEqual(yield* inputsOf(Dataset.take(dataset, 2)), [0, 1])
      assert.isAtMost(seen.pulled, 16)
      assert.strictEqual(seen.closed, 1)
      yield* Dataset.collect(dataset)
      assert.strictEqual(yield* Ref.get(fetches), 2)
    }))

  it.effect("fails as the effect fails", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* Effect.flip(Dataset.collect(Dataset.fromEffect("e", Effect.fail("offline")))),
        "offline"
      )
    }))
})

describe("fromRecords", () => {
  const records: ReadonlyArray<unknown> = [{ inputs: 1 }, { inputs: "two" }, { inputs: 3 }]

  it.effect("fails at a row that is not an example, and says how to go on", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(
        Dataset.fromRecords("r", Stream.fromIterable(records), { inputs: Schema.Finite })
      )
      assert.strictEqual(
        error.message,
        `row 1 (from 0): inputs: expected number, got "two". Mend the row, or leave such rows out, counted, with ` +
          `{ onInvalid: "skip" }.`
      )
      assert.strictEqual(error.reason, "InvalidExample")
      assert.strictEqual(error.index, 1)
      assert.strictEqual(error.field, "inputs")
      assert.isUndefined(error.file)
      assert.isUndefined(error.line)
    }))

  it.effect("gives the rows before a broken one", () =>
    Effect.gen(function*() {
      const read: Array<unknown> = []
      const dataset = Dataset.fromRecords("r", Stream.fromIterable(records), { inputs: Schema.Finite })
      yield* Effect.flip(Stream.runForEach(dataset.items, (item) => Effect.sync(() => read.push(item))))
      assert.strictEqual(read.length, 1)
    }))

  it.effect("leaves such a row out, as an item and a warning, when asked to", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromRecords("r", Stream.fromIterable(records), {
        inputs: Schema.Finite,
        onInvalid: "skip"
      })
      assert.deepStrictEqual(yield* itemsOf(dataset), ["1", "!1", "3"])
      const { lines, value } = yield* logged(inputsOf(dataset))
      assert.deepStrictEqual(value, [1, 3])
      assert.deepStrictEqual(lines, [`Warn: Left out: row 1 (from 0): inputs: expected number, got "two".`])
    }))

  it.effect("fails as the stream fails, also when rows are left out", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromRecords("r", Stream.fail("offline"), { onInvalid: "skip" })
      assert.strictEqual(yield* Effect.flip(Dataset.collect(dataset)), "offline")
    }))

  it.effect("says that a row refers to itself", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Dataset.fromRecords("r", Stream.make({ inputs: 1 }, { inputs: cyclic() })))
      assert.strictEqual(error.reason, "InvalidExample")
      assert.strictEqual(error.index, 1)
      assert.match(error.message, /^row 1 \(from 0\): the value refers to itself/)
      assert.isDefined(error.cause)
    }))

  it.effect("says that a row with an id refers to itself", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Dataset.fromRecords("r", Stream.make({ id: "a", inputs: cyclic() })))
      assert.include(error.message, "refers to itself")
    }))

  it.effect("takes records that are no plain data", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromRecords("r", Stream.make({ inputs: new Date(0) }), { inputs: Schema.Date })
      assert.deepStrictEqual(yield* inputsOf(dataset), [new Date(0)])
    }))
})

describe("isDataset", () => {
  it("tells datasets from other values", () => {
    assert.isTrue(Dataset.isDataset(numbered(1)))
    assert.isTrue(Dataset.isDataset(Dataset.take(numbered(1), 1)))
    for (const value of [undefined, null, {}, [], "numbers", { name: "numbers", items: Stream.empty }]) {
      assert.isFalse(Dataset.isDataset(value))
    }
  })
})

describe("ids", () => {
  it.effect("of the same content clash, whatever the order of keys, and the message says where", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromIterable("sums", [
        { inputs: { a: 1, b: 2 } },
        { inputs: { a: 3, b: 4 } },
        { inputs: { b: 2, a: 1 } }
      ])
      const error = yield* failureOf(dataset)
      assert.strictEqual(error.reason, "DuplicateId")
      assert.strictEqual(error.index, 2)
      assert.strictEqual(error.field, "id")
      assert.strictEqual(error.dataset, "sums")
      assert.match(
        error.message,
        /^The examples at positions 0 and 2 \(from 0\) of the dataset sums have the same id [0-9a-f-]{36}\. /
      )
    }))

  it.effect("that are given twice are an error that names them", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(
        Dataset.fromIterable("sums", [{ id: "x", inputs: 1 }, { id: "y", inputs: 2 }, { id: "y", inputs: 3 }])
      )
      assert.include(error.message, "positions 1 and 2 (from 0) of the dataset sums have the same id y.")
    }))

  it.effect("are found twice far apart, over many chunks", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Dataset.fromIterable("far", [...numbers(5000), { id: "n17", inputs: -1 }]))
      assert.include(error.message, "positions 17 and 5000 ")
    }))

  it.effect("that are given differ for the same content", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromIterable("same", [{ id: "x", inputs: 1 }, { id: "y", inputs: 1 }])
      const [x, y] = yield* Dataset.collect(dataset)
      assert.deepStrictEqual([x?.id, y?.id], ["x", "y"])
      assert.strictEqual(x?.contentHash, y?.contentHash)
    }))

  it.effect("of rows that were left out do not count", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromRecords(
        "mixed",
        Stream.make({ id: "x", inputs: "one" }, { id: "x", inputs: 2 }, { id: "y", inputs: 3 }, { id: "y", inputs: 4 }),
        { inputs: Schema.Finite, onInvalid: "skip" }
      )
      const error = yield* failureOf(dataset)
      assert.include(error.message, "positions 1 and 2 (from 0) of the dataset mixed have the same id y.")
    }))

  it.effect("are checked anew by each reader", () =>
    Effect.gen(function*() {
      const dataset = numbered(20)
      yield* Dataset.collect(dataset)
      assert.strictEqual((yield* Dataset.collect(dataset)).length, 20)
    }))
})

describe("rename", () => {
  it("changes the name, and the version if one is given", () => {
    const dataset = Dataset.take(Dataset.fromIterable("a", [{ inputs: 1 }], { version: "v1" }), 1)
    assert.strictEqual(Dataset.rename(dataset, "b").name, "b")
    assert.strictEqual(Dataset.rename(dataset, "b").version, "v1")
    assert.strictEqual(dataset.pipe(Dataset.rename("b", { version: "v2" })).version, "v2")
    assert.deepStrictEqual(dataset.pipe(Dataset.rename("b")).steps, ["take(1)"])
    assert.strictEqual(dataset.pipe(Dataset.rename("b")).size, 1)
  })
})

describe("filter", () => {
  it.effect("keeps what satisfies the predicate, in both forms", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* inputsOf(Dataset.filter(numbered(6), ({ inputs }) => inputs % 2 === 0)), [0, 2, 4])
      assert.deepStrictEqual(yield* inputsOf(numbered(6).pipe(Dataset.filter(({ id }) => id === "n3"))), [3])
    }))
})

describe("map", () => {
  it.effect("makes other examples, in both forms", () =>
    Effect.gen(function*() {
      const double = ({ inputs }: Example.Example<number>) => ({ inputs: inputs * 2, referenceOutputs: inputs })
      const examples = yield* Dataset.collect(Dataset.map(numbered(3), double))
      assert.deepStrictEqual(examples.map(({ inputs }) => inputs), [0, 2, 4])
      assert.deepStrictEqual(examples.map(({ referenceOutputs }) => referenceOutputs), [0, 1, 2])
      assert.deepStrictEqual(yield* inputsOf(numbered(3).pipe(Dataset.map(double))), [0, 2, 4])
    }))

  it.effect("keeps id, splits and attachments unless the function gives others", () =>
    Effect.gen(function*() {
      const attachment = { mimeType: "text/plain", source: "a.txt", bytes: Effect.succeed(new Uint8Array()) }
      const dataset = Dataset.fromIterable("d", [{ id: "x", inputs: 1, split: "test", attachments: { a: attachment } }])
      const [kept] = yield* Dataset.collect(Dataset.map(dataset, () => ({ inputs: 2 })))
      assert.strictEqual(kept?.id, "x")
      assert.deepStrictEqual(kept?.splits, ["test"])
      assert.deepStrictEqual(Object.keys(kept?.attachments ?? {}), ["a"])
      const [changed] = yield* Dataset.collect(
        Dataset.map(dataset, () => ({ id: "y", inputs: 2, split: "train", attachments: {} }))
      )
      assert.strictEqual(changed?.id, "y")
      assert.deepStrictEqual(changed?.splits, ["train"])
      assert.deepStrictEqual(changed?.attachments, {})
    }))

  it.effect("changes the content hash with the content", () =>
    Effect.gen(function*() {
      const [before] = yield* Dataset.collect(numbered(1))
      const [same] = yield* Dataset.collect(Dataset.map(numbered(1), ({ inputs }) => ({ inputs })))
      const [other] = yield* Dataset.collect(Dataset.map(numbered(1), () => ({ inputs: 5 })))
      assert.strictEqual(same?.contentHash, before?.contentHash)
      assert.notStrictEqual(other?.contentHash, before?.contentHash)
    }))

  it.effect("names the example that it made refer to itself", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(
        Dataset.map(numbered(3), ({ inputs }) => ({ inputs: inputs === 1 ? cyclic() : 0 }))
      )
      assert.strictEqual(error.index, 1)
      assert.include(error.message, "refers to itself")
    }))
})

describe("take", () => {
  it("takes and draws whole numbers of examples, and nothing else", () => {
    for (const n of [Number.NaN, 1.5]) {
      assert.throws(() => Dataset.take(numbered(5), n), /Dataset.take: expected a whole number of examples/)
      assert.throws(() => Dataset.sample(numbered(5), n, { seed: 1 }), /Dataset.sample: expected a whole number/)
    }
    assert.strictEqual(Dataset.take(numbered(5), Number.POSITIVE_INFINITY).size, 5)
  })

  it.effect("gives the first, in both forms", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* inputsOf(Dataset.take(numbered(5), 2)), [0, 1])
      assert.deepStrictEqual(yield* inputsOf(numbered(5).pipe(Dataset.take(9))), range(5))
    }))

  it.effect("reads nothing for none", () =>
    Effect.gen(function*() {
      for (const n of [0, -1]) {
        const { seen, source } = watched(10)
        const none = Dataset.take(Dataset.fromIterable("watched", source), n)
        assert.deepStrictEqual(yield* Dataset.collect(none), [])
        assert.strictEqual(seen.opened, 0)
        assert.strictEqual(Dataset.take(numbered(3), n).size, 0)
      }
    }))

  it.effect("counts examples, not rows that were left out", () =>
    Effect.gen(function*() {
      const dataset = withBroken("a", 1, "b", 2, "c", 3)
      assert.deepStrictEqual(yield* itemsOf(Dataset.take(dataset, 2)), ["!0", "1", "!2", "2"])
    }))

  it.effect("takes the same again when it is read again", () =>
    Effect.gen(function*() {
      const dataset = Dataset.take(numbered(5), 2)
      assert.deepStrictEqual(yield* inputsOf(dataset), [0, 1])
      assert.deepStrictEqual(yield* inputsOf(dataset), [0, 1])
    }))
})

describe("split", () => {
  const dataset = Dataset.fromIterable("d", [
    { inputs: 1, split: "train" },
    { inputs: 2, split: ["test", "hard"] },
    { inputs: 3 },
    { inputs: 4, split: "hard" }
  ])

  it.effect("keeps one split or several, in both forms", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* inputsOf(Dataset.split(dataset, "hard")), [2, 4])
      assert.deepStrictEqual(yield* inputsOf(dataset.pipe(Dataset.split(["train", "test"]))), [1, 2])
      assert.deepStrictEqual(yield* inputsOf(dataset.pipe(Dataset.split("dev"))), [])
      assert.deepStrictEqual(yield* inputsOf(dataset.pipe(Dataset.split([]))), [])
    }))
})

describe("assignSplits", () => {
  const assigned = (count: number, seed: number | string = 1) =>
    Effect.map(
      Dataset.collect(Dataset.assignSplits(numbered(count), { train: 0.7, dev: 0.1, test: 0.2 }, { seed })),
      (examples) => examples.map(({ splits }) => splits.join())
    )

  it.effect("fills the splits in the given proportions", () =>
    Effect.gen(function*() {
      const splits = yield* assigned(10_000)
      for (const [name, share] of [["train", 0.7], ["dev", 0.1], ["test", 0.2]] as const) {
        // Five standard deviations of a binomial share.
        const tolerance = 5 * Math.sqrt(share * (1 - share) / 10_000)
        assert.approximately(splits.filter((split) => split === name).length / 10_000, share, tolerance)
      }
    }))

  it.effect("puts an example into the same split however the dataset grows and whatever the order", () =>
    Effect.gen(function*() {
      const splits = yield* assigned(500)
      assert.deepStrictEqual((yield* assigned(2000)).slice(0, 500), splits)
      const backwards = Dataset.fromIterable("numbers", numbers(500).toReversed())
      const examples = yield* Dataset.collect(
        backwards.pipe(Dataset.assignSplits({ train: 0.7, dev: 0.1, test: 0.2 }, { seed: 1 }))
      )
      assert.deepStrictEqual(examples.map((example) => example.splits.join()).toReversed(), splits)
    }))

  it.effect("goes by the content, not by the id", () =>
    Effect.gen(function*() {
      const renamed = numbers(200).map(({ inputs }) => ({ id: `other ${inputs}`, inputs }))
      const examples = yield* Dataset.collect(
        Dataset.assignSplits(Dataset.fromIterable("renamed", renamed), { train: 0.7, dev: 0.1, test: 0.2 }, { seed: 1 })
      )
      assert.deepStrictEqual(examples.map(({ splits }) => splits.join()), yield* assigned(200))
    }))

  it.effect("assigns by the seed", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* assigned(100, 1), yield* assigned(100, 1))
      assert.notDeepEqual(yield* assigned(100, 1), yield* assigned(100, 2))
      assert.notDeepEqual(yield* assigned(100, "a"), yield* assigned(100, "b"))
    }))

  it.effect("takes shares that do not sum up to 1", () =>
    Effect.gen(function*() {
      const examples = yield* Dataset.collect(Dataset.assignSplits(numbered(1000), { a: 3, b: 1, c: 0 }, { seed: 1 }))
      const count = (name: string) => examples.filter(({ splits }) => splits.includes(name)).length
      assert.approximately(count("a"), 750, 70)
      assert.strictEqual(count("a") + count("b"), 1000)
    }))

  it.effect("replaces the splits and keeps the rest", () =>
    Effect.gen(function*() {
      const dataset = Dataset.fromIterable("d", [{
        id: "x",
        inputs: 1,
        referenceOutputs: 2,
        metadata: { m: 3 },
        split: "old"
      }])
      const [before] = yield* Dataset.collect(dataset)
      const [after] = yield* Dataset.collect(dataset.pipe(Dataset.assignSplits({ new: 1 }, { seed: 1 })))
      assert.deepStrictEqual(after?.splits, ["new"])
      assert.strictEqual(after?.id, "x")
      assert.strictEqual(after?.referenceOutputs, 2)
      assert.deepStrictEqual(after?.metadata, { m: 3 })
      assert.strictEqual(after?.contentHash, before?.contentHash)
    }))

  it.effect("gives splits that `split` finds, which share nothing and make up the whole", () =>
    Effect.gen(function*() {
      const dataset = numbered(200).pipe(Dataset.assignSplits({ train: 1, test: 1 }, { seed: 3 }))
      const train = yield* inputsOf(Dataset.split(dataset, "train"))
      const test = yield* inputsOf(Dataset.split(dataset, "test"))
      assert.deepStrictEqual([...train, ...test].toSorted((a, b) => a - b), range(200))
    }))
})

describe("shuffle", () => {
  it.effect.prop("gives the same examples in another order, the same for the same seed", {
    count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
    seed: Schema.Int
  }, ({ count, seed }) =>
    Effect.gen(function*() {
      const once = yield* inputsOf(Dataset.shuffle(numbered(count), { seed }))
      const again = yield* inputsOf(numbered(count).pipe(Dataset.shuffle({ seed })))
      assert.deepStrictEqual(again, once)
      assert.deepStrictEqual(once.toSorted((a, b) => a - b), range(count))
    }))

  it.effect("orders differently by another seed", () =>
    Effect.gen(function*() {
      const order = (seed: number | string) => inputsOf(Dataset.shuffle(numbered(50), { seed }))
      assert.notDeepEqual(yield* order(1), range(50))
      assert.notDeepEqual(yield* order(1), yield* order(2))
      assert.notDeepEqual(yield* order("a"), yield* order("b"))
    }))

  it.effect("puts every example everywhere equally often", () =>
    Effect.gen(function*() {
      const seeds = 1000
      const counts = range(5).map(() => 0)
      for (const seed of range(seeds)) {
        const order = yield* inputsOf(Dataset.shuffle(numbered(5), { seed }))
        const place = order.indexOf(0)
        counts[place] = (counts[place] ?? 0) + 1
      }
      for (const count of counts) assert.approximately(count, seeds / 5, 5 * Math.sqrt(seeds * 0.2 * 0.8))
    }))

  it.effect("leaves the program's own randomness alone", () =>
    Effect.gen(function*() {
      const next = Effect.andThen(Dataset.collect(Dataset.shuffle(numbered(9), { seed: 1 })), Random.next)
      assert.strictEqual(yield* Random.withSeed(next, 5), yield* Random.withSeed(Random.next, 5))
    }))
})

describe("sample", () => {
  it.effect.prop("draws as many as asked for, without replacement, in the order of the dataset", {
    count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
    n: Schema.Int.check(Schema.isBetween({ minimum: -2, maximum: 70 })),
    seed: Schema.Int
  }, ({ count, n, seed }) =>
    Effect.gen(function*() {
      const dataset = Dataset.sample(numbered(count), n, { seed })
      const drawn = yield* inputsOf(dataset)
      assert.strictEqual(drawn.length, Math.max(0, Math.min(n, count)))
      assert.strictEqual(dataset.size, drawn.length)
      assert.deepStrictEqual([...new Set(drawn)].toSorted((a, b) => a - b), drawn)
      assert.deepStrictEqual(yield* inputsOf(numbered(count).pipe(Dataset.sample(n, { seed }))), drawn)
    }))

  it.effect("draws others by another seed", () =>
    Effect.gen(function*() {
      const drawn = (seed: number | string) => inputsOf(Dataset.sample(numbered(100), 10, { seed }))
      assert.notDeepEqual(yield* drawn(1), yield* drawn(2))
      assert.notDeepEqual(yield* drawn("a"), yield* drawn("b"))
    }))

  it.effect("draws every example equally often", () =>
    Effect.gen(function*() {
      const seeds = 1000
      const counts = range(10).map(() => 0)
      for (const seed of range(seeds)) {
        for (const n of yield* inputsOf(Dataset.sample(numbered(10), 3, { seed }))) counts[n] = (counts[n] ?? 0) + 1
      }
      for (const count of counts) assert.approximately(count, seeds * 0.3, 5 * Math.sqrt(seeds * 0.3 * 0.7))
    }))

  it.effect("does not depend on what the source does with chance", () =>
    Effect.gen(function*() {
      const source = (draws: number) =>
        Dataset.fromStream(
          "s",
          Stream.mapEffect(
            Stream.fromIterable(numbers(50)),
            (row) => Effect.as(Effect.forEach(range(draws), () => Random.next), row)
          )
        )
      const expected = yield* inputsOf(Dataset.sample(numbered(50), 5, { seed: 1 }))
      assert.deepStrictEqual(yield* inputsOf(Dataset.sample(source(0), 5, { seed: 1 })), expected)
      assert.deepStrictEqual(yield* inputsOf(Dataset.sample(source(3), 5, { seed: 1 })), expected)
    }))
})

describe("concat", () => {
  const letters = Dataset.fromIterable("letters", [{ inputs: "a" }, { inputs: "b" }])

  it.effect("gives the one after the other, under the name of the first, in both forms", () =>
    Effect.gen(function*() {
      const both = Dataset.concat(numbered(2), letters)
      assert.strictEqual(both.name, "numbers")
      assert.strictEqual(both.size, 4)
      assert.deepStrictEqual(yield* inputsOf(both), [0, 1, "a", "b"])
      assert.deepStrictEqual(yield* inputsOf(letters.pipe(Dataset.concat(numbered(2)))), ["a", "b", 0, 1])
    }))

  it.effect("fails on reading when both have an id, with the positions in the whole", () =>
    Effect.gen(function*() {
      const error = yield* failureOf(Dataset.concat(numbered(3), Dataset.take(numbered(5), 1)))
      assert.strictEqual(error.reason, "DuplicateId")
      assert.include(error.message, "positions 0 and 3 (from 0) of the dataset numbers have the same id n0.")
    }))

  it.effect("does not read the second before it is needed", () =>
    Effect.gen(function*() {
      const { seen, source } = watched(10)
      const both = Dataset.concat(numbered(20), Dataset.fromIterable("watched", source))
      assert.deepStrictEqual(yield* inputsOf(Dataset.take(both, 2)), [0, 1])
      assert.strictEqual(seen.opened, 0)
    }))

  it.effect("fails as either fails", () =>
    Effect.gen(function*() {
      const failing = Dataset.fromStream("s", Stream.fail("offline"))
      assert.strictEqual(yield* Effect.flip(Dataset.collect(Dataset.concat(numbered(1), failing))), "offline")
      assert.strictEqual(yield* Effect.flip(Dataset.collect(Dataset.concat(failing, numbered(1)))), "offline")
    }))
})

describe("rows that were left out", () => {
  const dataset = withBroken(1, "a", 2, 3, "b")

  const all = ["1", "!1", "2", "3", "!4"]
  const combined: ReadonlyArray<
    readonly [string, Dataset.Dataset<number, unknown, unknown, Dataset.DatasetError>, Array<string>]
  > = [
    ["rename", Dataset.rename(dataset, "b"), all],
    ["filter", Dataset.filter(dataset, ({ inputs }) => inputs > 1), ["!1", "2", "3", "!4"]],
    ["map", Dataset.map(dataset, ({ inputs }) => ({ inputs: -inputs })), ["-1", "!1", "-2", "-3", "!4"]],
    ["take", Dataset.take(dataset, 2), ["1", "!1", "2"]],
    ["split", Dataset.split(dataset, "test"), ["!1", "!4"]],
    ["assignSplits", Dataset.assignSplits(dataset, { a: 1 }, { seed: 1 }), all],
    ["sample of none", Dataset.sample(dataset, 0, { seed: 1 }), ["!1", "!4"]],
    ["sample of all", Dataset.sample(dataset, 3, { seed: 1 }), all],
    ["concat", Dataset.concat(numbered(1), dataset), ["0", ...all]]
  ]

  it.effect.each(combined)("pass through %s", ([, changed, items]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(dataset), all)
      assert.deepStrictEqual(yield* itemsOf(changed), items)
    }))

  it.effect("pass through shuffle, somewhere", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* itemsOf(Dataset.shuffle(dataset, { seed: 1 }))).toSorted(), all.toSorted())
    }))

  it.effect("are no part of what is read, but warned of, each", () =>
    Effect.gen(function*() {
      const { lines, value } = yield* logged(inputsOf(Dataset.shuffle(dataset, { seed: 1 })))
      assert.deepStrictEqual(value.toSorted(), [1, 2, 3])
      assert.strictEqual(lines.filter((line) => line.startsWith("Warn: Left out: ")).length, 2)
    }))

  it.effect("are counted by an experiment", () =>
    Effect.gen(function*() {
      const target = Target.make("negate", (n: number) => -n)
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data: dataset, target }), { evaluators: [] })
      assert.strictEqual(experiment.rows.length, 3)
      assert.strictEqual(experiment.leftOut.count, 2)
    }).pipe(Effect.provide(TracingClient.layerNone)))
})

describe("steps and size", () => {
  const dataset = Dataset.fromIterable("numbers", numbers(10), { version: "v1" })
  const other = Dataset.take(Dataset.rename(numbered(5), "others"), 2)
  const cases: ReadonlyArray<readonly [Dataset.Dataset<number>, string, number | undefined]> = [
    [Dataset.filter(dataset, () => true), "filter", undefined],
    [Dataset.map(dataset, ({ inputs }) => ({ inputs })), "map", 10],
    [Dataset.take(dataset, 3), "take(3)", 3],
    [Dataset.take(dataset, 30), "take(30)", 10],
    [Dataset.split(dataset, "test"), "split(test)", undefined],
    [Dataset.split(dataset, ["a", "b", "a"]), "split(a, b)", undefined],
    [Dataset.assignSplits(dataset, { a: 0.8, b: 0.2 }, { seed: 7 }), "assignSplits(a 0.8, b 0.2; seed 7)", 10],
    [Dataset.shuffle(dataset, { seed: 7 }), "shuffle(seed 7)", 10],
    [Dataset.sample(dataset, 4, { seed: "x" }), "sample(4, seed x)", 4],
    [Dataset.sample(dataset, 40, { seed: "x" }), "sample(40, seed x)", 10],
    [Dataset.concat(dataset, other), "concat(others, take(2))", 12]
  ]

  it.each(cases.map(([changed, step, size]) => [step, changed, size] as const))(
    "of %s are recorded",
    (step, changed, size) => {
      assert.deepStrictEqual(changed.steps, [step])
      assert.strictEqual(changed.size, size)
      assert.strictEqual(changed.name, "numbers")
      assert.strictEqual(changed.version, "v1")
      assert.deepStrictEqual(dataset.steps, [])
    }
  )

  it("add up in order", () => {
    const changed = dataset.pipe(Dataset.shuffle({ seed: 1 }), Dataset.take(5), Dataset.filter(() => true))
    assert.deepStrictEqual(changed.steps, ["shuffle(seed 1)", "take(5)", "filter"])
  })

  it("leave an unknown size unknown", () => {
    const unknown = Dataset.filter(dataset, () => true)
    assert.isUndefined(Dataset.take(unknown, 3).size)
    assert.isUndefined(Dataset.sample(unknown, 3, { seed: 1 }).size)
    assert.isUndefined(Dataset.concat(unknown, other).size)
    assert.isUndefined(Dataset.concat(other, unknown).size)
  })
})

describe("isolation", () => {
  it.effect("keeps a target that changes its inputs from other repetitions, and from evaluators", () =>
    Effect.gen(function*() {
      const data = Dataset.fromIterable("carts", [{ inputs: { items: ["tea"], totals: new Map([["tea", 1]]) } }])
      const seenByTarget: Array<number> = []
      const target = Target.make("greedy", (inputs: { items: Array<string>; totals: Map<string, number> }) => {
        seenByTarget.push(inputs.items.length + inputs.totals.size)
        inputs.items.push("cake")
        inputs.totals.set("cake", 2)
        return inputs.items
      })
      const seenByEvaluator: Array<unknown> = []
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target }), {
        repetitions: 3,
        evaluators: [
          Evaluator.make("count", ({ example, inputs }) => {
            seenByEvaluator.push([inputs.items.length, inputs.totals.size, example.inputs.items.length])
            return true
          })
        ]
      })
      assert.strictEqual(experiment.rows.length, 3)
      assert.deepStrictEqual(seenByTarget, [2, 2, 2])
      assert.deepStrictEqual(seenByEvaluator, [[1, 1, 1], [1, 1, 1], [1, 1, 1]])
    }).pipe(Effect.provide(TracingClient.layerNone)))
})
