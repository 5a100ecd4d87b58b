import { NodeServices } from "@effect/platform-node"
import { assert, describe, it as plainIt, layer } from "@effect/vitest"
import { Effect, FileSystem, Logger, Option, Path, Schema, Stream } from "effect"
import * as NodeFs from "node:fs"
import * as Attachment from "../src/Attachment.ts"
import * as Dataset from "../src/Dataset.ts"

const skipHint = ` Mend the row, or leave such rows out, counted, with { onInvalid: "skip" }.`

/** Writes a file into a directory of the test's own. */
const write = Effect.fnUntraced(function*(name: string, content: string | Uint8Array) {
  const fileSystem = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(yield* fileSystem.makeTempDirectoryScoped(), name)
  yield* typeof content === "string" ? fileSystem.writeFileString(file, content) : fileSystem.writeFile(file, content)
  return file
})

const inputsOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.map(Dataset.collect(dataset), (examples) => examples.map(({ inputs }) => inputs))

const failureOf = <I, Ref, M, R>(dataset: Dataset.Dataset<I, Ref, M, Dataset.DatasetError, R>) =>
  Effect.flip(Dataset.collect(dataset))

/** The items as short texts: an example is its inputs as JSON, a row that was left out is `!` and its line or index. */
const itemsOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.map(
    Stream.runCollect(dataset.items),
    (items) =>
      items.map((item) =>
        item instanceof Dataset.DatasetError ? `!${item.line ?? `[${item.index}]`}` : JSON.stringify(item.inputs)
      )
  )

/** The rows that were left out. */
const leftOutOf = <I, Ref, M, E, R>(dataset: Dataset.Dataset<I, Ref, M, E, R>) =>
  Effect.map(Stream.runCollect(dataset.items), (items) => items.filter((item) => item instanceof Dataset.DatasetError))

const logged = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const logger = Logger.make(({ logLevel, message }) => {
      lines.push(`${logLevel}: ${String(message)}`)
    })
    const value = yield* Effect.provide(effect, Logger.layer([logger]))
    return { lines, value }
  })

/** What an error says for programs. */
const fieldsOf = ({ field, file, index, line, reason }: Dataset.DatasetError) => ({ field, file, index, line, reason })

/** A file system that counts what is read and how many streams are open. */
const watched = Effect.map(FileSystem.FileSystem, (fileSystem) => {
  const seen = { bytes: 0, open: 0, opened: 0 }
  const watching = FileSystem.FileSystem.of({
    ...fileSystem,
    stream: (file, options) =>
      Stream.suspend(() => {
        seen.open++
        seen.opened++
        return fileSystem.stream(file, options).pipe(
          Stream.tap((bytes) => Effect.sync(() => seen.bytes += bytes.length)),
          Stream.ensuring(Effect.sync(() => seen.open--))
        )
      })
  })
  return { seen, watching }
})

/** How many descriptors this process has on a file. */
const descriptorsOf = (file: string) =>
  NodeFs.readdirSync("/proc/self/fd").filter((descriptor) => {
    try {
      return NodeFs.readlinkSync(`/proc/self/fd/${descriptor}`) === file
    } catch {
      return false
    }
  }).length

const Question = Schema.Struct({ q: Schema.String })

/** Every reader with the same three questions, of which the second has a number for its text. */
const readers = [
  {
    reader: "fromJsonl",
    name: "tickets.jsonl",
    content: `{"inputs":{"q":"one"}}\n{"inputs":{"q":2}}\n{"inputs":{"q":"three"}}\n`,
    read: (file: string, onInvalid?: "skip") => Dataset.fromJsonl(file, { inputs: Question, onInvalid }),
    at: { line: 2, text: (file: string) => `${file}:2` },
    readsForEach: 1
  },
  {
    reader: "fromJson",
    name: "tickets.json",
    content: `[{"inputs":{"q":"one"}},\n{"inputs":{"q":2}},\n{"inputs":{"q":"three"}}]\n`,
    read: (file: string, onInvalid?: "skip") => Dataset.fromJson(file, { inputs: Question, onInvalid }),
    at: { line: 2, text: (file: string) => `${file}:2` },
    // Once more for the line of what is wrong.
    readsForEach: 2
  },
  {
    reader: "fromYaml",
    name: "tickets.yaml",
    content: `- inputs:\n    q: one\n- inputs:\n    q: 2\n- inputs:\n    q: three\n`,
    read: (file: string, onInvalid?: "skip") => Dataset.fromYaml(file, { inputs: Question, onInvalid }),
    at: { line: 3, text: (file: string) => `${file}:3` },
    readsForEach: 1
  }
] as const

