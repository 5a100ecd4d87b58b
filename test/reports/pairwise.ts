/** Three ways to answer, judged against one another; names and answers are hostile. */
import { Effect } from "effect"
import { Dataset, PairwiseEvaluation, PairwiseEvaluator, Target } from "../../src/index.ts"

export const names = ["brief", "<b>kind</b> | *x*", "broken"] as const

/** Brief answers, kind ones, and one that fails for a question; longer answers win, and the first place a little. */
export const duel = (count = 2, options: { readonly order?: "both" | "random"; readonly name?: string } = {}) =>
  PairwiseEvaluation.runTargets("support", {
    data: Dataset.fromIterable(
      "questions",
      Array.from({ length: 12 }, (_, n) => ({ id: `q${n}`, inputs: `Where is parcel ${n}?` }))
    ),
    targets: [
      Target.make(
        names[0],
        (question: string) =>
          question === "Where is parcel 3?"
            ? "It is on its way to you, and will be there soon: look out for it from tomorrow morning on, please."
            : "Soon."
      ),
      Target.make(names[1], (question: string) => `Thank you. ${question} <script>globalThis.pwned = true</script>`),
      Target.make(
        names[2],
        (question: string) =>
          question === "Where is parcel 7?" ? Effect.fail("no such parcel") : "Somewhere, I should think."
      )
    ].slice(0, count)
  }, {
    name: options.name ?? "duel",
    order: options.order ?? "both",
    failedRuns: "lose",
    evaluators: [
      PairwiseEvaluator.make("longer", ({ outputs }) => ({
        scores: outputs.map((output) => output.length),
        comment: "counted the <i>letters</i>"
      })),
      PairwiseEvaluator.make("sure", ({ inputs }) => inputs.includes("11") ? Effect.fail("cannot tell") : 0)
    ]
  })
