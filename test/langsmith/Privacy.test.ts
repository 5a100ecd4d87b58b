import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Schema } from "effect"
import { Dataset, Evaluation, Evaluator } from "../../src/index.ts"
import { type LangSmith, Privacy } from "../../src/langsmith/index.ts"
import type { Stub } from "./stub.ts"
import { key, langsmith, startStub } from "./support.ts"

/** What the stub got of a run with a secret in every place that there is. */
const sent = (options: LangSmith.Options, count: number = 1) =>
  Effect.gen(function*() {
    const stub = yield* startStub()
    const data = Dataset.fromIterable(
      "stub-dataset",
      Array.from({ length: count }, (_, i) => ({
        id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
        inputs: { q: "hidden-input", n: i },
        referenceOutputs: { a: "hidden-reference" }
      }))
    )
    const target = () =>
      Effect.succeed({ a: "hidden-output" }).pipe(
        Effect.withSpan("chat", {
          attributes: {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 1,
            "gen_ai.usage.output_tokens": 2,
            "gen_ai.input.messages": `[{"content":"hidden-prompt"}]`,
            "gen_ai.output.messages": `[{"content":"hidden-completion"}]`,
            "my.attribute": "hidden-attribute"
          }
        })
      )
    const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target }), {
      name: "private",
      metadata: { owner: "hidden-metadata" },
      evaluators: [
        Evaluator.make(
          "judge",
          () => ({ score: 1, value: "hidden-value", comment: "hidden-comment", correction: { a: "hidden-correction" } })
        ),
        Evaluator.make("broken", () => {
          throw new Error("hidden-error")
        })
      ]
    }).pipe(Effect.provide([langsmith(stub, options), Logger.layer([])]))
    return { experiment, stub }
  })

const everything = (stub: Stub): string => JSON.stringify(stub.asked.map(({ body, path }) => [path, body]))

const found = (stub: Stub) =>
  Array.from(new Set(everything(stub).match(/hidden-\w+/g))).map((word) => word.slice("hidden-".length)).sort()

const all = [
  "attribute",
  "comment",
  "completion",
  "correction",
  "error",
  "input",
  "metadata",
  "output",
  "prompt",
  "reference",
  "value"
]

describe("what is sent", () => {
  it.live("is everything, unless something else is said", () =>
    Effect.gen(function*() {
      const { experiment, stub } = yield* sent({})
      assert.deepStrictEqual(found(stub), all)
      // But no key.
      assert.notInclude(everything(stub), key)
      assert.notInclude(JSON.stringify(experiment), key)
    }))

  it.live("has no inputs, no outputs, no metadata, as one likes", () =>
    Effect.gen(function*() {
      const without = (...words: ReadonlyArray<string>) => all.filter((word) => !words.includes(word))
      const { stub: inputs } = yield* sent({ hideInputs: true })
      assert.deepStrictEqual(found(inputs), without("input", "prompt"))
      const { stub: outputs } = yield* sent({ hideOutputs: true })
      // The result of an evaluator is its output; feedback is said openly.
      assert.deepStrictEqual(found(outputs), without("output", "completion", "reference", "correction"))
      // Tokens are counts.
      const call = outputs.runsOf("private").find(({ run_type }) => run_type === "llm")
      assert.deepStrictEqual(call.outputs, { usage_metadata: { input_tokens: 1, output_tokens: 2, total_tokens: 3 } })
      const { stub: metadata } = yield* sent({ hideMetadata: true })
      assert.deepStrictEqual(found(metadata), without("attribute", "metadata"))
    }))

  it.live("is changed by functions; what they fail on is not sent", () =>
    Effect.gen(function*() {
      const { experiment, stub } = yield* sent({
        hideInputs: (inputs) => ({ length: JSON.stringify(inputs).length }),
        hideOutputs: () => {
          throw new Error("oops")
        }
      })
      const root = stub.runsOf("private").find(({ parent_run_id }) => parent_run_id === undefined)
      assert.deepStrictEqual(root.inputs, { length: 26 })
      assert.notInclude(found(stub), "output")
      assert.match(JSON.stringify(root.outputs), /has failed/)
      // Locally all is as it was.
      assert.deepStrictEqual(experiment.rows[0]?.run.outputs, { a: "hidden-output" })
      assert.deepStrictEqual(experiment.tracingFailures, [])
    }))

  it.live("goes through the anonymizer, wherever it stands", () =>
    Effect.gen(function*() {
      const { experiment, stub } = yield* sent({
        anonymizer: Privacy.anonymizer([{ pattern: /hidden-\w+/, replace: "***" }])
      })
      assert.deepStrictEqual(found(stub), [])
      assert.include(everything(stub), "***")
      assert.include(JSON.stringify(experiment.rows), "hidden-output")
    }))

  it.live("is a share of the traces whole, of all others that they ran, and all feedback", () =>
    Effect.gen(function*() {
      const count = 400
      const { stub } = yield* sent({ samplingRate: 0.25 }, count)
      const roots = stub.runsOf("private").filter(({ parent_run_id }) => parent_run_id === undefined)
      assert.strictEqual(roots.length, count)
      const whole = roots.filter(({ inputs }) => inputs.q !== undefined)
      // Binomial: four standard deviations are 35.
      assert.closeTo(whole.length, count / 4, 35)
      assert.strictEqual(stub.runsOf("private").length - roots.length, whole.length)
      assert.strictEqual(stub.runsOf("evaluators").length, 2 * whole.length)
      for (const root of roots) {
        assert.isString(root.reference_example_id)
        if (!whole.includes(root)) assert.deepStrictEqual([root.inputs, root.outputs], [{}, undefined])
      }
      const scores = Array.from(stub.feedback.values()).filter(({ key }) => key === "judge")
      assert.strictEqual(new Set(scores.map(({ run_id }) => run_id)).size, count)
    }))
})

