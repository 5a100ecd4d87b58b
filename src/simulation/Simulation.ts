/**
 * A conversation of several turns as a target: the user says something, the app answers, until one of them is done. What
 * comes out is the whole conversation, for judges and scorers to look at.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { callUser } from "../internal/engine/userCode.ts"
import { describe } from "../internal/values/describe.ts"
import { refuseUnknown } from "../internal/values/options.ts"
import * as Target from "../Target.ts"
import { configOf, type Message, type User, type UserReturn } from "./SimulatedUser.ts"

export type { Message } from "./SimulatedUser.ts"

/**
 * A conversation that has ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Conversation {
  /** Everything that was said, in order, with what the app did in between. */
  readonly messages: ReadonlyArray<Message>
  /** How many times the user and the app took turns. */
  readonly turns: number
  /** The user had nothing more to say, `stop` held, or there were as many turns as there may be. */
  readonly ended: "user" | "stop" | "maxTurns"
}

/**
 * What the app is given: the user has just said something.
 *
 * @category models
 * @since 0.1.0
 */
export interface AppArgs<out Inputs = unknown> {
  /** What the user has just said. */
  readonly message: string
  /** The whole conversation, the user's last message included. */
  readonly messages: ReadonlyArray<Message>
  /** The inputs of the example. */
  readonly inputs: Inputs
  /** Which turn this is, from 1. */
  readonly turn: number
  /** The same throughout a conversation, and of no other one: for apps that keep conversations themselves. */
  readonly threadId: string
  /** Aborted when the run is interrupted or times out; pass it to `fetch` and the like. */
  readonly signal: AbortSignal
}

/**
 * What an app answers: a text; a message; or several, such as calls of tools, their results and the answer.
 *
 * @category models
 * @since 0.1.0
 */
export type Reply = string | Message | ReadonlyArray<Message>

/**
 * What the function of an app may give.
 *
 * @category models
 * @since 0.1.0
 */
export type AppReturn<E = any, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the position of a wildcard
  | Reply
  | PromiseLike<Reply>
  | Effect.Effect<Reply, E, R>

/**
 * What `stop` is given: the app has just answered.
 *
 * @category models
 * @since 0.1.0
 */
export interface StopArgs<out Inputs = unknown> {
  readonly messages: ReadonlyArray<Message>
  /** The text of the app's last message. */
  readonly reply: string
  readonly inputs: Inputs
  readonly turn: number
}

/**
 * What `stop` may give.
 *
 * @category models
 * @since 0.1.0
 */
export type StopReturn<E = any, R = any> = // oxlint-disable-line typescript/no-explicit-any -- the position of a wildcard
  | boolean
  | PromiseLike<boolean>
  | Effect.Effect<boolean, E, R>

/**
 * The app or the user gave something that is no message.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidMessage extends Schema.TaggedError<InvalidMessage>()("InvalidMessage", {
  simulation: Schema.String,
  who: Schema.Literals(["app", "user"]),
  turn: Schema.Int,
  message: Schema.String
}) {}

const defaultTurns = 10

/**
 * A target that is a conversation. Each turn is a child run of the row's run, with the user and the app below it and, below
 * those, what they did. What either fails with fails the run; the limits of the evaluation (`timeout`, `retry`) are about
 * the whole conversation, and a retry begins another one.
 *
 * **Example** (A user with fixed lines)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { SimulatedUser, Simulation } from "effect-evals/simulation"
 *
 * const support = Simulation.make("support", {
 *   app: ({ message }) => message.includes("17") ? "I have refunded order 17." : "Which order is it?",
 *   user: SimulatedUser.fromLines(["I want my money back.", "Order 17.", "Never mind."]),
 *   stop: ({ reply }) => reply.includes("refunded")
 * })
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(
 *     Evaluation.make("refunds", { data: Dataset.fromIterable("customers", [{ inputs: {} }]), target: support }),
 *     {
 *       evaluators: [function turns({ outputs }) {
 *         return outputs.turns
 *       }]
 *     }
 *   ).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * const [row] = experiment.rows
 * console.log(row?.run.outputs?.ended, row?.run.outputs?.turns, row?.run.outputs?.messages.at(-1)?.content)
 * // => stop 2 I have refunded order 17.
 * console.log(row?.run.childRuns.map(({ childRuns, name }) => `${name}: ${childRuns.map(({ name }) => name)}`))
 * // => [ 'turn 1: user,app', 'turn 2: user,app' ]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <
  Inputs = unknown,
  App extends AppReturn = AppReturn,
  Person extends UserReturn = UserReturn,
  Stop extends StopReturn = boolean
>(name: string, options: {
  readonly app: (args: AppArgs<Inputs>) => App
  /** Who talks with it: see `SimulatedUser`. The user begins. */
  readonly user: User<Inputs, Person>
  /** Whether the conversation is over; asked after each answer of the app. Default: never. */
  readonly stop?: ((args: StopArgs<Inputs>) => Stop) | undefined
  /** After how many turns it ends in any case. Default 10. */
  readonly maxTurns?: number | undefined
  /** Change it when the behaviour of app or user changes. Default: the text of their functions stands for it. */
  readonly version?: string | undefined
  /** Whatever the behaviour depends on, such as the model and the prompt. */
  readonly config?: unknown
}): Target.Target<
  Inputs,
  Conversation,
  Target.Failure<App> | Target.Failure<Person> | Target.Failure<Stop> | InvalidMessage,
  Target.Services<App> | Target.Services<Person> | Target.Services<Stop>
