import { NodeFileSystem } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Schema, Stream } from "effect"
import { Csv as CsvEncoding } from "effect/encoding"
import { mkdtempSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { validateXML } from "xmllint-wasm"
import { Comparison, Experiment, Gate, TracingClient } from "../../src/index.ts"
import { Csv, GitHub, Json, Jsonl, JUnit, Markdown } from "../../src/reports/index.ts"
import { hostile, hostileTexts } from "./hostile.ts"
import { duel } from "./pairwise.ts"
import { tickets } from "./tickets.ts"

const readCsv = (text: string) =>
  Stream.make(text).pipe(
    Stream.pipeThroughChannel(CsvEncoding.decodeString({ maxRecordSize: Infinity })),
    Stream.runCollect
  )

const validate = (xml: string) =>
  Effect.promise(() =>
    validateXML({
      xml: { fileName: "report.xml", contents: xml },
      schema: {
        fileName: "junit.xsd",
        contents: readFileSync(join(import.meta.dirname, "fixtures/junit-10.xsd"), "utf8")
      },
      maxMemoryPages: 4096
    })
  )

describe("CSV", () => {
  it.effect("has a line for each row and three columns for each key", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 0.7 })
      const table = yield* readCsv(yield* Csv.report(experiment))
      const [header = [], ...lines] = table
      assert.strictEqual(lines.length, 60)
      assert.isTrue(lines.every((line) => line.length === header.length))
      const cell = (line: ReadonlyArray<string> | undefined, name: string) => line?.[header.indexOf(name)]
      const [first] = lines
      assert.strictEqual(cell(first, "exampleId"), "ticket-001")
      assert.deepStrictEqual(JSON.parse(cell(first, "inputs") ?? ""), experiment.rows[0]?.example.inputs)
      assert.strictEqual(
        cell(first, "correct"),
        String(
          experiment.rows[0]?.evaluations[0]?.outcome._tag === "Scored" &&
            experiment.rows[0].evaluations[0].outcome.results[0].score
        )
      )
      assert.strictEqual(cell(lines[11], "outcome"), "Failed")
      assert.strictEqual(cell(lines[11], "error"), "Error: the help centre answered 503")
      assert.strictEqual(cell(lines[11], "correct"), "")
      assert.strictEqual(cell(lines[11], "correct.outcome"), "Skipped")
      assert.match(cell(lines[0], "tone") ?? "", /^(friendly|neutral|curt)$/)
      assert.strictEqual(cell(lines[23], "outcome"), "TimedOut")
    }))

  it.effect("leaves nothing that a spreadsheet runs, and keeps what it says", () =>
    Effect.gen(function*() {
      const experiment = yield* hostile
      const table = yield* readCsv(yield* Csv.report(experiment))
      const [header = []] = table
      assert.strictEqual(table.length, hostileTexts.length + 1)
      assert.isFalse(table.flat().some((cell) => /^\s*[=+@]/.test(cell) || /^\s*-(?!\d)/.test(cell)))
      const outputs = table.slice(1).map((line) => line[header.indexOf("outputs")])
      assert.include(outputs, `'${hostileTexts[10]}`)
      assert.include(outputs, hostileTexts[0])
      const plain = yield* readCsv(yield* Csv.report(experiment, { guardFormulas: false }))
      assert.include(plain.flat(), hostileTexts[10])
    }))

  it.effect("keeps negative numbers as numbers", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 1, rows: 1, flawless: true })
      const [row] = experiment.rows
      if (row === undefined) return assert.fail("there is no row")
      const texts = ["-1.5", "+2", "-1e3", "-1+1", "-x", "\t=1", "\uFF1D1"]
      const table = yield* readCsv(
        yield* Csv.report({ ...experiment, rows: texts.map((outputs) => ({ ...row, run: { ...row.run, outputs } })) })
      )
      const column = table[0]?.indexOf("outputs") ?? -1
      assert.deepStrictEqual(
        table.slice(1).map((line) => line[column]),
        ["-1.5", "+2", "-1e3", "'-1+1", "'-x", "'\t=1", "'\uFF1D1"]
      )
    }))
})

