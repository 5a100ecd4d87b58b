import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Fiber, Layer, Schedule } from "effect"
import { type AiError, LanguageModel } from "effect/ai"
import { Dataset, Evaluation, Run, type Target } from "../../src/index.ts"
import { Judge } from "../../src/judge/index.ts"
import { ToolCalls } from "../../src/scorers/index.ts"
import { SimulatedUser, Simulation } from "../../src/simulation/index.ts"
import { ScriptedLanguageModel } from "../../src/testing/index.ts"
import { advance, untraced } from "../support/run.ts"

interface Customer {
  readonly persona: string
  readonly lines: ReadonlyArray<string>
}

const customers = (...lines: ReadonlyArray<ReadonlyArray<string>>) =>
  Dataset.fromIterable(
    "customers",
    lines.map((lines, i) => ({ id: `c${i}`, inputs: { persona: `customer ${i}`, lines } }))
  )

const scripted = SimulatedUser.fromLines(({ lines }: Customer) => lines)

const converse = <E, R>(
  target: Target.Target<Customer, Simulation.Conversation, E, R>,
  ...lines: ReadonlyArray<ReadonlyArray<string>>
) => untraced(Evaluation.run(Evaluation.make("refunds", { data: customers(...lines), target }), { order: "input" }))

const echo = ({ message }: Simulation.AppArgs) => `You said: ${message}`

