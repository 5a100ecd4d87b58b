/** What the page about other libraries says is so: an example for every row of its differences, and its arithmetic. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { Dataset, Evaluation, type Evaluator, TracingClient } from "../../src/index.ts"
import * as judges from "../../src/judge/index.ts"
import * as scorers from "../../src/scorers/index.ts"
import { judge, summarize } from "./scoring.ts"

const { Json, Labels, Numbers, Retrieval, Safety, Text, ToolCalls, Trajectory } = scorers

type Wanted = number | boolean | "Skipped" | "Failed"

/** What a scorer makes of one run: its score, rounded, or why there is none. */
const gives = <O, Ref>(
  evaluator: Evaluator.Evaluator<unknown, O, Ref, unknown>,
  outputs: O,
  referenceOutputs: Ref,
  wanted: Wanted
): Effect.Effect<void, unknown> =>
  Effect.map(judge(evaluator, outputs, referenceOutputs), (judged) => {
    const got = "skipped" in judged ? "Skipped" : "failed" in judged ? "Failed" : judged.score
    assert.strictEqual(typeof got === "number" ? Number(got.toFixed(4)) : got, wanted, JSON.stringify(judged))
  })

const all = (...examples: ReadonlyArray<Effect.Effect<void, unknown>>) => Effect.all(examples, { discard: true })
const sync = (check: () => void) => Effect.sync(check)

const call = (name: string, given: unknown = {}) => ({ name, arguments: given })
const says = (calls?: ReadonlyArray<unknown>) => ({ role: "assistant", content: "", tool_calls: calls })
const asks = (name: string, given: string) => says([{ function: { name, arguments: given } }])

