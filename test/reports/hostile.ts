/** Texts that try to be more than texts. */
import { Effect } from "effect"
import { Dataset, Evaluation, Evaluator, type Experiment } from "../../src/index.ts"
import { untraced } from "../support/run.ts"

export const hostileTexts = [
  "<script>window.pwned = true</script>",
  "</script><script>window.pwned = true</script>",
  "<!-- <script>",
  "]]><x/>",
  "<img src=x onerror=\"window.pwned = true\">",
  "\" onmouseover=\"window.pwned = true\" x=\"",
  "javascript:window.pwned=true",
  "\u202Edlrow\u202C and \u2066isolated\u2069",
  "\u0000\u0007\u001b[31mred\u001b[0m",
  "\uD800 half a pair",
  "=HYPERLINK(\"http://evil.example\",\"click\")",
  "@someone look, #12 and https://evil.example",
  "``` | ` ```` </details>",
  "line one\nline two\r\n::error::injected",
  "__proto__",
  "A".repeat(300_000)
]

/** Every text is an id, inputs, outputs, a reference, metadata, a comment, a label, a key, a reason or an error. */
export const hostile: Effect.Effect<Experiment.Experiment> = Effect.gen(function*() {
  const data = Dataset.fromIterable(
    hostileTexts[1] ?? "",
    hostileTexts.map((text, n) => ({
      id: `${text.slice(0, 100)} ${n}`,
      inputs: { [text.slice(0, 100)]: text } as Record<string, string>,
      referenceOutputs: [text, n] as ReadonlyArray<string | number>,
      metadata: { group: text.slice(0, 100) },
      split: text.slice(0, 100)
    }))
  )
  return (yield* untraced(Evaluation.run(
    Evaluation.make("</title><script>window.pwned = true</script>", {
      data,
      target: (inputs) =>
        hostileTexts.indexOf(Object.values(inputs)[0] ?? "") % 5 === 4
          ? Effect.fail(Object.values(inputs)[0])
          : Effect.succeed(Object.values(inputs)[0] ?? "").pipe(
            Effect.withSpan(hostileTexts[1] ?? "", { attributes: { [hostileTexts[4] ?? ""]: hostileTexts[1] } })
          )
    }),
    {
      name: "</style><script>window.pwned = true</script>",
      description: hostileTexts[1],
      tags: [hostileTexts[1] ?? ""],
      metadata: { [hostileTexts[4] ?? ""]: hostileTexts[1] },
      summaries: { groupBy: ["split", "metadata.group"] },
      evaluators: [
        Evaluator.make("</td><script>window.pwned = true</script>", ({ outputs }) => ({
          score: outputs.length % 2 === 0,
          value: outputs.slice(0, 150),
          comment: outputs.slice(0, 1000)
        })),
        Evaluator.make("__proto__", ({ outputs }) => outputs.length > 20 ? Effect.fail(outputs) : Effect.succeed(0.5))
      ]
    }
  ))) as Experiment.Experiment
}).pipe(Effect.orDie)
