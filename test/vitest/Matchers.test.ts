import { describe, expect, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { Evaluator } from "effect-evals"
import { Judge } from "effect-evals/judge"
import { Text } from "effect-evals/scorers"
import { ScriptedEmbeddingModel, ScriptedLanguageModel } from "effect-evals/testing"
import { matchers } from "effect-evals/vitest"
import { beforeAll } from "vitest"

beforeAll(() => {
  expect.extend(matchers)
})

const messageOf = async (assertion: () => unknown): Promise<string> => {
  try {
    await assertion()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return "it passes"
}

class Strictness extends Context.Service<Strictness, { readonly factor: number }>()("test/Strictness") {}

describe("toBeSimilarTo", () => {
  it("compares by Levenshtein similarity, with the arithmetic in the message", async () => {
    expect("kitten").toBeSimilarTo("kitten", { atLeast: 1 })
    expect("sitting").toBeSimilarTo("kitten", { atLeast: 4 / 7 })
    expect("sitting").not.toBeSimilarTo("kitten", { atLeast: 0.6 })
    expect(await messageOf(() => expect("sitting").toBeSimilarTo("kitten", { atLeast: 0.6 }))).toBe(
      `expected "sitting" to have a similarity of at least 0.6 to "kitten"; it is 0.571 (distance 3 of 7)`
    )
    expect(await messageOf(() => expect("kitten").not.toBeSimilarTo("kitten", { atLeast: 0.6 }))).toContain(
      "not to have"
    )
  })

  it("refuses what is no text, under not as well", async () => {
    expect(await messageOf(() => expect(5).toBeSimilarTo("5", { atLeast: 0 }))).toBe(
      "toBeSimilarTo compares texts; this is 5."
    )
    expect(await messageOf(() => expect(5).not.toBeSimilarTo("5", { atLeast: 0 }))).toContain("compares texts")
  })
})

describe("toBeSemanticallySimilarTo", () => {
  it("compares embeddings", async () => {
    const { layer } = await Effect.runPromise(ScriptedEmbeddingModel.make())
    await expect("the cat sat").toBeSemanticallySimilarTo("The cat slept.", { atLeast: 0.6, layer })
    await expect("the cat sat").not.toBeSemanticallySimilarTo("quarterly revenue", { atLeast: 0.1, layer })
    expect(
      await messageOf(() => expect("the cat sat").toBeSemanticallySimilarTo("The cat slept.", { atLeast: 0.9, layer }))
    ).toBe(`expected "the cat sat" to have a cosine of at least 0.9 to "The cat slept."; it is 0.667`)
  })

  it("refuses what is undefined, under not as well", async () => {
    const { layer } = await Effect.runPromise(ScriptedEmbeddingModel.make((text) => text === "" ? [0, 0] : [1, 0]))
    expect(await messageOf(() => expect("").not.toBeSemanticallySimilarTo("a", { atLeast: 0, layer }))).toContain(
      "no direction"
    )
  })
})

describe("toScore", () => {
  const near = Evaluator.make(
    "near",
    ({ outputs, referenceOutputs }: Evaluator.EvaluatorArgs<unknown, number, number | undefined>) => ({
      score: 1 - Math.abs(outputs - (referenceOutputs ?? 0)) / 10,
      comment: "one tenth for each that it is off"
    })
  )

  it("runs an evaluator on the value", async () => {
    await expect(7).toScore(near, { atLeast: 0.9, referenceOutputs: 8 })
    await expect(7).not.toScore(near, { atLeast: 0.95, referenceOutputs: 8 })
    await expect(7).toScore(near, { atMost: 0.9, atLeast: 0.85, referenceOutputs: 8 })
    await expect("The capital is Paris.").toScore(Text.containsAll({ expected: ["Paris"] }), { atLeast: 1 })
    expect(await messageOf(() => expect(7).toScore(near, { atLeast: 0.95, atMost: 1, referenceOutputs: 8 }))).toBe(
      "expected 7 to score at least 0.95 and at most 1 under near; it scores 0.900 (one tenth for each that it is off)"
    )
  })

  it("asks a judge, with the services that the layer gives", async () => {
    const polite = Judge.make("polite", { criteria: "The answer is polite.", output: Judge.boolean })
    const answers = ScriptedLanguageModel.layer([
      { text: JSON.stringify({ reasoning: "It says please.", verdict: true }) },
      { text: JSON.stringify({ reasoning: "It shouts.", verdict: false }) }
    ])
    const layer = Layer.succeedContext(await Effect.runPromise(Effect.scoped(Layer.build(answers))))
    await expect("Please wait.").toScore(polite, { inputs: "Hurry up!", atLeast: 1, layer })
    expect(await messageOf(() => expect("WAIT!").toScore(polite, { inputs: "Hurry up!", atLeast: 1, layer }))).toBe(
      `expected "WAIT!" to score at least 1 under polite; it scores false (It shouts.)`
    )
  })

  it("does not take a judge that gives no score for a verdict, under not least of all", async () => {
    const failing = Evaluator.make("failing", () => Effect.fail("the model is down"))
    const silent = Evaluator.make("silent", () => Evaluator.skip("nothing to say"))
    const label = Evaluator.make("label", () => "good")
    expect(await messageOf(() => expect(1).toScore(failing, { atLeast: 1 }))).toBe(
      "The evaluator failing gave no score: the model is down"
    )
    expect(await messageOf(() => expect(1).not.toScore(failing, { atLeast: 1 }))).toContain("the model is down")
    expect(await messageOf(() => expect(1).not.toScore(silent, { atLeast: 1 }))).toContain("nothing to say")
    expect(await messageOf(() => expect(1).not.toScore(label, { atLeast: 1 }))).toContain("only a label")
  })

  it("finds the result that is meant among several", async () => {
    const several = Evaluator.make("several", () => [{ key: "a", score: 0 }, { key: "b", score: 1 }])
    await expect(1).toScore(several, { key: "b", atLeast: 1 })
    await expect(1).not.toScore(several, { atLeast: 1 })
    expect(await messageOf(() => expect(1).not.toScore(several, { key: "c", atLeast: 1 }))).toContain("only a, b")
  })

  it("is typed by the value, the evaluator and what it needs", async () => {
    const strict = Evaluator.make(
      "strict",
      ({ outputs }: Evaluator.EvaluatorArgs<unknown, string>) =>
        Effect.map(Strictness, ({ factor }) => outputs.length / factor)
    )
    await expect("four").toScore(strict, { atLeast: 2, layer: Layer.succeed(Strictness, { factor: 2 }) })
    const wrong = () => {
      // @ts-expect-error the value is no text
      void expect(4).toScore(strict, { atLeast: 2, layer: Layer.succeed(Strictness, { factor: 2 }) })
      // @ts-expect-error the layer is missing
      void expect("four").toScore(strict, { atLeast: 2 })
      // @ts-expect-error there is no limit
      void expect(7).toScore(near, { referenceOutputs: 8 })
    }
    expect(wrong).toBeTypeOf("function")
  })
})