describe("a simulated conversation", () => {
  it.effect("goes on until the user has nothing more to say", () =>
    Effect.gen(function*() {
      const { rows } = yield* converse(Simulation.make("echo", { app: echo, user: scripted }), ["Hi", "Bye"], [])
      assert.deepStrictEqual(rows[0]?.run.outputs, {
        messages: [
          { role: "user", content: "Hi" },
          { role: "assistant", content: "You said: Hi" },
          { role: "user", content: "Bye" },
          { role: "assistant", content: "You said: Bye" }
        ],
        turns: 2,
        ended: "user"
      })
      assert.deepStrictEqual(rows[1]?.run.outputs, { messages: [], turns: 0, ended: "user" })
    }))

  it.effect("ends when it is told to, and after so many turns in any case", () =>
    Effect.gen(function*() {
      const user = SimulatedUser.fromLines(["a", "b", "c", "d"])
      const stops: ReadonlyArray<(args: Simulation.StopArgs) => Simulation.StopReturn> = [
        ({ reply }) => reply.endsWith("b"),
        async ({ messages }) => messages.length === 4,
        ({ turn }) => Effect.succeed(turn === 2)
      ]
      for (const stop of stops) {
        const { rows } = yield* converse(Simulation.make("echo", { app: echo, user, stop }), [])
        assert.deepInclude(rows[0]?.run.outputs, { turns: 2, ended: "stop" })
      }
      const { rows } = yield* converse(Simulation.make("echo", { app: echo, user, maxTurns: 3 }), [])
      assert.deepInclude(rows[0]?.run.outputs, { turns: 3, ended: "maxTurns" })
    }))

  it.effect("tells the app everything, and keeps what the app did in between", () =>
    Effect.gen(function*() {
      const seen: Array<Omit<Simulation.AppArgs<Customer>, "signal">> = []
      const app = ({ signal, ...args }: Simulation.AppArgs<Customer>): Promise<Simulation.Reply> => {
        seen.push(args)
        assert.isFalse(signal.aborted)
        return Promise.resolve(
          args.turn === 1 ? { role: "assistant", content: "Which one?" } : [
            {
              role: "assistant",
              content: "",
              tool_calls: [{ id: "1", type: "function", function: { name: "refund", arguments: `{"order":17}` } }]
            },
            { role: "tool", tool_call_id: "1", content: "done" },
            { role: "assistant", content: "Refunded." }
          ]
        )
      }
      const target = Simulation.make("support", { app, user: scripted })
      const experiment = yield* untraced(Evaluation.run(
        Evaluation.make("refunds", { data: customers(["Money back!", "17"], ["Money!", "18"]), target }),
        {
          evaluators: [
            ToolCalls.accurate({
              actual: ({ outputs }) => outputs.messages,
              expected: [{ name: "refund", arguments: { order: 17 } }]
            })
          ],
          repetitions: 2,
          order: "input"
        }
      ))
      assert.strictEqual(experiment.summaries["tool_call_accuracy"]?.score?.mean, 1)
      const [first] = experiment.rows
      assert.deepStrictEqual(first?.run.outputs?.messages.map(({ content, role }) => `${role}: ${content}`), [
        "user: Money back!",
        "assistant: Which one?",
        "user: 17",
        "assistant: ",
        "tool: done",
        "assistant: Refunded."
      ])
      assert.strictEqual(new Set(seen.map(({ threadId }) => threadId)).size, 4)
      const ofFirst = seen.filter(({ threadId }) => threadId === seen[0]?.threadId)
      assert.deepStrictEqual(ofFirst.map(({ message, messages, turn }) => [message, messages.length, turn]), [
        ["Money back!", 1, 1],
        ["17", 3, 2]
      ])
      assert.strictEqual(ofFirst[0]?.inputs.persona, "customer 0")
    }))

  it.effect("is a tree of turns, with what app and user did below them", () =>
    Effect.gen(function*() {
      const app = Effect.fnUntraced(function*({ message }: Simulation.AppArgs) {
        return yield* Effect.succeed(`Found ${message}`).pipe(Effect.withSpan("look up"))
      })
      const { rows } = yield* converse(Simulation.make("support", { app, user: scripted }), ["a", "b"])
      assert.deepStrictEqual(
        Array.from(Run.descendants(rows[0]!.run), ({ name }) => name),
        ["turn 1", "user", "app", "look up", "turn 2", "user", "app", "look up", "turn 3", "user"]
      )
    }))

  it.effect("fails as the app or the user does, and a retry begins another one", () =>
    Effect.gen(function*() {
      const threads = new Set<string>()
      const app = ({ threadId, turn }: Simulation.AppArgs) => {
        threads.add(threadId)
        return turn === 2 && threads.size < 3 ? Effect.fail("overloaded") : Effect.succeed("Yes?")
      }
      const target = Simulation.make("support", { app, user: scripted })
      const failed = yield* converse(target, ["a", "b"])
      assert.strictEqual(failed.rows[0]?.run.error, "overloaded")
      const { rows } = yield* untraced(Evaluation.run(
        Evaluation.make("refunds", { data: customers(["a", "b"]), target }),
        { retry: Schedule.recurs(3) }
      ))
      assert.deepInclude(rows[0]?.run.outputs, { turns: 2, ended: "user" })
      assert.strictEqual(rows[0]?.run.attempts.length, 2)
      assert.strictEqual(threads.size, 3)

      const broken = yield* converse(
        Simulation.make("support", { app: echo, user: () => Promise.reject(new Error("no line")) }),
        ["a"]
      )
      assert.strictEqual(broken.rows[0]?.run.error, "Error: no line")
    }))

  it.effect("refuses what is no message, and says who gave it when", () =>
    Effect.gen(function*() {
      // What a program without types gives.
      const wrong: ReadonlyArray<any> = [5, undefined, [], { role: "assistant" }, [{ role: "bot", content: "a" }]] // oxlint-disable-line typescript/no-explicit-any
      for (const answer of wrong) {
        const { rows } = yield* converse(Simulation.make("support", { app: () => answer, user: scripted }), ["a"])
        assert.include(rows[0]?.run.error, "The app of support must give a text, a message { role, content }")
        assert.include(rows[0]?.run.error, "in turn 1 it gave ")
      }
      const user: any = () => 7 // oxlint-disable-line typescript/no-explicit-any -- as above
      const { rows } = yield* converse(Simulation.make("support", { app: echo, user }), ["a"])
      assert.include(rows[0]?.run.error, "The user of support must give a text, or undefined")
      assert.throws(
        () => Simulation.make("support", { app: echo, user: scripted, maxTurns: 0 }),
        RangeError,
        "maxTurns is 0"
      )
      const misspelt: object = { app: echo, user: scripted, maxturn: 3 }
      assert.throws(() => Simulation.make("support", misspelt as never), TypeError, "did you mean maxTurns?")
    }))

  it.effect("is interrupted where it is, and tells the app", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<AbortSignal>()
      const app = ({ signal }: Simulation.AppArgs) => Effect.andThen(Deferred.succeed(waiting, signal), Effect.never)
      const running = yield* Effect.forkChild(untraced(Evaluation.run(
        Evaluation.make("refunds", {
          data: customers(["a"]),
          target: Simulation.make("support", { app, user: scripted })
        }),
        { timeout: "30 seconds" }
      )))
      const signal = yield* Deferred.await(waiting)
      yield* advance(30_000)
      const { rows } = yield* Fiber.join(running)
      assert.strictEqual(rows[0]?.run.outcome._tag, "TimedOut")
      assert.isTrue(signal.aborted)
    }))

  it("is known by its parts", () => {
    const fingerprint = (options: Partial<Parameters<typeof Simulation.make<Customer>>[1]>) =>
      Effect.runSync(
        Effect.map(
          Simulation.make<Customer>("support", { app: echo, user: scripted, ...options }).describe as Effect.Effect<
            Target.Description
          >,
          ({ fingerprint }) => fingerprint
        )
      )
    const lines = (line: string) => SimulatedUser.fromLines<Customer>([line])
    const played = (persona: string) => SimulatedUser.fromModel<Customer>({ persona })
    const all = [
      fingerprint({}),
      fingerprint({ maxTurns: 3 }),
      fingerprint({ app: () => "No." }),
      fingerprint({ stop: () => true }),
      fingerprint({ user: lines("a") }),
      fingerprint({ user: lines("b") }),
      fingerprint({ user: played("angry") }),
      fingerprint({ user: played("kind") }),
      fingerprint({ config: { model: "m" } }),
      fingerprint({ version: "1" }),
      fingerprint({ version: "1", user: played("kind") }),
      fingerprint({ version: "2" })
    ]
    assert.strictEqual(new Set(all).size, all.length)
    assert.strictEqual(fingerprint({ version: "1", app: () => "No." }), fingerprint({ version: "1" }))
    assert.strictEqual(fingerprint({ user: played("kind") }), fingerprint({ user: played("kind") }))
  })
})

