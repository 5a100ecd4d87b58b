/**
 * A chat app in conversations of several turns, before and after a change, with customers who say the number of their order at
 * once, and others who do not and give up. No key and no network; `SimulatedUser.fromModel` would have a model play the customers.
 *
 *     npm run example examples/conversation/main.ts
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { Comparison, Dataset, Evaluation, TracingClient } from "effect-evals"
import { Terminal } from "effect-evals/reports"
import { ToolCalls } from "effect-evals/scorers"
import { type SimulatedUser, Simulation } from "effect-evals/simulation"

/** A customer: what they want, the number of their order, whether they say it at once, and how long they go on. */
interface Customer {
  readonly wish: string
  readonly order: string
  readonly prepared: boolean
  readonly patience: number
}

const customers = Dataset.fromIterable(
  "customers",
  ["refund my order", "tell me where my parcel is", "cancel my order"].flatMap((wish, w) =>
    [1, 2, 3].map((patience) => {
      const order = String(1000 + 10 * w + patience)
      return {
        id: `${wish.split(" ")[0]}-${patience}`,
        inputs: { wish, order, prepared: patience === 1, patience },
        referenceOutputs: [{ name: wish.split(" ")[0] ?? "", arguments: { order } }]
      }
    })
  )
)

/** Answers what is asked, in the words of somebody in a hurry. Their patience ends, and so may the conversation. */
const customer = ({ inputs, messages, turn }: SimulatedUser.UserArgs<Customer>): string | undefined => {
  if (turn === 1) return `Hello, please ${inputs.wish}${inputs.prepared ? `, number ${inputs.order}` : ""}.`
  const said = messages.at(-1)?.content ?? ""
  if (said.startsWith("Done") || turn > inputs.patience + 1) return undefined
  return said.includes("number") ? `It is ${inputs.order}` : "Yes, please."
}

const wishes = ["refund", "tell", "cancel"]

/** The app looks for a wish and a number in so much of the conversation, asks for what is missing, and calls a tool. */
const app =
  (seen: "the last message" | "all messages") => ({ message, messages }: Simulation.AppArgs): Simulation.Reply => {
    const text = seen === "the last message"
      ? message
      : messages.flatMap(({ content, role }) => role === "user" ? [content] : []).join(" ")
    const wish = wishes.find((wish) => text.includes(wish))
    const order = /\d{4}/.exec(text)?.[0]
    if (wish === undefined) return "What can I do for you?"
    if (order === undefined) return "What is the number of your order?"
    return [
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "1", type: "function", function: { name: wish, arguments: JSON.stringify({ order }) } }]
      },
      { role: "tool", tool_call_id: "1", content: "ok" },
      { role: "assistant", content: `Done: ${wish} of order ${order}.` }
    ]
  }

const run = (version: "forgetful" | "attentive") =>
  Evaluation.run(
    Evaluation.make("support chat", {
      data: customers,
      target: Simulation.make("support", {
        app: app(version === "forgetful" ? "the last message" : "all messages"),
        user: customer,
        stop: ({ reply }) => reply.startsWith("Done"),
        maxTurns: 6,
        version
      })
    }),
    {
      name: version,
      evaluators: [
        ToolCalls.accurate({ actual: ({ outputs }) => outputs.messages }),
        function solved({ outputs }) {
          return outputs.ended === "stop"
        },
        function turns({ outputs }) {
          return outputs.turns
        }
      ]
    }
  )

const program = Effect.gen(function*() {
  const before = yield* run("forgetful")
  const after = yield* run("attentive")
  const comparison = yield* Comparison.make(before, after, { lowerIsBetter: ["turns"] })
  yield* Console.log(Terminal.comparison(comparison, { key: "solved" }))
  const row = after.rows.find(({ example }) => example.id === "refund-2")
  yield* Console.log(`The conversation of refund-2, now:\n\n${Simulation.transcript(row?.run.outputs?.messages ?? [])}`)
})

NodeRuntime.runMain(program.pipe(Effect.provide(TracingClient.layerNone)))