describe("JSON", () => {
  it.effect("is the experiment, and its rows one a line", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 0.7 })
      const again = Schema.decodeSync(Schema.fromJsonString(Experiment.schema()))(Json.report(experiment))
      assert.deepStrictEqual(again.summaries, experiment.summaries)
      const lines = Jsonl.report(experiment).trimEnd().split("\n")
      assert.strictEqual(lines.length, 60)
      const { rows } = JSON.parse(Json.report(experiment)) as { rows: ReadonlyArray<unknown> }
      assert.deepStrictEqual(lines.map((line) => JSON.parse(line) as unknown), rows)
      const streamed = yield* Stream.mkString(Jsonl.rows(Stream.fromIterable(experiment.rows)))
      assert.strictEqual(streamed, Jsonl.report(experiment))
    }))
})

describe("JUnit", () => {
  it.effect("has a test for each row and key, and is what the schema says", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 0.7, repetitions: 2 })
      const gate = yield* Gate.evaluate(
        Gate.and(Gate.mean("correct", { atLeast: 0.99 }), Gate.failures({ atMost: 60 })),
        experiment
      )
      const xml = yield* JUnit.report(experiment, {
        gate,
        thresholds: { helpfulness: 0.6, characters: { atMost: 80 } }
      })
      const { errors, valid } = yield* validate(xml)
      assert.deepStrictEqual(errors, [])
      assert.isTrue(valid)
      assert.match(xml, /<testsuite name="first" tests="480"/)
      assert.match(
        xml,
        /<testcase name="correct" classname="first.ticket-012 #1" time="[\d.]+"><error type="target.Failed" message="Error: the help centre answered 503">/
      )
      assert.match(xml, /<skipped message="too short to judge">/)
      assert.match(xml, /<failure type="helpfulness" message="helpfulness is 0\.\d+, and has to be at least 0\.6">/)
      assert.match(xml, /<failure type="characters" message="characters is \d+, and may be at most 80">/)
      assert.match(xml, /<testsuite name="first: gate" tests="2" failures="1"/)
      const scored = experiment.summaries["correct"]?.values.find(({ value }) => value === "false")?.count
      assert.strictEqual(xml.match(/message="correct is false"/g)?.length, scored)
    }))

  it.effect("is well-formed and valid whatever texts there are", () =>
    Effect.gen(function*() {
      const { errors, valid } = yield* validate(yield* JUnit.report(yield* hostile))
      assert.deepStrictEqual(errors, [])
      assert.isTrue(valid)
    }))

  it.effect("tests the target alone where there are no keys", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 0.7 })
      const xml = yield* JUnit.report(experiment, { keys: [] })
      assert.match(xml, /<testsuite name="first" tests="60" failures="0" errors="3"/)
      assert.isTrue((yield* validate(xml)).valid)
    }))
})

describe("Markdown", () => {
  const both = Effect.gen(function*() {
    const before = yield* tickets({ name: "before", quality: 0.6, flawless: true })
    const after = yield* tickets({ name: "after this", quality: 0.9 })
    return { after, comparison: yield* Comparison.make(before, after) }
  })

  it.effect("says what changed, what failed, and unfolds the rest", () =>
    Effect.gen(function*() {
      const { after, comparison } = yield* both
      const gate = yield* Gate.evaluate(Gate.newlyFailing(), comparison)
      const report = Markdown.report(after, { comparison, gate, link: "https://ci.example/run (1)/report.html" })
      assert.match(report, /^### ❌ `after this`\n\n60 rows of `tickets` · target `support` · /)
      assert.match(report, /\[The whole report\]\(https:\/\/ci\.example\/run%20%281%29\/report\.html\)/)
      assert.match(
        report,
        /\| `correct` \| 0\.\d{3} \| 0\.\d{3} \| \*\*\+0\.\d{3}\*\* \| .* \| 🟢 better \| \d+ \/ \d+ \/ \d+ \|/
      )
      assert.match(report, /<summary>Newly failing \(\d+\)<\/summary>/)
      assert.match(
        report,
        /- \*\*3×\*\* `target`: `Error: the help centre answered 503`, such as `ticket-012`|- \*\*2×\*\* `target`/
      )
      assert.match(report, /\*\*`correct` by `metadata\.topic`\*\*/)
      assert.match(report, /<summary>Lowest rows by `correct`<\/summary>/)
      assert.strictEqual(report.match(/<details>/g)?.length, report.match(/<\/details>/g)?.length)
    }))

  it.effect("keeps to the size limit, and says what it left out", () =>
    Effect.gen(function*() {
      const { after, comparison } = yield* both
      const whole = Markdown.report(after, { comparison, limit: 60 })
      for (const maxLength of [whole.length - 1, 8000, 3000, 500, 120]) {
        const report = Markdown.report(after, { comparison, limit: 60, maxLength })
        assert.isAtMost(report.length, maxLength)
        assert.match(report, /Left out, to stay below the size limit/)
        assert.strictEqual(report.match(/<details>/g)?.length, report.match(/<\/details>/g)?.length)
      }
    }))

  it.effect("takes hostile texts as code", () =>
    Effect.gen(function*() {
      const report = Markdown.report(yield* hostile, { limit: 100 })
      // What is left after all code is gone is the report's own.
      const own = report.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, "").replace(/(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)/g, "")
      assert.notMatch(own, /<(?!\/?(?:details|summary)>)/)
      assert.notInclude(own, "@someone")
      assert.notInclude(own, "https://")
      assert.notMatch(report, /[^\P{Cc}\n]|\p{Cf}/u)
    }))
})