describe("a user that a model plays", () => {
  class Customers extends Context.Service<Customers, LanguageModel.LanguageModel>()("test/Customers") {}

  it.effect("sees the conversation from the user's side, and ends it", () =>
    Effect.gen(function*() {
      const model = yield* ScriptedLanguageModel.make((call) => ({
        json: call.text.includes("refunded")
          ? { message: "Thanks", isOver: true }
          : { message: call.text.includes("Which") ? "It is 17" : "Money back!", isOver: false }
      }))
      const target = Simulation.make("support", {
        app: ({ message }) =>
          message.includes("17")
            ? [{ role: "tool", content: "secret" }, { role: "assistant", content: "I have refunded it." }]
            : "Which order?",
        user: SimulatedUser.fromModel({ persona: ({ persona }: Customer) => `You are ${persona}.` })
      })
      const { rows } = yield* converse(target, []).pipe(Effect.provide(model.layer))
      assert.deepInclude(rows[0]?.run.outputs, { turns: 2, ended: "user" })
      const calls = yield* model.calls
      assert.lengthOf(calls, 3)
      assert.include(calls[0]?.text, "You are customer 0.")
      assert.deepStrictEqual(calls[2]?.prompt.content.slice(1).map(({ role }) => role), [
        "assistant",
        "user",
        "assistant",
        "user"
      ])
      assert.notInclude(calls[2]?.text, "secret")
      const names = Array.from(Run.descendants(rows[0]!.run), ({ name, runType }) => `${name} ${runType}`)
      assert.isTrue(names.some((name) => name.endsWith(" llm")))
      assert.isAbove(rows[0]?.run.usage?.inputTokens ?? 0, 0)
    }))

  it.effect("may have an opening and a model of its own, and be judged by another", () =>
    Effect.gen(function*() {
      const customers = yield* ScriptedLanguageModel.make(() => ({ json: { message: "", isOver: false } }))
      const others = yield* ScriptedLanguageModel.make((call) => ({
        json: { reasoning: "It asks.", verdict: call.text.includes("Which order?") }
      }))
      const target = Simulation.make("support", {
        app: () => "Which order?",
        user: SimulatedUser.fromModel({ persona: "Terse", opening: "Refund.", model: Customers })
      })
      const data = Dataset.fromIterable("one", [{ inputs: {} }])
      const experiment = yield* untraced(
        Evaluation.run(Evaluation.make("refunds", { data, target }), {
          evaluators: [
            Judge.make("asks", {
              criteria: "The assistant asks for the order.",
              variables: ({ outputs }) => ({ conversation: Simulation.transcript(outputs.messages) })
            })
          ]
        })
      ).pipe(Effect.provide([
        Layer.effect(Customers, LanguageModel.LanguageModel).pipe(Layer.provide(customers.layer)),
        others.layer
      ]))
      assert.strictEqual(experiment.summaries["asks"]?.score?.mean, 1)
      assert.strictEqual(experiment.rows[0]?.run.outputs?.messages[0]?.content, "Refund.")
      assert.lengthOf(yield* customers.calls, 1)
      assert.lengthOf(yield* others.calls, 1)
    }))

  it.effect("has the errors of its model, and needs it", () =>
    Effect.gen(function*() {
      const target = Simulation.make("support", { app: echo, user: SimulatedUser.fromModel({ persona: "Terse" }) })
      const typed: Target.Target<
        unknown,
        Simulation.Conversation,
        AiError.AiError | Simulation.InvalidMessage,
        LanguageModel.LanguageModel
      > = target
      // @ts-expect-error -- the model is missing
      const without: Target.Target<unknown, Simulation.Conversation, unknown> = target
      assert.strictEqual<unknown>(without, typed)
      const { rows } = yield* converse(target, []).pipe(
        Effect.provide(ScriptedLanguageModel.layer([{ text: "no JSON" }]))
      )
      assert.strictEqual(rows[0]?.run.outcome._tag, "Failed")
    }))

  it("is made with options that it knows", () => {
    const misspelt: object = { persona: "Terse", openings: "Hi" }
    assert.throws(() => SimulatedUser.fromModel(misspelt as never), TypeError, "did you mean opening?")
  })
})