/** By library and first cell of the row. */
const shown: { readonly [library: string]: { readonly [row: string]: Effect.Effect<void, unknown> } } = {
  "autoevals": {
    "`ExactMatch`, texts and data": all(
      gives(Text.exactMatch(), 7, "7", false),
      gives(Text.exactMatch(), "null", null, false),
      gives(Text.exactMatch(), { n: 7 }, "{\"n\":7}", false),
      gives(Text.exactMatch({ actual: ({ outputs }) => JSON.parse(String(outputs)) }), "{\"n\": 7}", { n: 7 }, true),
      gives(Numbers.equal(), 7, "7", true)
    ),
    "`ExactMatch`, order of keys": gives(
      Text.exactMatch(),
      { b: 1, a: { d: 1, c: 2 } },
      { a: { c: 2, d: 1 }, b: 1 },
      true
    ),
    "`ExactMatch`, `JSONDiff`, missing values": all(
      gives(Text.exactMatch(), null, undefined, "Failed"),
      gives(Json.similar(), undefined, null, "Failed")
    ),
    "`Levenshtein`, characters": all(
      gives(Text.levenshtein(), "👍", "👎", 0),
      gives(Text.levenshtein(), "cafe\u0301", "caf\u00e9", 1)
    ),
    "`Levenshtein`, data": all(
      gives(Text.levenshtein(), 12, "12", "Failed"),
      gives(Text.levenshtein({ actual: ({ outputs }) => String(outputs) }), 12, "12", 1)
    ),
    "`NumericDiff`, infinity": gives(Numbers.closeness({ scale: "sum" }), Infinity, 3, "Failed"),
    "`JSONDiff`, different kinds": all(
      gives(Json.similar(), false, true, 0),
      gives(Json.similar(), 3, "3", 0),
      gives(Json.similar(), { a: 1 }, ["a", 1], 0)
    ),
    "`JSONDiff`, texts and numbers": all(
      gives(Json.similar(), { name: "Anna", age: 30 }, { name: "Anne", age: 31 }, 0),
      gives(
        Json.similar({
          texts: (a, b) => Text.levenshteinOf(a, b).similarity,
          numbers: (a, b) => Numbers.closenessOf(a, b, "sum") ?? 0
        }),
        { name: "Anna", age: 30 },
        { name: "Anne", age: 31 },
        Number(((0.75 + 1 - 1 / 61) / 2).toFixed(4))
      )
    ),
    "`ValidJSON`, data": all(
      gives(Json.parses(), { a: 1 }, undefined, "Failed"),
      gives(Json.conformsToJsonSchema({ type: "object" }), { a: 1 }, undefined, true)
    ),
    "`ValidJSON`, broken schema": sync(() =>
      assert.throws(() => Json.conformsToJsonSchema({ type: "number of apples" }), RangeError)
    )
  },
  "openevals and agentevals": {
    "`exactMatch`, `undefined` and `null`": all(
      gives(Text.exactMatch(), { a: undefined }, { a: null }, false),
      gives(Text.exactMatch(), null, null, true)
    ),
    "`levenshteinDistance`, data": gives(Text.levenshtein(), { a: 1 }, { a: 2 }, "Failed"),
    "`jsonMatch`, nothing to compare": all(
      gives(Json.matches(), {}, {}, "Skipped"),
      gives(Json.matches({ aggregate: "all" }), {}, {}, "Skipped"),
      gives(Json.matches(), [], [], "Skipped")
    ),
    "`jsonMatch`, pairing of lists": gives(
      Json.matches(),
      [{ city: "Oslo" }, { city: "Oslo", sunny: true }],
      [{ city: "Oslo", sunny: true }, { city: "Oslo" }],
      1
    ),
    "`jsonMatch`, a list and an object": gives(Json.matches(), [{ a: 1 }], { a: 1 }, 0),
    "`trajectoryMatch`, unordered": all(
      gives(
        Trajectory.matches({ mode: "unordered", arguments: "superset" }),
        [asks("search", "{\"q\": \"x\", \"page\": 1}")],
        [asks("search", "{\"q\": \"x\"}")],
        true
      ),
      gives(
        Trajectory.matches({ mode: "unordered", arguments: "superset" }),
        [asks("search", "{\"q\": \"x\"}")],
        [asks("search", "{\"q\": \"x\", \"page\": 1}")],
        false
      )
    ),
    "`trajectoryMatch`, pairing of calls": gives(
      // Taken one after the other, the first would leave nothing for the second.
      Trajectory.matches({ mode: "superset", arguments: "superset" }),
      [call("search", { q: "x", page: 1 }), call("search", { q: "x" })],
      [call("search", { q: "x" }), call("search", { page: 1 })],
      true
    ),
    "`trajectoryMatch`, no calls": gives(Trajectory.matches(), [says([])], [says()], true),
    "`trajectoryMatch`, broken arguments": gives(
      Trajectory.matches(),
      [asks("search", "{q: ")],
      [asks("search", "{}")],
      false
    )
  },
  "evalite": {
    "`exactMatch`, data": gives(Text.exactMatch(), 4, 4, true),
    "`toolCallAccuracy`, order": all(
      gives(ToolCalls.accurate({ order: "same" }), [call("b"), call("a")], [call("a"), call("b")], 0.375),
      gives(ToolCalls.accurate({ order: "same" }), [call("a"), call("b"), call("c")], [call("a"), call("b")], 0.875)
    ),
    "`toolCallAccuracy`, no input": gives(
      ToolCalls.accurate(),
      [{ toolName: "search", input: { q: "x" } }],
      [{ toolName: "search" }],
      1
    )
  },
  "vitest-evals": {
    "`StructuredOutputJudge`, nothing expected": gives(Json.matches({ extras: "ignore" }), "{\"a\": 1}", {}, "Skipped"),
    "`StructuredOutputJudge`, `ToolCallJudge`, `fuzzy`": all(
      gives(Json.matches(), { status: "ACTIVE", price: 99.95 }, { status: "active", price: 100 }, 0),
      gives(
        Json.matches({
          fields: { status: Json.anyCase, price: Json.within({ relative: 0.001 }), tags: Json.anyOrder }
        }),
        { status: "ACTIVE", price: 99.95, tags: ["b", "a"] },
        { status: "active", price: 100, tags: ["a", "b"] },
        1
      ),
      gives(Json.matches({ fields: { n: (a, e) => Number(a) === e } }), { n: "7" }, { n: 7 }, 1)
    ),
    "`StructuredOutputJudge`, `error`": all(
      gives(Json.matches({ extras: "ignore" }), { error: "out of stock", n: 1 }, { n: 1 }, 1),
      gives(Json.matches(), { error: "out of stock", n: 1 }, { n: 1 }, 0.5)
    ),
    "`ToolCallJudge`, nothing expected": all(
      gives(Trajectory.matches({ mode: "superset" }), [call("search")], undefined, "Failed"),
      gives(Trajectory.matches({ mode: "superset" }), [call("search")], [], true)
    ),
    "`ToolCallJudge`, wrong arguments in order": all(
      gives(Trajectory.follows(), [call("a", 1), call("b", 1)], [call("a", 1), call("b", 2)], 0.5),
      gives(Trajectory.matches({ mode: "in order" }), [call("a", 1), call("b", 1)], [call("a", 1), call("b", 2)], false)
    )
  },
  "promptfoo": {
    "`equals`, texts and data": gives(Text.exactMatch(), "12", 12, false),
    "`contains-any`, commas": all(
      gives(Text.containsAny(), "a red car", "blue,red", false),
      gives(Text.containsAny(), "a red car", ["blue", "red"], true)
    ),
    "`bleu`": all(
      gives(Text.bleu(), "the the the the the the the", "the cat is on the mat", 0.0781),
      gives(Text.bleu(), "the cat sat on the mat", "the cat is on the mat", 0.3799)
    ),
    "`tool-call-f1`, a text": all(
      gives(ToolCalls.f1({ by: "tools" }), "I would rather not.", ["search"], "Failed"),
      gives(ToolCalls.f1({ by: "tools" }), { content: "I would rather not.", tool_calls: [] }, ["search"], 0)
    )
  },
  "phoenix": {
    "`computePrecisionRecallFScore`, no items": Effect.map(
      summarize(Labels.classification(), []),
      (found) => assert.deepInclude(found, { results: [], skipped: "there are no labels to count: 0 rows" })
    ),
    "`computePrecisionRecallFScore`, 0 / 0": sync(() => {
      const labels = [["a", "b"], ["a", "a"]] as const
      assert.isUndefined(Labels.classificationOf(...labels).macro.precision)
      assert.strictEqual(Labels.classificationOf(...labels, { zeroDivision: 0 }).macro.precision, 0.25)
    })
  },
  "FutureAGI": {
    "`is_json`, `NaN`": gives(Json.parses(), "NaN", undefined, false),
    "`contains_json`, two objects": gives(
      Json.parses({ extraction: "extract" }),
      "first {\"n\": 1}, then {\"n\": 2}",
      undefined,
      true
    ),
    "`contains_link`, a dot": all(
      gives(Text.containsUrl(), "it is 2.50 euro, write to me@example.org", undefined, false),
      gives(Text.containsUrl(), "see https://example.org", undefined, true)
    ),
    "`numeric_similarity`, no number": gives(Numbers.closeness({ scale: "expected" }), "many", 12, "Failed"),
    "`numeric_similarity`, thousands": gives(Numbers.closeness({ position: "first" }), "12,500.5 euro", "12500.5", 1),
    "`recall_score`, empty reference": all(
      gives(Text.tokenF1({ score: "recall" }), "some words", "", "Skipped"),
      gives(Labels.matchSet({ score: "recall" }), ["a"], [], "Skipped")
    ),
    "`bleu_score`": all(
      // NLTK's method 1, of four words: precisions 3/4, 1/3, 0.1/2, 0.1/1.
      gives(
        Text.bleu({ tokenize: "none", smoothing: "floor" }),
        "red green blue white",
        "red green black white",
        Number(((3 / 4 * 1 / 3 * 0.1 / 2 * 0.1) ** 0.25).toFixed(4))
      ),
      // Of three words, orders that the candidate has not are left out by sacreBLEU: precisions 2/3, 0.1/2, 0.1/1.
      gives(
        Text.bleu({ tokenize: "none", smoothing: "floor" }),
        "red green blue",
        "red black blue",
        Number(((2 / 3 * 0.1 / 2 * 0.1) ** (1 / 3)).toFixed(4))
      )
    ),
    "`rouge_score`, definition": all(
      gives(Text.rouge({ type: "rouge1" }), "words", "", "Skipped"),
      gives(Text.rouge({ type: "rouge1" }), "привет мир", "привет всем", 0.5),
      gives(Text.rouge({ type: "rouge1", tokens: "ascii" }), "привет мир", "привет всем", "Skipped"),
      gives(Text.rouge({ type: "rouge1" }), "ha ha ha", "ha ha", 0.8)
    ),
    "`recall_at_k`, `ndcg`, nothing relevant": all(
      gives(Retrieval.recall({ by: "grades", k: 3 }), [0, 0], [0, 0], "Skipped"),
      gives(Retrieval.ndcg({ by: "grades" }), [0, 0], [0, 0], "Skipped")
    ),
    "`ndcg`, `precision_at_k`, defaults": all(
      gives(Retrieval.ndcg(), ["b", "a"], { a: 2, b: 1 }, 0.8597),
      gives(Retrieval.ndcg({ gain: "exponential" }), ["b", "a"], { a: 2, b: 1 }, 0.7967),
      gives(Retrieval.precision({ k: 4 }), ["a", "x"], ["a"], 0.25),
      gives(Retrieval.precision({ k: 4, shortLists: "retrieved" }), ["a", "x"], ["a"], 0.5)
    ),
    "`length_less_than`, `length_greater_than`": all(
      gives(Text.length({ max: 4 }), "four", undefined, true),
      gives(Text.length({ min: 4 }), "four", undefined, true),
      gives(Text.length({ max: 1 }), "👩‍👩‍👧", undefined, true)
    ),
    "`function_*`, source text": all(
      gives(ToolCalls.accurate(), "search(q='x')", [call("search", { q: "x" })], "Failed"),
      gives(ToolCalls.f1({ by: "tools" }), "no call", [call("search")], "Failed")
    ),
    "`function_call_accuracy`, parts of a call": all(
      gives(ToolCalls.accurate(), [call("open", { id: 1 })], [call("close", { id: 1 })], 0),
      gives(ToolCalls.accurate(), [call("open", { id: 1 })], [call("open", { id: 2 })], 0.5),
      gives(ToolCalls.accurate({ wrongArguments: 0.7 }), [call("open", { id: 1 })], [call("open", { id: 2 })], 0.7)
    ),
    "`function_call_accuracy`, order": all(
      gives(ToolCalls.accurate({ order: "same" }), [call("b"), call("a")], [call("a"), call("b")], 0.375),
      gives(ToolCalls.accurate(), [call("b"), call("a")], [call("a"), call("b")], 1)
    ),
    "`function_call_accuracy`, extra and repeated": all(
      gives(ToolCalls.accurate(), [call("open", { id: 1, all: true })], [call("open", { id: 1 })], 0.5),
      gives(ToolCalls.accurate(), [call("open"), call("delete")], [call("open")], 0.75),
      gives(ToolCalls.accurate(), [call("open")], [call("open"), call("open")], 0.5)
    ),
    "`function_call_accuracy`, `parameter_validation`, strict types": all(
      gives(ToolCalls.accurate(), "{\"name\": \"set\", \"arguments\": {\"n\": 5.0}}", [call("set", { n: 5 })], 1),
      gives(Json.conformsToJsonSchema({ properties: { n: { type: "integer" } } }), "{\"n\": 5.0}", undefined, true)
    ),
    "`parameter_validation`, shares": gives(
      Json.conformsToJsonSchema({ required: ["from", "to"], properties: { from: { type: "string" } } }),
      { from: "Oslo" },
      undefined,
      false
    ),
    "`secrets_detection`, severity": all(
      gives(Safety.noSecrets(), "npm_" + "a1".repeat(18), undefined, false),
      gives(Safety.noSecrets({ kinds: ["private_key"] }), "npm_" + "a1".repeat(18), undefined, true)
    ),
    "`feedback:calibrate`": Effect.gen(function*() {
      const scores = [0.1, 0.2, 0.3, 0.45, 0.7, 0.8, 0.85, 0.9]
      const experiment = yield* Evaluation.run(
        Evaluation.make("labelled", {
          data: Dataset.fromIterable("labelled", scores.map((inputs) => ({ inputs }))),
          target: (score: number) => score
        }),
        { evaluators: [({ outputs }) => ({ key: "quality", score: outputs })] }
      ).pipe(Effect.provide(TracingClient.layerNone))
      const { rows, threshold } = yield* judges.Calibration.make(experiment, {
        key: "quality",
        label: ({ example }) => example.inputs > 0.5
      })
      assert.include(scores, threshold?.score)
      assert.strictEqual(threshold?.chosenOn, 4)
      assert.strictEqual(rows, 4)
    })
  }
}

