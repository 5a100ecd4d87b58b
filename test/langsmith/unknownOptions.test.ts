/** Options that the layers do not know, where no type check ran: what was to be hidden must not be sent. */
import { assert, describe, it } from "@effect/vitest"
import { FutureAgi } from "../../src/futureagi/index.ts"
import { TracingClient } from "../../src/index.ts"
import { LangSmith, LangSmithClient } from "../../src/langsmith/index.ts"

// What a program without types gives.
type Js = any // oxlint-disable-line typescript/no-explicit-any

describe("an option that is none", () => {
  const refused: ReadonlyArray<readonly [make: (options: Js) => unknown, wrong: object, says: string]> = [
    [
      LangSmith.layer,
      { hideInput: true },
      "LangSmith.layer does not know the option hideInput (did you mean hideInputs?)"
    ],
    [LangSmith.layerConfig, { hideOutput: true }, "did you mean hideOutputs?"],
    [LangSmith.layerTracingClient, { apiKey: "k" }, "LangSmith.layerTracingClient does not know the option apiKey"],
    [LangSmithClient.layer, { hideInputs: true }, "LangSmithClient.layer does not know the option hideInputs"],
    [LangSmithClient.layerConfig, { apikey: "k" }, "did you mean apiKey?"],
    [FutureAgi.layer, { secret: "s" }, "FutureAgi.layer does not know the option secret"],
    [FutureAgi.layerConfig, { baseUrl: "x" }, "FutureAgi.layerConfig does not know the option baseUrl"],
    [TracingClient.layerJournal, { dir: "x" }, "TracingClient.layerJournal does not know the option dir"]
  ]
  for (const [make, wrong, says] of refused) {
    it(`is refused: ${says}`, () => assert.throws(() => make(wrong), TypeError, says))
  }

  it("is none of all that there are", () => {
    LangSmith.layer({ hideInputs: true, timeout: "1 second", dataset: "d" })
    LangSmith.layerConfig({ samplingRate: 0.5, retries: 1 })
  })
})
