/** Options that a scorer does not know, where no type check ran. */
import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import {
  Dates,
  Json,
  Labels,
  Limits,
  Numbers,
  Retrieval,
  Safety,
  Spans,
  Text,
  ToolCalls,
  Trajectory
} from "../../src/scorers/index.ts"

// What a program without types gives.
type Js = any // oxlint-disable-line typescript/no-explicit-any

const scorers: { readonly [name: string]: (options: Js) => unknown } = {
  "Dates.equal": Dates.equal,
  "Json.conforms": (options) => Json.conforms(Schema.String, options),
  "Json.conformsToJsonSchema": (options) => Json.conformsToJsonSchema({}, options),
  "Json.covers": Json.covers,
  "Json.equals": Json.equals,
  "Json.matches": Json.matches,
  "Json.parses": Json.parses,
  "Json.similar": Json.similar,
  "Labels.calibration": Labels.calibration,
  "Labels.classification": Labels.classification,
  "Labels.match": Labels.match,
  "Labels.matchSet": Labels.matchSet,
  "Labels.separation": Labels.separation,
  "Limits.latency": (options) => Limits.latency({ atMost: "1 second" }, options),
  "Numbers.closeness": (options) => Numbers.closeness({ scale: 1, ...options }),
  "Numbers.equal": Numbers.equal,
  "Retrieval.contextRecall": Retrieval.contextRecall,
  "Retrieval.hit": Retrieval.hit,
  "Retrieval.ndcg": Retrieval.ndcg,
  "Safety.noSecrets": Safety.noSecrets,
  "Spans.has": (options) => Spans.has({ atLeast: 1 }, options),
  "Text.bleu": Text.bleu,
  "Text.chrf": Text.chrf,
  "Text.containsAll": Text.containsAll,
  "Text.containsUrl": Text.containsUrl,
  "Text.corpusBleu": Text.corpusBleu,
  "Text.corpusChrf": Text.corpusChrf,
  "Text.exactMatch": Text.exactMatch,
  "Text.jaroWinkler": Text.jaroWinkler,
  "Text.length": Text.length,
  "Text.levenshtein": Text.levenshtein,
  "Text.rouge": Text.rouge,
  "Text.startsWith": Text.startsWith,
  "Text.tokenF1": Text.tokenF1,
  "Text.url": Text.url,
  "ToolCalls.accurate": ToolCalls.accurate,
  "ToolCalls.f1": ToolCalls.f1,
  "Trajectory.matches": (options) => Trajectory.matches({ mode: "strict", ...options })
}

describe("an option that is none", () => {
  for (const [name, make] of Object.entries(scorers)) {
    it(`is refused by ${name}, with the one that was meant`, () => {
      assert.throws(() => make({ acutal: () => "" }), TypeError, "does not know the option acutal")
      assert.throws(() => make({ feedbackKey: "mine" }), TypeError, "the option feedbackKey (did you mean key?)")
    })
  }

  it("is not one of the scorer's own", () => {
    assert.throws(() => Text.exactMatch({ igoreCase: true } as Js), TypeError, "did you mean ignoreCase?")
    Text.exactMatch({ ignoreCase: true, key: "same" })
    Text.url({ protocols: ["https:"] })
    Retrieval.ndcg({ k: 3, gain: "exponential", relevantFrom: 1 })
  })
})