describe("GitHub", () => {
  it.effect("adds to the summary of the job where there is one", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "first", quality: 0.7 })
      const path = join(mkdtempSync(join(tmpdir(), "effect-evals-")), "summary.md")
      const write = (env: Record<string, string>) =>
        GitHub.writeStepSummary(experiment).pipe(
          Effect.provide([NodeFileSystem.layer, ConfigProvider.layer(ConfigProvider.fromUnknown(env))])
        )
      assert.isFalse(yield* write({}))
      assert.isTrue(yield* write({ GITHUB_STEP_SUMMARY: path }))
      assert.isTrue(yield* write({ GITHUB_STEP_SUMMARY: path }))
      assert.strictEqual(readFileSync(path, "utf8"), `${Markdown.report(experiment)}\n`.repeat(2))
      const actions = (env: Record<string, string>) =>
        Effect.provide(GitHub.isActions, ConfigProvider.layer(ConfigProvider.fromUnknown(env)))
      assert.deepStrictEqual([yield* actions({}), yield* actions({ GITHUB_ACTIONS: "true" })], [false, true])
    }))

  it.effect("annotates what does not pass and why rows failed", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "a, b: c", quality: 0.7 })
      const gate = yield* Gate.evaluate(
        Gate.and(Gate.mean("correct", { atLeast: 0.99 }), Gate.failures({ atMost: 60 })),
        experiment
      )
      const lines = GitHub.annotations(experiment, { gate }).trimEnd().split("\n")
      assert.match(lines[0] ?? "", /^::error title=a%2C b%3A c%3A gate failed::.*correct/)
      assert.match(lines[1] ?? "", /^::warning title=a%2C b%3A c%3A \d failures? of \w+::/)
      assert.lengthOf(lines.filter((line) => line.startsWith("::error")), 1)
    }))

  it.effect("lets no text be a command", () =>
    Effect.gen(function*() {
      const lines = GitHub.annotations({ ...(yield* hostile), status: "failed", error: "a\n::error::b%0A" }).trimEnd()
        .split("\n")
      assert.isTrue(lines.every((line) => /^::(error|warning) title=[^:]*::/.test(line)))
      assert.notInclude(lines.join("\n"), "\n::error::injected")
    }))
})

describe("Markdown of experiments that were judged against one another", () => {
  it.effect("says who won, who stands where, what the place decided and where the first is still better", () =>
    Effect.gen(function*() {
      const three = Markdown.pairwise(yield* duel(3), { limit: 3 })
      assert.match(three, /^### `duel`\n/)
      assert.include(three, "`<b>kind</b> \\| *x*`")
      assert.include(three, "**Standings**")
      assert.match(
        three,
        /- `sure`: the run presented earlier won 100 % of the decided; of \d+ judged twice 0 came out the same.* ⚠️/
      )
      assert.include(three, "cannot tell")
      const two = yield* duel(2)
      const text = Markdown.pairwise(two)
      assert.match(
        text,
        /`longer`: 1 won by `brief`<\/summary>\n\n- `q3` `Where is parcel 3\?`: `counted the <i>letters<\/i>`/
      )
      assert.isAtMost(Markdown.pairwise(two, { maxLength: 700 }).length, 700)
    }).pipe(Effect.provide(TracingClient.layerNone)))
})