describe("the anonymizer", () => {
  it("knows the path, and looks into everything", () => {
    const seen: Array<string> = []
    const { data } = Privacy.anonymizer((text, path) => {
      seen.push(path)
      return text.toUpperCase()
    })
    const before = { messages: [{ content: "a" }, "b"], n: 1, none: null, yes: true }
    assert.deepStrictEqual(data(before), { messages: [{ content: "A" }, "B"], n: 1, none: null, yes: true })
    assert.deepStrictEqual(seen, ["messages.0.content", "messages.1"])
    assert.deepStrictEqual(before.messages[1], "b")
  })

  it("applies rules in order, to all matches, whatever flags they have", () => {
    const { text } = Privacy.anonymizer([{ pattern: "b+" }, { pattern: /c/y, replace: "<$&>" }, {
      pattern: /D/i,
      replace: "d"
    }])
    assert.strictEqual(text("abba bb"), "a[redacted]a [redacted]")
    assert.strictEqual(Privacy.anonymizer([{ pattern: /x/i, replace: "-" }]).text("xXx"), "---")
  })

  it("sends nothing that lies too deep to be looked at", () => {
    let deep: Privacy.Json = "hidden"
    for (let i = 0; i < 150; i++) deep = { deep }
    const text = JSON.stringify(Privacy.anonymizer([]).data(deep))
    assert.notInclude(text, "hidden")
    assert.include(text, "too deep")
  })
})

describe("the preset for secrets", () => {
  const { text } = Privacy.secrets()
  // Made up here, in the shapes that the services use; put together so that no scanner takes them for real.
  const letters = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
  const secrets: ReadonlyArray<readonly [string, string]> = [
    ["OpenAI", `sk-${letters}${letters}`],
    ["OpenAI, of a project", `sk-proj-${letters}_-${letters}`],
    ["Anthropic", `sk-ant-api03-${letters}-${letters}`],
    ["LangSmith", `lsv2_pt_${letters}0123456789_0123456789`],
    ["GitHub", `ghp_${letters}${letters.slice(0, 9)}`],
    ["GitLab", `glpat-${letters}`],
    ["Amazon", `AKIA${"ABCDEFGH23456789"}`],
    ["Google", `AIza${letters}${letters.slice(0, 8)}`],
    ["Slack", `xoxb-123456789012-${letters}`],
    ["Stripe", `sk_live_${letters}`],
    ["npm", `npm_${letters}${letters.slice(0, 9)}`],
    ["a JSON web token", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${letters}`]
  ]
  it.each(secrets)("finds the key of %s, and all of it", (_service, secret) => {
    assert.strictEqual(text(`use ${secret}, please`), "use [secret], please")
    assert.strictEqual(text(`"${secret}"`), `"[secret]"`)
  })

  it("finds what stands behind a telling name", () => {
    assert.strictEqual(text("OPENAI_API_KEY=abcdef123456 node main.js"), "OPENAI_API_KEY=[secret] node main.js")
    assert.strictEqual(text(`{"password": "correct horse"}`), `{"password": "[secret] horse"}`)
    assert.strictEqual(text("db.password: hunter2222"), "db.password: [secret]")
    assert.strictEqual(text("Authorization: Basic dXNlcjpwYXNzd29yZA=="), "Authorization: Basic [secret]")
    assert.strictEqual(text("postgres://me:s3cret@db:5432/x"), "postgres://me:[secret]@db:5432/x")
    assert.strictEqual(text("https://hooks.slack.com/services/T0/B0/xyz"), "https://hooks.slack.com/services/[secret]")
    const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----"
    assert.strictEqual(text(`a ${pem} b`), "a [secret] b")
  })

  it("leaves alone what only looks a little like it", () => {
    const harmless = [
      "The tokenizer counts tokens: 1234567890.",
      "max_tokens=4096, total_tokens: 123456",
      "01a1fd2e-01d4-7407-9c3f-e73a853d2cf1",
      "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "task-related things, risk-free, sk-short",
      "https://example.org:8080/path?x=1",
      "the secret of good cooking is patience",
      "password must not be empty"
    ]
    for (const line of harmless) assert.strictEqual(text(line), line)
  })

  it("takes further rules", () => {
    const { text } = Privacy.secrets({ extraRules: [{ pattern: /\d{4}-\d{4}/, replace: "<card>" }] })
    assert.strictEqual(text("1234-5678"), "<card>")
  })

  it("takes no longer for texts that were made to be slow", () => {
    // Each pattern looks at a place only so far ahead; were it otherwise, these would never end.
    for (const unit of ["a.", "-----BEGIN ", "http://", "token", "=\"", "eyJa.", "_key"]) {
      assert.isString(text(unit.repeat(20_000)))
    }
  })

  it.effect.prop("changes no shape", { data: Schema.Json }, ({ data }) =>
    Effect.sync(() => {
      const shape = (value: unknown): unknown =>
        Array.isArray(value)
          ? value.map(shape)
          : typeof value === "object" && value !== null
          ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, shape(member)]))
          : typeof value
      assert.deepStrictEqual(shape(Privacy.secrets().data(data as Privacy.Json)), shape(data))
    }), { arbitrary: { runs: 100 } })
})