> => {
  const { app, config, maxTurns = defaultTurns, stop, user, version } = options
  refuseUnknown(`Simulation.make(${JSON.stringify(name)})`, options, [
    "app",
    "user",
    "stop",
    "maxTurns",
    "version",
    "config"
  ])
  if (!Number.isInteger(maxTurns) || maxTurns < 1) {
    throw new RangeError(`Simulation.make(${JSON.stringify(name)}): maxTurns is ${maxTurns}, not a count from 1`)
  }
  const converse = Effect.fnUntraced(function*(inputs: Inputs, { signal }: Target.TargetContext) {
    const threadId = globalThis.crypto.randomUUID()
    const messages: Array<Message> = []
    for (let turn = 1; turn <= maxTurns; turn++) {
      const reply = yield* Effect.gen(function*() {
        const said: unknown = yield* callUser(() => user({ inputs, messages: [...messages], turn })).pipe(
          Effect.withSpan("user")
        )
        if (said === undefined) return undefined
        if (typeof said !== "string") {
          return yield* invalid(name, "user", turn, `a text, or undefined when there is nothing more to say`, said)
        }
        messages.push({ role: "user", content: said })
        const answered: unknown = yield* callUser(() =>
          app({ message: said, messages: [...messages], inputs, turn, threadId, signal })
        ).pipe(Effect.withSpan("app"))
        const reply = replyMessages(answered)
        if (reply === undefined) {
          return yield* invalid(
            name,
            "app",
            turn,
            "a text, a message { role, content }, or a list of messages",
            answered
          )
        }
        messages.push(...reply)
        return reply
      }).pipe(Effect.withSpan(`turn ${turn}`, { attributes: { turn } }))
      if (reply === undefined) return { messages, turns: turn - 1, ended: "user" } satisfies Conversation
      const over = stop === undefined
        ? false
        : yield* callUser(() => stop({ messages: [...messages], reply: reply.at(-1)?.content ?? "", inputs, turn }))
      if (over === true) return { messages, turns: turn, ended: "stop" } satisfies Conversation
    }
    return { messages, turns: maxTurns, ended: "maxTurns" } satisfies Conversation
  })
  const texts = { app: String(app), stop: stop === undefined ? undefined : String(stop) }
  return Target.make(name, converse, {
    version,
    config: {
      maxTurns,
      user: version === undefined || "config" in user ? configOf(user) : undefined,
      ...(version === undefined ? texts : {}),
      ...(config === undefined ? {} : { config })
    }
    // The parts' errors and services are those of their effects, which the signature says.
  }) as Target.Target<
    Inputs,
    Conversation,
    Target.Failure<App> | Target.Failure<Person> | Target.Failure<Stop> | InvalidMessage,
    Target.Services<App> | Target.Services<Person> | Target.Services<Stop>
  >
}

const invalid = (simulation: string, who: "app" | "user", turn: number, expected: string, found: unknown) =>
  Effect.fail(
    new InvalidMessage({
      simulation,
      who,
      turn,
      message: `The ${who} of ${simulation} must give ${expected}; in turn ${turn} it gave ${describe(found)}.`
    })
  )

/** An answer as messages; `undefined` if it is none. */
const replyMessages = (answered: unknown): ReadonlyArray<Message> | undefined => {
  if (typeof answered === "string") return [{ role: "assistant", content: answered }]
  const all: ReadonlyArray<unknown> = Array.isArray(answered) ? answered : [answered]
  return all.length > 0 && all.every(isMessage) ? all : undefined
}

const roles: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"])

const isMessage = (value: unknown): value is Message =>
  typeof value === "object" && value !== null && "role" in value && roles.has(value.role) && "content" in value &&
  typeof value.content === "string"

/**
 * A conversation as a text, a message in a paragraph: for prompts, and for people. Of messages without a text, such as calls
 * of tools, the other fields are shown.
 *
 * **Example** (Who said what)
 *
 * ```ts
 * import { Simulation } from "effect-evals/simulation"
 *
 * const text = Simulation.transcript([{ role: "user", content: "Hello?" }, { role: "assistant", content: "Hello." }])
 * console.log(text.split("\n\n")) // => [ 'user: Hello?', 'assistant: Hello.' ]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const transcript = (messages: ReadonlyArray<Message>): string =>
  messages.map(({ content, role, ...rest }) => `${role}: ${content === "" ? JSON.stringify(rest) : content}`).join(
    "\n\n"
  )
