/** The files that `effect-evals init` writes. */

export const starterConfig = `import { defineConfig } from "effect-evals/cli"

// Flags and variables of the environment (--concurrency 4, EFFECT_EVALS_CONCURRENCY=4) say the same, and count first.
export default defineConfig({
  files: ["evals/**/*.eval.ts"],
  concurrency: 8,
  timeout: "30s",
  gate: ["failures <= 2%"]
})
`

export const starterEvaluation = `import { Schema } from "effect"
import { Dataset, Evaluation, Evaluator, Gate } from "effect-evals"

// What it is evaluated on: a line of JSON for each example.
const tickets = Dataset.fromJsonl(\`\${import.meta.dirname}/tickets.jsonl\`, {
  inputs: Schema.Struct({ text: Schema.String }),
  referenceOutputs: Schema.Literals(["billing", "technical", "other"])
})

// What is evaluated. It may give a value, a Promise or an Effect; here is where a language model goes.
const route = ({ text }: { readonly text: string }) => {
  if (/invoice|refund|charged|payment/i.test(text)) return "billing"
  if (/error|crash|login|slow/i.test(text)) return "technical"
  return "other"
}

const evaluation = Evaluation.make("support", {
  data: tickets,
  target: route
})

// How it is judged. What needs a service (a model, say) asks for a \`layer\` that provides it.
export default Evaluation.entry(evaluation, {
  evaluators: [
    Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)
  ],
  summaries: { groupBy: ["split"] },
  gate: Gate.mean("correct", { atLeast: 0.7 })
})
`

const tickets: ReadonlyArray<readonly [id: string, team: string, split: string, text: string]> = [
  ["invoice-missing", "billing", "common", "I did not get an invoice for March."],
  ["refund", "billing", "common", "Please refund my last order, it never arrived."],
  ["charged-twice", "billing", "common", "I was charged twice this month."],
  ["card-declined", "billing", "common", "My payment does not go through."],
  ["crash", "technical", "common", "The app crashes when I open a file."],
  ["login", "technical", "common", "I cannot log in: login says 'unknown user'."],
  ["slow", "technical", "common", "Search has been very slow since yesterday."],
  ["error-500", "technical", "common", "I get an error 500 on the settings page."],
  ["opening-hours", "other", "common", "When are you open on Saturdays?"],
  ["thanks", "other", "common", "Thank you, everything works now!"],
  ["money-back", "billing", "hard", "I want my money back."],
  ["frozen", "technical", "hard", "Nothing happens when I press save, the window is frozen."],
  ["partner", "other", "hard", "We are a payment provider and would like to become a partner."],
  ["praise", "other", "hard", "I had an error in my order and your team mended it at once, great!"]
]

export const starterTickets: string = tickets.map(([id, team, split, text]) =>
  `${JSON.stringify({ id, inputs: { text }, referenceOutputs: team, split })}\n`
).join("")