layer(NodeServices.layer)("files", (it) => {
  describe.each(readers)("$reader", ({ at, content, name, read, readsForEach }) => {
    it.effect("names file, line, field and expectation of a broken row, and gives the rows before", () =>
      Effect.gen(function*() {
        const file = yield* write(name, content)
        const dataset = read(file)
        const error = yield* failureOf(dataset)
        assert.strictEqual(error.message, `${at.text(file)}: inputs.q: expected string, got 2.${skipHint}`)
        assert.deepStrictEqual(fieldsOf(error), {
          reason: "InvalidExample",
          file,
          line: at.line,
          index: 1,
          field: "inputs.q"
        })
        assert.strictEqual(error.dataset, "tickets")
        const before: Array<unknown> = []
        yield* Effect.flip(Stream.runForEach(dataset.items, (item) => Effect.sync(() => before.push(item))))
        assert.strictEqual(before.length, 1)
      }))

    it.effect("leaves a broken row out, as an item and a warning, when asked to", () =>
      Effect.gen(function*() {
        const file = yield* write(name, content)
        const dataset = read(file, "skip")
        assert.deepStrictEqual(yield* itemsOf(dataset), [`{"q":"one"}`, `!${at.line}`, `{"q":"three"}`])
        const { lines, value } = yield* logged(inputsOf(dataset))
        assert.deepStrictEqual(value, [{ q: "one" }, { q: "three" }])
        assert.deepStrictEqual(lines, [`Warn: Left out: ${at.text(file)}: inputs.q: expected string, got 2.`])
      }))

    it.effect("reads a file that begins with a byte order mark and does not end with a line break", () =>
      Effect.gen(function*() {
        const file = yield* write(name, `\ufeff${content.replace(`2`, `"two"`).trimEnd()}`)
        assert.deepStrictEqual(yield* inputsOf(read(file)), [{ q: "one" }, { q: "two" }, { q: "three" }])
      }))

    it.effect("reads a file whose lines end with CRLF", () =>
      Effect.gen(function*() {
        const file = yield* write(name, content.replaceAll("\n", "\r\n"))
        const error = yield* failureOf(read(file))
        assert.strictEqual(error.line, at.line)
        assert.deepStrictEqual(yield* itemsOf(read(file, "skip")), [
          `{"q":"one"}`,
          `!${at.line}`,
          `{"q":"three"}`
        ])
      }))

    it.effect("names a file that is not there, whether rows are left out or not", () =>
      Effect.gen(function*() {
        const file = `${yield* write(name, "")}.missing`
        for (const dataset of [read(file), read(file, "skip")]) {
          const error = yield* failureOf(dataset)
          assert.strictEqual(error.reason, "Unreadable")
          assert.strictEqual(error.file, file)
          assert.isTrue(error.message.startsWith(`The dataset file ${file} could not be read: NotFound`))
          assert.isDefined(error.cause)
        }
      }))

    it.effect("keeps characters whole that are split over the chunks of a file", () =>
      Effect.gen(function*() {
        // Three bytes a character, so that chunks of 64 KiB end within one, whatever comes before.
        const texts = Array.from({ length: 12 }, (_, i) => "x".repeat(i) + "日本語€".repeat(2000))
        const rows = texts.map((q) => ({ inputs: { q } }))
        const file = yield* write(
          name,
          name.endsWith("jsonl") ? rows.map((row) => JSON.stringify(row)).join("\n") : JSON.stringify(rows)
        )
        assert.isAbove(NodeFs.statSync(file).size, 4 * 64 * 1024)
        assert.deepStrictEqual(yield* inputsOf(read(file)), rows.map(({ inputs }) => inputs))
      }))

    it.effect("refuses bytes that are not UTF-8 instead of changing them", () =>
      Effect.gen(function*() {
        const file = yield* write(name, Buffer.from(content.replace("three", "tr\xe8s"), "latin1"))
        const line = content.slice(0, content.indexOf("three")).split("\n").length
        const error = yield* failureOf(read(file, "skip"))
        assert.strictEqual(error.reason, "Unreadable")
        assert.strictEqual(error.line, line)
        assert.isTrue(error.message.startsWith(`${file}:${line}: expected UTF-8 text, got other bytes.`))
      }))

    it.effect("reads nothing before it is asked, and anew each time", () =>
      Effect.gen(function*() {
        const file = yield* write(name, content)
        const { seen, watching } = yield* watched
        const dataset = read(file, "skip")
        assert.strictEqual(seen.opened, 0)
        const twice = Effect.andThen(Dataset.collect(dataset), Dataset.collect(dataset))
        yield* Effect.provideService(twice, FileSystem.FileSystem, watching)
        assert.strictEqual(seen.opened, 2 * readsForEach)
        assert.strictEqual(seen.open, 0)
      }))
  })

  describe("names", () => {
    it.effect("are those of the files, unless others are given", () =>
      Effect.sync(() => {
        assert.strictEqual(Dataset.fromJsonl("data/support.tickets.jsonl").name, "support.tickets")
        assert.strictEqual(Dataset.fromJsonl("data\\tickets.jsonl").name, "tickets")
        assert.strictEqual(Dataset.fromJsonl("tickets").name, "tickets")
        const dataset = Dataset.fromJsonl("tickets.jsonl", { name: "support", version: "v1" })
        assert.strictEqual(dataset.name, "support")
        assert.strictEqual(dataset.version, "v1")
        assert.isUndefined(dataset.size)
        assert.deepStrictEqual(dataset.steps, [])
      }))
  })

  describe("JSONL", () => {
    it.effect("has all parts of an example on a line", () =>
      Effect.gen(function*() {
        const file = yield* write(
          "d.jsonl",
          `{"id":"a","inputs":{"n":1},"referenceOutputs":{"m":2},"metadata":{"t":3},"split":"test"}\n` +
            `{"id":7,"inputs":"x","split":["train","hard"]}\n`
        )
        const [first, second] = yield* Dataset.collect(Dataset.fromJsonl(file))
        assert.strictEqual(first?.id, "a")
        assert.deepStrictEqual(first?.inputs, { n: 1 })
        assert.deepStrictEqual(first?.referenceOutputs, { m: 2 })
        assert.deepStrictEqual(first?.metadata, { t: 3 })
        assert.deepStrictEqual(first?.splits, ["test"])
        assert.strictEqual(second?.id, "7")
        assert.deepStrictEqual(second?.splits, ["train", "hard"])
        assert.isUndefined(second?.referenceOutputs)
      }))

    it.effect("may have blank lines, which count as lines", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `\n{"inputs":1}\n\n   \n\t\r\n{"inputs":2}\n\n{"inputs":"x"}\n\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file, { inputs: Schema.Finite }))
        assert.strictEqual(error.line, 8)
        assert.strictEqual(error.index, 2)
      }))

    it.effect("may be empty", () =>
      Effect.gen(function*() {
        for (const content of ["", "\n\n", "\ufeff"]) {
          assert.deepStrictEqual(yield* inputsOf(Dataset.fromJsonl(yield* write("d.jsonl", content))), [])
        }
      }))

    it.effect("that is no JSON is named with its line, column and beginning", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":1}\n{"inputs":1 "id":2}\n{"inputs":3}\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.strictEqual(
          error.message,
          `${file}:2: expected one JSON value on the line: Expected ',' or '}' after property value in column 13. ` +
            `The line begins with "{\\"inputs\\":1 \\"id\\":2}".${skipHint}`
        )
        assert.deepStrictEqual(fieldsOf(error), { reason: "Syntax", file, line: 2, index: 1, field: undefined })
        assert.isDefined(error.cause)
        assert.deepStrictEqual(yield* itemsOf(Dataset.fromJsonl(file, { onInvalid: "skip" })), ["1", "!2", "3"])
      }))

    it.effect("that stops within a line is named", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":1}\n{"inputs":{"q":"tw`)
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.strictEqual(error.line, 2)
        assert.include(error.message, `${file}:2: expected one JSON value on the line: Unterminated string`)
      }))

    it.effect("that is another value than an object is named", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `5\n[1]\nnull\n"text"\n`)
        assert.deepStrictEqual(
          (yield* leftOutOf(Dataset.fromJsonl(file, { onInvalid: "skip" }))).map(({ message }) => message),
          ["5", "an array of 1", "null", `"text"`].map((found, i) =>
            `${file}:${i + 1}: expected an object, got ${found}.`
          )
        )
      }))

    it.effect("without inputs is named with what there is and what to do", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"question":"a","answer":"b"}\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.strictEqual(error.field, "inputs")
        assert.strictEqual(
          error.message,
          `${file}:1: inputs: missing; the row is an object with keys question, answer. If its fields have other ` +
            `names, say which are what with { fields: { inputs: [...], referenceOutputs: [...] } }.${skipHint}`
        )
      }))

    it.effect.each([
      [{ inputs: 1, referenceOutput: 2 }, "referenceOutput", "referenceOutputs"],
      [{ inputs: 1, reference_outputs: 2 }, "reference_outputs", "referenceOutputs"],
      [{ inputs: 1, Metadata: {} }, "Metadata", "metadata"],
      [{ inputs: 1, meta_data: {} }, "meta_data", "metadata"],
      [{ input: 1 }, "input", "inputs"],
      [{ inputs: 1, ID: "a" }, "ID", "id"]
    ] as ReadonlyArray<readonly [record: object, field: string, meant: string]>)(
      "with a misspelt part is named: %j",
      ([record, field, meant]) =>
        Effect.gen(function*() {
          const file = yield* write("d.jsonl", `{"inputs":0}\n${JSON.stringify(record)}\n`)
          const error = yield* failureOf(Dataset.fromJsonl(file))
          assert.strictEqual(
            error.message,
            `${file}:2: ${field}: no part of an example; did you mean ${meant}? If it is not, give it another ` +
              `name.${skipHint}`
          )
          assert.deepInclude(error, { field, reason: "InvalidExample" })
        })
    )

    it.effect("with fields that are no part of an example is read, and they are told once", () =>
      Effect.gen(function*() {
        const warnings: Array<unknown> = []
        const logger = Logger.make(({ message }) => void warnings.push(message))
        const file = yield* write(
          "d.jsonl",
          `{"inputs":0,"dataset_id":"d","name":"a"}\n{"inputs":1,"name":"b","outputs":3}\n`
        )
        const read = Dataset.fromJsonl(file)
        assert.deepStrictEqual(yield* inputsOf(read).pipe(Effect.provide(Logger.layer([logger]))), [0, 1])
        assert.deepStrictEqual(warnings.flat(), [
          `Fields of d that are no part of an example were passed over: "name" (2 rows), "dataset_id" (1 row). To take ` +
          `them in, say what they are with { fields } or { toExample }.`
        ])
        const mapped = Dataset.fromJsonl(file, { fields: { inputs: "name" } })
        assert.deepStrictEqual(yield* inputsOf(mapped).pipe(Effect.provide(Logger.layer([logger]))), ["a", "b"])
        assert.strictEqual(warnings.length, 1)
      }))

    it.effect("with a misspelt part is left out, and not told of as passed over, too", () =>
      Effect.gen(function*() {
        const warnings: Array<unknown> = []
        const logger = Logger.make(({ message }) => void warnings.push(message))
        const file = yield* write("d.jsonl", `{"inputs":0}\n{"input":1,"name":"b"}\n`)
        const read = Dataset.fromJsonl(file, { onInvalid: "skip" })
        yield* inputsOf(read).pipe(Effect.provide(Logger.layer([logger])))
        const told = warnings.flat().map(String)
        assert.isTrue(told.some((text) => text.includes("did you mean inputs")), told.join("\n"))
        assert.isFalse(told.some((text) => text.includes(`"input" (1 row)`)), told.join("\n"))
      }))

    it.effect("with several problems is named with all of them", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":{"q":1},"referenceOutputs":{"n":["x",2]}}\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file, {
          inputs: Question,
          referenceOutputs: Schema.Struct({ n: Schema.Array(Schema.Finite), a: Schema.String }),
          metadata: Schema.Struct({ topic: Schema.String })
        }))
        assert.strictEqual(error.field, "inputs.q")
        assert.strictEqual(
          error.message,
          `${file}:1: inputs.q: expected string, got 1; referenceOutputs.n[0]: expected number, got "x"; ` +
            `referenceOutputs.a: missing; metadata: expected object, got undefined.${skipHint}`
        )
      }))

    it.effect("decodes by schemas that transform", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":{"on":"2020-01-01T00:00:00.000Z"},"referenceOutputs":"5"}\n`)
        const [example] = yield* Dataset.collect(Dataset.fromJsonl(file, {
          inputs: Schema.Struct({ on: Schema.DateFromString }),
          referenceOutputs: Schema.FiniteFromString
        }))
        assert.deepStrictEqual(example?.inputs.on, new Date("2020-01-01"))
        assert.strictEqual(example?.referenceOutputs, 5)
      }))

    it.effect("takes null for nothing, unless the schema takes it for itself", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"id":null,"inputs":1,"outputs":null,"metadata":null,"split":null}\n`)
        const [plain] = yield* Dataset.collect(Dataset.fromJsonl(file))
        assert.isUndefined(plain?.referenceOutputs)
        assert.deepStrictEqual(plain?.metadata, {})
        assert.deepStrictEqual(plain?.splits, [])
        const referenceOf = <A>(referenceOutputs: Schema.Codec<A, unknown>) =>
          Effect.map(Dataset.collect(Dataset.fromJsonl(file, { referenceOutputs })), ([example]) =>
            example?.referenceOutputs)
        assert.isNull(yield* referenceOf(Schema.NullOr(Schema.String)))
        assert.isUndefined(yield* referenceOf(Schema.UndefinedOr(Schema.String)))
        const error = yield* failureOf(Dataset.fromJsonl(file, { referenceOutputs: Schema.String }))
        assert.include(error.message, "referenceOutputs: expected string, got null.")
      }))

    it.effect("may have lines longer than any chunk", () =>
      Effect.gen(function*() {
        const long = "é".repeat(1_000_000)
        const file = yield* write("d.jsonl", `{"inputs":"a"}\n${JSON.stringify({ inputs: long })}\n{"inputs":5}\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file, { inputs: Schema.String }))
        assert.strictEqual(error.line, 3)
        const [, second] = yield* inputsOf(Dataset.take(Dataset.fromJsonl(file), 2))
        assert.strictEqual(second, long)
      }))

    it.effect("says how a long broken line begins, not all of it", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", "x".repeat(100_000))
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.isBelow(error.message.length, 400 + file.length)
        assert.include(error.message, `The line begins with "xxxxx`)
      }))

    it.effect("finds what is not UTF-8 at the border of two chunks, and at the end", () =>
      Effect.gen(function*() {
        const row = `{"inputs":1}\n`
        const lines = Math.floor(65_536 / row.length)
        const start = Buffer.from(row.repeat(lines) + "x".repeat(65_536 - lines * row.length - 1))
        for (
          const [bytes, line] of [
            // A character that begins in one chunk and does not go on in the next.
            [Buffer.concat([start, Buffer.from([0xe9]), Buffer.from(`y\n${row}`)]), lines + 1],
            // The same where the bytes that are wrong come after whole lines of the second chunk.
            [Buffer.concat([start, Buffer.from("é"), Buffer.from(`\n${row}`), Buffer.from([0xff])]), lines + 3],
            // The first of these, where the second chunk ends within a character that the third goes on with.
            [
              Buffer.concat([start, Buffer.from([0xe9]), Buffer.from(`y\n${"x".repeat(65_533)}é\n`)]),
              lines + 1
            ],
            // A file that ends within a character.
            [Buffer.concat([Buffer.from(row), Buffer.from([0xe2, 0x82])]), 2]
          ] as const
        ) {
          const file = yield* write("d.jsonl", bytes)
          const { items } = Dataset.fromJsonl(file, { onInvalid: "skip" })
          const error = yield* Effect.flip(Stream.runDrain(items))
          assert.strictEqual(error.reason, "Unreadable")
          assert.strictEqual(error.line, line)
        }
      }))

    it.effect("takes a replacement character for itself", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":"\ufffd"}\n`)
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromJsonl(file)), ["\ufffd"])
      }))

    it.effect("has the same derived ids whatever the order of keys, so such rows clash", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":{"a":1,"b":2}}\n\n{"inputs":{"b":2,"a":1}}\n`)
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.strictEqual(error.reason, "DuplicateId")
        assert.include(error.message, `The examples at ${file}:1 and ${file}:3 have the same id`)
        assert.deepInclude(error, { file, line: 3, index: 1 })
      }))

    it.effect("keeps `__proto__` as data", () =>
      Effect.gen(function*() {
        const file = yield* write("d.jsonl", `{"inputs":{"__proto__":{"admin":true}}}\n`)
        const [inputs] = yield* inputsOf(Dataset.fromJsonl(file))
        assert.strictEqual(JSON.stringify(inputs), `{"__proto__":{"admin":true}}`)
        assert.notProperty(inputs, "admin")
      }))
  })

  describe("records", () => {
    const jsonl = (...records: ReadonlyArray<unknown>) =>
      write("d.jsonl", records.map((record) => JSON.stringify(record)).join("\n"))

    it.effect("of LangSmith have `outputs` and `splits`", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({
          id: "x",
          inputs: { q: 1 },
          outputs: { a: 2 },
          metadata: { m: 3 },
          splits: ["base"]
        })
        const [example] = yield* Dataset.collect(Dataset.fromJsonl(file))
        assert.deepStrictEqual(example?.referenceOutputs, { a: 2 })
        assert.deepStrictEqual(example?.splits, ["base"])
      }))

    it.effect("prefer the names of this library to those of LangSmith", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ inputs: 1, outputs: 2, referenceOutputs: 3, split: "a", splits: ["b"] })
        const [example] = yield* Dataset.collect(Dataset.fromJsonl(file))
        assert.strictEqual(example?.referenceOutputs, 3)
        assert.deepStrictEqual(example?.splits, ["a"])
      }))

    it.effect("may have an empty id or split, which is none", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ id: "", inputs: 1, split: "" }, { id: 0, inputs: 1 })
        const [none, zero] = yield* Dataset.collect(Dataset.fromJsonl(file))
        assert.strictEqual(none?.id.length, 36)
        assert.deepStrictEqual(none?.splits, [])
        assert.strictEqual(zero?.id, "0")
      }))

    it.effect.each([
      [{ id: {}, inputs: 1 }, "id", "expected a string or a number, got an empty object"],
      [{ id: true, inputs: 1 }, "id", "expected a string or a number, got true"],
      [{ id: ["a"], inputs: 1 }, "id", "expected a string or a number, got an array of 1"],
      [{ inputs: 1, split: 5 }, "split", "expected a string or an array of strings, got 5"],
      [{ inputs: 1, splits: ["a", 5] }, "split", "expected a string or an array of strings, got an array of 2"],
      [
        { inputs: 1, attachments: { a: "a.png" } },
        "attachments.a",
        "expected { mimeType, data } with the bytes as Base64, got \"a.png\"; files elsewhere are read with " +
        "{ toExample } and the Attachment module"
      ],
      [
        { inputs: 1, attachments: "a.png" },
        "attachments",
        "expected files by name, got \"a.png\""
      ]
    ])("with a wrong part are named: %j", ([record, field, expected]) =>
      Effect.gen(function*() {
        const file = yield* jsonl(record)
        const error = yield* failureOf(Dataset.fromJsonl(file))
        assert.strictEqual(error.message, `${file}:1: ${field}: ${expected}.${skipHint}`)
        assert.strictEqual(error.field, field)
        assert.strictEqual(error.reason, "InvalidExample")
      }))

    it.effect("become examples by `fields`: a text takes the field, an array an object of fields", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ key: 7, question: "a", hint: "b", answer: "c", topic: "d", part: "test", more: 1 })
        const [example] = yield* Dataset.collect(Dataset.fromJsonl(file, {
          fields: {
            id: "key",
            inputs: ["question", "hint"],
            referenceOutputs: "answer",
            metadata: ["topic"],
            split: "part"
          }
        }))
        assert.strictEqual(example?.id, "7")
        assert.deepStrictEqual(example?.inputs, { question: "a", hint: "b" })
        assert.strictEqual(example?.referenceOutputs, "c")
        assert.deepStrictEqual(example?.metadata, { topic: "d" })
        assert.deepStrictEqual(example?.splits, ["test"])
      }))

    it.effect.each<readonly [Dataset.Fields, string]>([
      [{ id: "key", inputs: "q" }, "key"],
      [{ inputs: "question" }, "question"],
      [{ inputs: ["q", "hint"] }, "hint"],
      [{ inputs: "q", referenceOutputs: "answer" }, "answer"],
      [{ inputs: "q", metadata: ["topic"] }, "topic"],
      [{ inputs: "q", split: "part" }, "part"],
      [{ inputs: "toString" }, "toString"]
    ])("without a field that is mapped are named: %j", ([fields, missing]) =>
      Effect.gen(function*() {
        const file = yield* jsonl({ q: 1, a: 2 })
        const error = yield* failureOf(Dataset.fromJsonl(file, { fields }))
        assert.strictEqual(
          error.message,
          `${file}:1: ${missing}: missing; the row is an object with keys q, a.${skipHint}`
        )
        assert.strictEqual(error.field, missing)
      }))

    it.effect("become examples by `toExample`, with attachments", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ question: "what?", picture: "AQI=" })
        const Record = Schema.Struct({ question: Schema.String, picture: Schema.Uint8ArrayFromBase64 })
        const [example] = yield* Dataset.collect(Dataset.fromJsonl(file, {
          inputs: Schema.String,
          toExample: (record) => {
            const { picture, question } = Schema.decodeUnknownSync(Record)(record)
            const attachments = { picture: Attachment.fromBytes(picture, { mimeType: "image/png" }) }
            return { inputs: question, attachments, split: "test" }
          }
        }))
        assert.strictEqual(example?.inputs, "what?")
        assert.deepStrictEqual(example?.splits, ["test"])
        assert.deepStrictEqual(
          yield* example?.attachments["picture"]?.bytes ?? Effect.void,
          new Uint8Array([1, 2])
        )
      }))

    it.effect("are named when `toExample` throws", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ q: 1 }, { q: 2 })
        const failure = new Error("2 is no question")
        const toExample = (record: unknown) => {
          if (JSON.stringify(record) === `{"q":2}`) throw failure
          return { inputs: record }
        }
        const error = yield* failureOf(Dataset.fromJsonl(file, { toExample }))
        assert.strictEqual(error.message, `${file}:2: toExample failed: 2 is no question.${skipHint}`)
        assert.deepStrictEqual(fieldsOf(error), {
          reason: "InvalidExample",
          file,
          line: 2,
          index: 1,
          field: undefined
        })
        assert.strictEqual(error.cause, failure)
        const skipping = Dataset.fromJsonl(file, { toExample, onInvalid: "skip" })
        assert.deepStrictEqual(yield* itemsOf(skipping), [`{"q":1}`, "!2"])
      }))

    it.effect.each([
      [undefined, "expected toExample to return { inputs, ... }, got undefined"],
      [{ input: 1 }, "expected toExample to return { inputs, ... }, got an object with key input"],
      [{ inputs: 1, id: {} }, "id: expected a string or a number, got an empty object"],
      [{ inputs: 1, split: 5 }, "split: expected a string or an array of strings, got 5"]
    ])("are named when `toExample` makes no example: %j", ([made, expected]) =>
      Effect.gen(function*() {
        const file = yield* jsonl({ q: 1 })
        // What is made of a record of unknown shape is not known to the compiler either.
        const toExample = () => made as { readonly inputs: unknown }
        const error = yield* failureOf(Dataset.fromJsonl(file, { toExample }))
        assert.strictEqual(error.message, `${file}:1: ${expected}.${skipHint}`)
      }))

    it.effect("may get numbers for ids from `toExample`", () =>
      Effect.gen(function*() {
        const file = yield* jsonl(1, 2, 3)
        const toExample = (record: unknown) => ({ id: record as string, inputs: record })
        const examples = yield* Dataset.collect(Dataset.fromJsonl(file, { toExample }))
        assert.deepStrictEqual(examples.map(({ id }) => id), ["1", "2", "3"])
      }))

    it.effect("are checked by schemas after `toExample`", () =>
      Effect.gen(function*() {
        const file = yield* jsonl({ q: 5 })
        const error = yield* failureOf(
          Dataset.fromJsonl(file, { inputs: Question, toExample: (inputs) => ({ inputs }) })
        )
        assert.include(error.message, `${file}:1: inputs.q: expected string, got 5.`)
      }))
  })

  describe("JSON", () => {
    it.effect("is an array, however it is laid out", () =>
      Effect.gen(function*() {
        const rows = [{ inputs: { q: "a [\"]} b" } }, { inputs: [1, [2]] }, { inputs: "}" }]
        for (const indent of [0, 2]) {
          const file = yield* write("d.json", JSON.stringify(rows, null, indent))
          assert.deepStrictEqual(yield* inputsOf(Dataset.fromJson(file)), rows.map(({ inputs }) => inputs))
        }
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromJson(yield* write("d.json", " [ ] "))), [])
      }))

    it.effect("may have its array anywhere, by a JSON Pointer", () =>
      Effect.gen(function*() {
        const file = yield* write(
          "d.json",
          `{"version":[1,{"data":0}],"a/b":{"rows":[[],[{"inputs":1},{"inputs":"two"}]]},"more":{}}`
        )
        const pointer = "/a~1b/rows/1"
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromJson(file, { pointer })), [1, "two"])
        const error = yield* failureOf(Dataset.fromJson(file, { pointer, inputs: Schema.Finite }))
        assert.strictEqual(error.message, `${file}:1: inputs: expected number, got "two".${skipHint}`)
      }))

    it.effect("that has no array where it should be is named, with how to say where it is", () =>
      Effect.gen(function*() {
        const file = yield* write("d.json", `\n{"data":\n [{"inputs":1}]}`)
        const hint = ` If it stands elsewhere in the file, say where with { pointer: "/path" }.`
        const root = yield* failureOf(Dataset.fromJson(file, { onInvalid: "skip" }))
        assert.strictEqual(
          root.message,
          `${file}:2: expected a JSON array of examples, at character 1: Expected an array at "".${hint}`
        )
        assert.deepStrictEqual(fieldsOf(root), { reason: "Syntax", file, line: 2, index: undefined, field: undefined })
        const missing = yield* failureOf(Dataset.fromJson(file, { pointer: "/rows" }))
        assert.include(
          missing.message,
          `expected a JSON array of examples at /rows, at character 25: No value at "/rows".`
        )
        assert.isTrue(missing.message.endsWith(hint))
      }))

    it.effect.each<readonly [string, string, number, string]>([
      ["an empty file", "", 1, "Unexpected end of input"],
      ["a file that stops", `[{"inputs":1},\n{"inputs":`, 2, "Unexpected end of input"],
      ["a file that stops between rows", `[{"inputs":1},\n`, 2, "Unexpected end of input"],
      ["a value that is none", `[{"inputs":1},\n\n{"inputs":x}]`, 3, "Invalid JSON value: Unexpected token 'x'"],
      ["a missing comma", `[{"inputs":1}\n{"inputs":2}]`, 2, `Unexpected character "{"`],
      ["more after the end", `[]\n[]`, 2, "Unexpected content after the document"],
      ["one JSON value a line", `{"inputs":1}\n{"inputs":2}`, 1, `Expected an array at ""`]
    ])("is named with the line of %s", ([, content, line, why]) =>
      Effect.gen(function*() {
        const file = yield* write("d.json", content)
        for (const onInvalid of ["fail", "skip"] as const) {
          const error = yield* failureOf(Dataset.fromJson(file, { onInvalid }))
          assert.isTrue(error.message.startsWith(`${file}:${line}: expected a JSON array of examples, at character `))
          assert.include(error.message, why)
          assert.strictEqual(error.line, line)
          assert.strictEqual(error.reason, "Syntax")
          assert.isDefined(error.cause)
        }
      }))

    it.effect("is named with a line far into the file", () =>
      Effect.gen(function*() {
        const rows = Array.from({ length: 20_000 }, (_, i) => `{"id":"n${i}","inputs":"é"}`)
        rows[15_000] = `{"id":"broken",}`
        const file = yield* write("d.json", `[\n${rows.join(",\n")}\n]`)
        const error = yield* failureOf(Dataset.fromJson(file))
        assert.strictEqual(error.line, 15_002)
      }))

    it.effect("refuses a pointer that is none when the dataset is made", () =>
      Effect.sync(() => {
        assert.throws(() => Dataset.fromJson("d.json", { pointer: "data" }), "RFC 6901")
      }))
  })

  describe("CSV", () => {
    const q = { inputs: "q" }

    it.effect("has columns by name", () =>
      Effect.gen(function*() {
        const file = yield* write("tickets.csv", "id,question,answer,part\na,one?,1,test\nb,two?,2,\n")
        const dataset = Dataset.fromCsv(file, {
          fields: { id: "id", inputs: ["question"], referenceOutputs: "answer", split: "part" }
        })
        assert.strictEqual(dataset.name, "tickets")
        const [a, b] = yield* Dataset.collect(dataset)
        assert.strictEqual(a?.id, "a")
        assert.deepStrictEqual(a?.inputs, { question: "one?" })
        assert.strictEqual(a?.referenceOutputs, "1")
        assert.deepStrictEqual(a?.splits, ["test"])
        assert.deepStrictEqual(b?.splits, [])
      }))

    it.effect("has cells of the types that the schemas ask for", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "n,ok,on,text,score\n5,true,2020-01-02,07,0.5\n-1e3,false,2020-01-03,,1\n")
        const examples = yield* Dataset.collect(Dataset.fromCsv(file, {
          fields: { inputs: ["n", "ok", "on", "text"], referenceOutputs: "score" },
          inputs: Schema.Struct({ n: Schema.Number, ok: Schema.Boolean, on: Schema.Date, text: Schema.String }),
          referenceOutputs: Schema.Finite
        }))
        assert.deepStrictEqual(examples.map(({ inputs }) => inputs), [
          { n: 5, ok: true, on: new Date("2020-01-02"), text: "07" },
          { n: -1000, ok: false, on: new Date("2020-01-03"), text: "" }
        ])
        assert.deepStrictEqual(examples.map(({ referenceOutputs }) => referenceOutputs), [0.5, 1])
      }))

    it.effect("has booleans as spreadsheets and Python write them, and leaves texts as they are", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "ok,text\nTRUE,TRUE\nFalse,False\ntrue,x\n")
        const Cells = Schema.Struct({ ok: Schema.Boolean, text: Schema.String })
        const examples = yield* Dataset.collect(
          Dataset.fromCsv(file, { fields: { inputs: ["ok", "text"] }, inputs: Cells })
        )
        assert.deepStrictEqual(examples.map(({ inputs }) => inputs), [
          { ok: true, text: "TRUE" },
          { ok: false, text: "False" },
          { ok: true, text: "x" }
        ])
        const wrong = yield* write("e.csv", "ok,text\nTRUTH,a\n")
        const error = yield* failureOf(Dataset.fromCsv(wrong, { fields: { inputs: ["ok", "text"] }, inputs: Cells }))
        assert.include(error.message, `inputs.ok: expected "true" | "false", got "TRUTH"`)
        const single = yield* write("f.csv", "ok,answer\nTRUE,FALSE\n")
        const [example] = yield* Dataset.collect(
          Dataset.fromCsv(single, {
            fields: { inputs: "ok", referenceOutputs: "answer" },
            inputs: Schema.Boolean,
            referenceOutputs: Schema.Boolean
          })
        )
        assert.deepStrictEqual([example?.inputs, example?.referenceOutputs], [true, false])
      }))

    it.effect("names cells of other types", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "n,ok,on\n1,true,2020-01-02\nfive,yes,soon\n2,false,2020-01-03\n")
        const dataset = (onInvalid: "fail" | "skip") =>
          Dataset.fromCsv(file, {
            fields: { inputs: ["n", "ok", "on"] },
            inputs: Schema.Struct({ n: Schema.Number, ok: Schema.Boolean, on: Schema.Date }),
            onInvalid
          })
        const error = yield* failureOf(dataset("fail"))
        assert.deepStrictEqual(fieldsOf(error), {
          reason: "InvalidExample",
          file,
          line: 3,
          index: 1,
          field: "inputs.n"
        })
        assert.strictEqual(
          error.message,
          `${file}:3: inputs.n: expected a string representing a finite number or "Infinity" | "-Infinity" | "NaN", ` +
            `got "five"; inputs.ok: expected "true" | "false", got "yes"; inputs.on: expected a valid Date, got "soon".` +
            skipHint
        )
        const { lines, value } = yield* logged(inputsOf(dataset("skip")))
        assert.deepStrictEqual(value.map(({ n }) => n), [1, 2])
        assert.strictEqual(lines.length, 1)
        assert.include(lines[0], `Warn: Left out: ${file}:3: inputs.n: `)
      }))

    it.effect("does not take an empty cell for a number", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "q,a\n,x\n")
        for (const inputs of [Schema.Number, Schema.Finite, Schema.Int]) {
          const error = yield* failureOf(Dataset.fromCsv(file, { fields: q, inputs }))
          assert.include(error.message, `${file}:2: inputs: expected a string representing a finite number`)
          assert.include(error.message, `got ""`)
        }
      }))

    it.effect("has nothing in the empty cells of optional properties", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "n,t,score\n1,a,5\n,,\n")
        const examples = yield* Dataset.collect(Dataset.fromCsv(file, {
          fields: { inputs: ["n", "t"], referenceOutputs: "score" },
          inputs: Schema.Struct({ n: Schema.optionalKey(Schema.Number), t: Schema.String }),
          referenceOutputs: Schema.UndefinedOr(Schema.Number)
        }))
        assert.deepStrictEqual(examples.map(({ inputs }) => inputs), [{ n: 1, t: "a" }, { t: "" }])
        assert.deepStrictEqual(examples.map(({ referenceOutputs }) => referenceOutputs), [5, undefined])
      }))

    it.effect("has defaults for empty cells, and classes for rows", () =>
      Effect.gen(function*() {
        class Ticket extends Schema.Class<Ticket>("Ticket")({
          q: Schema.String,
          urgency: Schema.Number.pipe(Schema.withDecodingDefaultKey(Effect.succeed(3)))
        }) {}
        const file = yield* write("d.csv", "q,urgency\na,1\nb,\n")
        const inputs = yield* inputsOf(Dataset.fromCsv(file, { fields: { inputs: ["q", "urgency"] }, inputs: Ticket }))
        assert.deepStrictEqual(inputs.map(({ urgency }) => urgency), [1, 3])
        assert.instanceOf(inputs[0], Ticket)
      }))

    it.effect("may quote delimiters, quotes and line breaks, and lines stay right after them", () =>
      Effect.gen(function*() {
        const file = yield* write(
          "d.csv",
          `"q","a"\n"one, ""two""",x\n"line 1\nline 2\r\nline 3\rline 4",x\n"",x\nbroken\nlast,x\n`
        )
        const dataset = Dataset.fromCsv(file, { fields: q, onInvalid: "skip" })
        assert.deepStrictEqual(yield* inputsOf(dataset), [
          `one, "two"`,
          "line 1\nline 2\r\nline 3\rline 4",
          "",
          "last"
        ])
        assert.deepStrictEqual((yield* leftOutOf(dataset)).map(({ line }) => line), [8])
      }))

    it.effect.each([["LF", "\n"], ["CRLF", "\r\n"], ["CR", "\r"]])(
      "may end its lines with %s",
      ([, end]) =>
        Effect.gen(function*() {
          const file = yield* write("d.csv", ["q,a", `"x${end}y",1`, "", "", "z,1", "broken"].join(end))
          const dataset = Dataset.fromCsv(file, { fields: q, onInvalid: "skip" })
          assert.deepStrictEqual(yield* itemsOf(dataset), [JSON.stringify(`x${end}y`), `"z"`, "!7"])
        })
    )

    it.effect("names rows with more or fewer cells than columns", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "q,a,b\n1,2,3\n4,5\n6,7,8\n9,10,11,12\n")
        const error = yield* failureOf(Dataset.fromCsv(file, { fields: q }))
        assert.strictEqual(
          error.message,
          `${file}:3: expected 3 cells (q, a, b), got 2. A cell with a delimiter, a quote or a line break must be ` +
            `quoted.${skipHint}`
        )
        assert.deepStrictEqual(fieldsOf(error), { reason: "Syntax", file, line: 3, index: 1, field: undefined })
        const skipping = Dataset.fromCsv(file, { fields: q, onInvalid: "skip" })
        assert.deepStrictEqual(yield* itemsOf(skipping), [`"1"`, "!3", `"6"`, "!5"])
        assert.deepStrictEqual((yield* leftOutOf(skipping)).map(({ index }) => index), [1, 3])
      }))

    it.effect.each<readonly [string, string, number, string]>([
      ["a quote within a cell", `q,a\nok,1\nsay "hi",2\n`, 3, "Unexpected quote in an unquoted field (cell 1)"],
      [
        "text after a quoted cell",
        `q,a\n"x"y,2\n`,
        2,
        "Expected a delimiter or line break after a closing quote (cell 1)"
      ],
      ["a quote that is not closed", `q,a\n1,2\n3,"x\n4,5\n`, 3, "Unterminated quoted field (cell 2)"]
    ])("names %s", ([, content, line, why]) =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", content)
        for (const onInvalid of ["fail", "skip"] as const) {
          const error = yield* failureOf(Dataset.fromCsv(file, { fields: q, onInvalid }))
          assert.strictEqual(
            error.message,
            `${file}:${line}: expected CSV: ${why}. A cell with a delimiter, a quote or a line break must be quoted, ` +
              `and its quotes doubled.`
          )
          assert.strictEqual(error.line, line)
          assert.strictEqual(error.reason, "Syntax")
        }
      }))

    it.effect("may have another delimiter", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "q;a\n1,5;2\n\"x;y\";3\n")
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromCsv(file, { fields: q, delimiter: ";" })), ["1,5", "x;y"])
        const tabs = yield* write("d.tsv", "q\ta\n1\t2\n")
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromCsv(tabs, { fields: q, delimiter: "\t" })), ["1"])
      }))

    it.effect("refuses a delimiter that is none when the dataset is made", () =>
      Effect.sync(() => {
        for (const delimiter of ["", "||", "\"", "\n"]) {
          assert.throws(() => Dataset.fromCsv("d.csv", { fields: q, delimiter }), "delimiter must be one character")
        }
      }))

    it.effect("names a column that is there twice", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "\nq,a,q\n1,2,3\n")
        for (const onInvalid of ["fail", "skip"] as const) {
          const error = yield* failureOf(Dataset.fromCsv(file, { fields: q, onInvalid }))
          assert.strictEqual(
            error.message,
            `${file}:2: expected columns with different names, got "q" twice. Rename one of them.`
          )
          assert.deepStrictEqual(fieldsOf(error), { reason: "Syntax", file, line: 2, index: undefined, field: "q" })
        }
      }))

    it.effect("may have several columns without a name, as spreadsheets leave them", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "q,,\n1,,\n")
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromCsv(file, { fields: q })), ["1"])
      }))

    it.effect("names a column that is mapped and not there", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "question,answer\n1,2\n")
        for (const onInvalid of ["fail", "skip"] as const) {
          const error = yield* failureOf(
            Dataset.fromCsv(file, { fields: { inputs: "question", referenceOutputs: ["Answers"] }, onInvalid })
          )
          assert.strictEqual(
            error.message,
            `${file}:1: there is no column "Answers"; did you mean "answer"? The columns are "question", "answer". Mend ` +
              `{ fields } or, if these are not the columns, { delimiter }.`
          )
          assert.deepInclude(error, { field: "Answers", line: 1 })
        }
      }))

    it.effect("may be empty, or have nothing but a header", () =>
      Effect.gen(function*() {
        for (const content of ["", "\n", "q,a", "q,a\n"]) {
          assert.deepStrictEqual(yield* inputsOf(Dataset.fromCsv(yield* write("d.csv", content), { fields: q })), [])
        }
      }))

    it.effect("may begin with a byte order mark and end without a line break", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "\ufeffq,a\n1,2")
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromCsv(file, { fields: q })), ["1"])
      }))

    it.effect("keeps characters whole that are split over the chunks of a file", () =>
      Effect.gen(function*() {
        const texts = Array.from({ length: 12 }, (_, i) => "x".repeat(i) + "日本\n語€".repeat(2000))
        const file = yield* write("d.csv", `q,a\n${texts.map((text) => `"${text}",1\n`).join("")}broken`)
        const dataset = Dataset.fromCsv(file, { fields: q, onInvalid: "skip" })
        assert.deepStrictEqual(yield* inputsOf(dataset), texts)
        assert.deepStrictEqual((yield* leftOutOf(dataset)).map(({ line }) => line), [12 * 2001 + 2])
      }))

    it.effect("names a file that is not there, and one that is not UTF-8", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", Buffer.from("q,a\n1,2\n3,\xe9\n", "latin1"))
        const invalid = yield* failureOf(Dataset.fromCsv(file, { fields: q }))
        assert.strictEqual(invalid.reason, "Unreadable")
        assert.strictEqual(invalid.line, 3)
        const missing = yield* failureOf(Dataset.fromCsv(`${file}.missing`, { fields: q }))
        assert.strictEqual(missing.reason, "Unreadable")
      }))

    it.effect("keeps a column named `__proto__` as data", () =>
      Effect.gen(function*() {
        const file = yield* write("d.csv", "q,__proto__\n1,2\n")
        const [inputs] = yield* inputsOf(Dataset.fromCsv(file, { fields: { inputs: ["q", "__proto__"] } }))
        assert.strictEqual(JSON.stringify(inputs), `{"q":"1","__proto__":"2"}`)
      }))
  })

  describe("YAML", () => {
    it.effect("may be a sequence, a mapping with examples, or documents", () =>
      Effect.gen(function*() {
        for (
          const content of [
            "- inputs: 1\n- inputs: 2\n",
            "name: numbers\nexamples:\n  - inputs: 1\n  - inputs: 2\n",
            "inputs: 1\n---\ninputs: 2\n",
            "---\ninputs: 1\n...\n---\n# nothing here\n---\ninputs: 2\n---\n",
            "- inputs: 1\n---\nexamples: [{inputs: 2}]\n"
          ]
        ) {
          assert.deepStrictEqual(yield* inputsOf(Dataset.fromYaml(yield* write("d.yaml", content))), [1, 2])
        }
      }))

    it.effect("may be empty", () =>
      Effect.gen(function*() {
        for (const content of ["", "# nothing\n", "---\n", "[]", "examples: []"]) {
          assert.deepStrictEqual(yield* inputsOf(Dataset.fromYaml(yield* write("d.yaml", content))), [])
        }
      }))

    it.effect("has positions over all documents", () =>
      Effect.gen(function*() {
        const file = yield* write("d.yaml", "# first\ninputs: 1\n---\n\ninputs: x\n---\n- inputs: 2\n- inputs: y\n")
        const leftOut = yield* leftOutOf(Dataset.fromYaml(file, { inputs: Schema.Finite, onInvalid: "skip" }))
        assert.deepStrictEqual(leftOut.map(({ index, line }) => ({ index, line })), [
          { index: 1, line: 5 },
          { index: 3, line: 8 }
        ])
      }))

    it.effect("has anchors, aliases and merged keys", () =>
      Effect.gen(function*() {
        const file = yield* write(
          "d.yaml",
          "- inputs: &base {q: one, n: 1}\n- {id: again, inputs: *base}\n- inputs:\n    <<: *base\n    n: 2\n"
        )
        assert.deepStrictEqual(yield* inputsOf(Dataset.fromYaml(file)), [
          { q: "one", n: 1 },
          { q: "one", n: 1 },
          { q: "one", n: 2 }
        ])
      }))

    it.effect("names a row whose alias has no anchor, or which has too many aliases", () =>
      Effect.gen(function*() {
        const many = (of: string) => `[${Array.from({ length: 12 }, () => of).join(", ")}]`
        const file = yield* write(
          "d.yaml",
          `- inputs: 1\n- inputs: *nobody\n- inputs: &a ${many("x")}\n- inputs: &b ${many("*a")}\n` +
            `- inputs: &c ${many("*b")}\n- inputs: 2\n`
        )
        const error = yield* failureOf(Dataset.fromYaml(file))
        assert.strictEqual(error.reason, "Syntax")
        assert.strictEqual(error.line, 2)
        assert.include(error.message, `${file}:2: expected YAML: Unresolved alias`)
        assert.isTrue(error.message.endsWith(skipHint))
        const leftOut = yield* leftOutOf(Dataset.fromYaml(file, { onInvalid: "skip" }))
        assert.deepStrictEqual(leftOut.map(({ line }) => line), [2, 5])
        assert.include(leftOut[1]?.message, "Excessive alias count")
      }))

    it.effect("names a row that contains itself", () =>
      Effect.gen(function*() {
        const file = yield* write("d.yaml", "- inputs: 1\n- id: loop\n  inputs: &a {self: *a}\n")
        const error = yield* failureOf(Dataset.fromYaml(file))
        assert.strictEqual(error.line, 2)
        assert.include(error.message, "the value refers to itself")
      }))

    it.effect.each<readonly [string, string, number, string]>([
      ["a bracket that is not closed", "- inputs: 1\n- inputs: {a: 1\n- inputs: 3\n", 3, "Flow map"],
      ["a tab for indentation", "- inputs:\n\tq: 1\n", 2, "Tabs are not allowed as indentation"],
      ["a key that is there twice", "- inputs: 1\n  id: a\n  inputs: 2\n", 3, "Map keys must be unique"],
      ["a broken later document", "inputs: 1\n---\ninputs: 'x\n", 4, "Missing closing 'quote"]
    ])("is named with the line of %s", ([, content, line, why]) =>
      Effect.gen(function*() {
        const file = yield* write("d.yaml", content)
        for (const onInvalid of ["fail", "skip"] as const) {
          const error = yield* failureOf(Dataset.fromYaml(file, { onInvalid }))
          assert.isTrue(error.message.startsWith(`${file}:${line}: expected YAML: ${why}`), error.message)
          assert.match(error.message, /[^:]\.$/)
          assert.notInclude(error.message, "\n")
          assert.strictEqual(error.line, line)
          assert.strictEqual(error.reason, "Syntax")
        }
      }))

    it.effect("that is something else is named", () =>
      Effect.gen(function*() {
        const scalar = yield* failureOf(Dataset.fromYaml(yield* write("d.yaml", "just text\n")))
        assert.include(scalar.message, `d.yaml:1: expected an object, got "just text".`)
        const item = yield* failureOf(Dataset.fromYaml(yield* write("d.yaml", "- inputs: 1\n-\n- inputs: 2\n")))
        assert.include(item.message, "d.yaml:2: expected an object, got null.")
      }))
  })

  describe("large files", () => {
    const rows = 300_000
    const padding = "x".repeat(90)
    // Numbers of six digits, so that all rows are equally long.
    const number = (n: number) => 100_000 + n

    const writeLarge = (name: string, head: string, row: (n: number) => string, tail = "") =>
      Effect.map(write(name, head), (file) => {
        for (let n = 0; n < rows; n += 10_000) {
          NodeFs.appendFileSync(file, Array.from({ length: 10_000 }, (_, i) => row(n + i)).join(""))
        }
        NodeFs.appendFileSync(file, tail)
        assert.isAbove(NodeFs.statSync(file).size, 30_000_000)
        return file
      })

    const jsonRow = (n: number) => `{"inputs":${number(n)},"metadata":{"p":"${padding}"}}\n`
    const jsonl = writeLarge("large.jsonl", "", jsonRow)
    const json = writeLarge("large.json", "[", (n) => `${n === 0 ? "" : ","}${jsonRow(n)}`, "]")
    const csv = writeLarge("large.csv", "n,p,more\n", (n) => `${number(n)},"${padding}",${padding.slice(60)}\n`)

    const read = (file: string): Dataset.FileDataset<unknown, unknown, unknown, never> =>
      file.endsWith("csv")
        ? Dataset.fromCsv(file, { fields: { inputs: "n" }, inputs: Schema.Finite })
        : file.endsWith("jsonl")
        ? Dataset.fromJsonl(file)
        : Dataset.fromJson(file)

    it.effect.each([{ format: "JSONL", make: jsonl }, { format: "JSON", make: json }, { format: "CSV", make: csv }])(
      "of which a few rows are taken are not read further: $format",
      ({ make }) =>
        Effect.gen(function*() {
          const file = yield* make
          const { seen, watching } = yield* watched
          const inputs = yield* inputsOf(Dataset.take(read(file), 5)).pipe(
            Effect.provideService(FileSystem.FileSystem, watching)
          )
          assert.deepStrictEqual(inputs, [0, 1, 2, 3, 4].map(number))
          assert.isAtMost(seen.bytes, 256 * 1024)
          assert.strictEqual(seen.opened, 1)
          assert.strictEqual(seen.open, 0)
        })
    )

    it.effect("are read in step with the reader: what is read and not yet given is little", () =>
      Effect.gen(function*() {
        const file = yield* jsonl
        const { seen, watching } = yield* watched
        const bytesPerRow = jsonRow(0).length
        let given = 0
        let ahead = 0
        yield* Stream.runForEach(Dataset.stream(read(file)), (example) =>
          Effect.sync(() => {
            assert.strictEqual(example.inputs, number(given++))
            ahead = Math.max(ahead, seen.bytes - given * bytesPerRow)
          })).pipe(Effect.provideService(FileSystem.FileSystem, watching))
        assert.strictEqual(given, rows)
        assert.isAtMost(ahead, 256 * 1024)
        assert.strictEqual(seen.open, 0)
      }))
  })

  describe("a file", () => {
    const content = Array.from({ length: 20_000 }, (_, n) => `{"inputs":${n}}\n`).join("")
    const onLinux = NodeFs.existsSync("/proc/self/fd")

    it.effect.runIf(onLinux)("is open while it is read and closed at the end", () =>
      Effect.gen(function*() {
        const file = yield* Effect.map(write("d.jsonl", content), (file) => NodeFs.realpathSync(file))
        const open: Array<number> = []
        yield* Stream.runForEach(Dataset.stream(Dataset.take(Dataset.fromJsonl(file), 10)), () =>
          Effect.sync(() => open.push(descriptorsOf(file))))
        assert.deepStrictEqual(new Set(open), new Set([1]))
        assert.strictEqual(descriptorsOf(file), 0)
      }))

    it.effect.runIf(onLinux)(
      "is closed when the reader fails, stops or is interrupted, and when a row is broken",
      () =>
        Effect.gen(function*() {
          const file = yield* Effect.map(write("d.jsonl", content), (file) => NodeFs.realpathSync(file))
          const examples = Dataset.stream(Dataset.fromJsonl(file))
          yield* Effect.flip(Stream.runForEach(examples, () => Effect.fail("stop")))
          assert.strictEqual(descriptorsOf(file), 0)
          assert.isTrue(Option.isSome(yield* Stream.runHead(examples)))
          assert.strictEqual(descriptorsOf(file), 0)
          yield* Effect.exit(Stream.runForEach(examples, () => Effect.interrupt))
          assert.strictEqual(descriptorsOf(file), 0)
          yield* failureOf(Dataset.fromJsonl(file, { inputs: Schema.String }))
          assert.strictEqual(descriptorsOf(file), 0)
        })
    )
  })
})

plainIt("a reader needs nothing but a file system", () => {
  const error = Effect.runSync(
    Dataset.collect(Dataset.fromJsonl("anywhere.jsonl")).pipe(
      Effect.provideService(
        FileSystem.FileSystem,
        FileSystem.makeNoop({
          stream: () => Stream.make(new TextEncoder().encode(`{"inputs":1}\n`))
        })
      )
    )
  )
  assert.deepStrictEqual(error.map(({ inputs }) => inputs), [1])
})