/** A section of the page, from its heading to the next one that is not below it. */
const page = readFileSync(new URL("../../docs/other-libraries.md", import.meta.url), "utf8")
const section = (heading: string, within = page): string => {
  const start = within.indexOf(`${heading}\n`)
  assert.isAtLeast(start, 0, heading)
  const level = heading.indexOf(" ")
  const end = within.slice(start + heading.length).search(new RegExp(`^#{1,${level}} `, "m"))
  return end === -1 ? within.slice(start) : within.slice(start, start + heading.length + end)
}
/** The cells of the rows of its tables. */
const rowsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text.split("\n").flatMap((line) =>
    line.startsWith("| ") && !/^\| (?:---|there|scorer|library)/.test(line)
      ? [line.slice(2, -2).split(" | ").map((cell) => cell.trim())]
      : []
  )
const count = (cell: string | undefined): number => Number(cell?.replace(",", ""))
const sum = (counts: ReadonlyArray<number>): number => counts.reduce((total, each) => total + each, 0)
const nameOf = (cell: string | undefined): string => /^\[(.*)\]\(.*\)$/.exec(cell ?? "")?.[1] ?? cell ?? ""

const differences = section("## Where the numbers differ on purpose")
const libraries = rowsOf(section("## Their cases, run here")).map(([library, ...counts]) => ({
  library: nameOf(library),
  counts: counts.map(count)
}))
const compared = libraries.slice(0, -1)

