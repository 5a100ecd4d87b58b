/** Options that judges and what is around them do not know, where no type check ran. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { Budget, Judge, ModelLimits, Semantic } from "../../src/judge/index.ts"

// What a program without types gives.
type Js = any // oxlint-disable-line typescript/no-explicit-any

const criteria = "The output is polite."

describe("an option that is none", () => {
  const refused: ReadonlyArray<readonly [make: (options: Js) => unknown, of: string]> = [
    [(options) => Judge.make("polite", { criteria, ...options }), `Judge.make("polite")`],
    [
      (options) => Judge.fromPrompt("polite", { prompt: "Is {{output}} polite?", variables: () => ({}), ...options }),
      `Judge.fromPrompt("polite")`
    ],
    [(options) => Judge.template("conciseness", options), `Judge.template("conciseness")`],
    [
      (options) => Judge.rubric("polite", { items: [{ name: "tone", criteria }], ...options }),
      `Judge.rubric("polite")`
    ],
    [(options) => Judge.pairwise("polite", { criteria, ...options }), `Judge.pairwise("polite")`],
    [(options) => Semantic.similarity(options), "Semantic.similarity"],
    [(options) => Semantic.list(options), "Semantic.list"],
    [(options) => Semantic.answerRelevance(options), "Semantic.answerRelevance"],
    [(options) => Budget.layer(options), "Budget.layer"],
    [(options) => ModelLimits.layer(options), "ModelLimits.layer"]
  ]
  for (const [make, of] of refused) {
    it(`is refused by ${of}`, () => {
      assert.throws(() => make({ temperature: 0 }), TypeError, `${of} does not know the option temperature`)
      make({})
    })
  }
})

it("a judge has the grace period that it was given", () => {
  const { gracePeriod } = Judge.make("polite", { criteria, gracePeriod: "2 seconds" }).options
  assert.strictEqual(gracePeriod === undefined ? undefined : Duration.toMillis(gracePeriod), 2000)
})