describe("a number differs from that of another library, as the page says", () => {
  for (const [library, rows] of Object.entries(shown)) {
    for (const [row, example] of Object.entries(rows)) it.effect(`${library}: ${row}`, () => example)
  }

  it("for every row there is an example, and for every example a row", () => {
    for (const { library } of compared) {
      assert.sameMembers(
        rowsOf(section(`### ${library}`, differences)).map(([row]) => row),
        Object.keys(shown[library] ?? {}),
        library
      )
    }
    assert.sameMembers(Object.keys(shown), compared.map(({ library }) => library))
  })
})

describe("the page about other libraries", () => {
  it("counts every case once", () => {
    for (const { counts: [cases, ...outcomes], library } of libraries) {
      assert.strictEqual(sum(outcomes), cases, library)
    }
    for (const { counts: [, , different], library } of compared) {
      assert.strictEqual(
        sum(rowsOf(section(`### ${library}`, differences)).map((cells) => count(cells.at(-1)))),
        different,
        library
      )
    }
    const [cases, same, different, judged, missing] = libraries.at(-1)!.counts
    for (const i of [0, 1, 2, 3, 4]) {
      assert.strictEqual(sum(compared.map(({ counts }) => counts[i]!)), libraries.at(-1)!.counts[i])
    }
    assert.strictEqual(sum(rowsOf(section("## Questions for a judge")).map(([, cases]) => count(cases))), judged)
    assert.strictEqual(sum(rowsOf(section("## Not offered")).map(([, cases]) => count(cases))), missing)
    const said = page.replaceAll(/\s+/g, " ")
    assert.include(
      said,
      `**${same} of ${cases!.toLocaleString("en-US")} give the same number**, ${different} give another one`
    )
    assert.include(said, `${judged} are questions for a judge, and ${missing} have no counterpart`)
  })

  it("names what there is", () => {
    const modules: { readonly [name: string]: object } = { ...scorers, ...judges }
    const named = Array.from(
      page.matchAll(/\b([A-Z][A-Za-z]+)\.([a-z][A-Za-z]*)\b/g),
      ([, module = "", name = ""]) => ({
        module,
        name
      })
    ).filter(({ module }) => module !== "JSON")
    assert.isAbove(named.length, 80)
    for (const { module, name } of named) assert.property(modules[module] ?? {}, name, `${module}.${name}`)
    const templates = Array.from(page.matchAll(/Judge\.template\("(\w+)"/g), ([, name = ""]) => name)
    assert.isAbove(templates.length, 15)
    for (const name of templates) assert.property(judges.Judge.templates, name)
  })
})
