/**
 * A `LanguageModel` that answers as it was told, for tests and examples: no network, no key, the same each time.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import * as LanguageModel from "effect/ai/LanguageModel"
import * as Model from "effect/ai/Model"
import type * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import { addGenAIAnnotations } from "effect/ai/Telemetry"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { withIdentity } from "../internal/values/modelIdentity.ts"

/**
 * One question to the model.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call {
  /** How many calls came before. */
  readonly index: number
  /** How many of them asked the same, so that a script can fail at first and answer then, whatever the order of rows. */
  readonly seen: number
  /** `generateObject` asks for JSON. */
  readonly method: "generateText" | "generateObject" | "streamText"
  readonly prompt: Prompt.Prompt
  /** All text of the prompt, system message and results of tools included, with line breaks in between. */
  readonly text: string
  /** The names of the tools that it may call. */
  readonly tools: ReadonlyArray<string>
}

/**
 * What the model is to say, where it is more than a text.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reply {
  readonly text?: string | undefined
  /** Said as JSON: what `generateObject` decodes. */
  readonly json?: unknown
  readonly reasoning?: string | undefined
  readonly toolCalls?:
    | ReadonlyArray<{ readonly name: string; readonly params: unknown; readonly id?: string | undefined }>
    | undefined
  /** Default: `tool-calls` if there are any, else `stop`. */
  readonly finishReason?: Response.FinishReason | undefined
  /** Default: a token for each word. */
  readonly usage?: { readonly inputTokens?: number | undefined; readonly outputTokens?: number | undefined } | undefined
}

/**
 * What comes of a call: a text, a reply, an error, or an effect of one of these, which can take its time
 * (`Effect.delay`), never end (`Effect.never`) or fail as it likes.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer =
  | string
  | Reply
  | AiError.AiErrorReason
  | Effect.Effect<string | Reply | AiError.AiErrorReason, AiError.AiError>

/**
 * What the model says: answers in the order of the calls, or a function of the call. A call after the last answer of a
 * list fails and says so.
 *
 * @category models
 * @since 0.1.0
 */
export type Script = ReadonlyArray<Answer> | ((call: Call) => Answer)

/**
 * A model with a record of what it was asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface ScriptedLanguageModel {
  readonly layer: Model.Model<"scripted", LanguageModel.LanguageModel, never>
  /** All calls so far, in their order; those that failed included. */
  readonly calls: Effect.Effect<ReadonlyArray<Call>>
}

/**
 * How the model presents itself.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The model's name in spans and prices. Default: `scripted`. */
  readonly name?: string | undefined
}

// -----------------------------------------------------------------------------
// constructors
// -----------------------------------------------------------------------------

/**
 * A model that says what is in the script. It opens the spans that every model does, with token usage, so that run trees,
 * usage and cost can be tested as well.
 *
 * **Example** (Testing a judge that is refused once)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { AiError, LanguageModel } from "effect/ai"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const ask = LanguageModel.generateText({ prompt: "The capital of France?" }).pipe(
 *   Effect.retry({ times: 1, while: (error) => error.isRetryable })
 * )
 *
 * const program = Effect.gen(function*() {
 *   const model = yield* ScriptedLanguageModel.make([new AiError.RateLimitError({}), "Paris"])
 *   const { text } = yield* Effect.provide(ask, model.layer)
 *   const calls = yield* model.calls
 *   console.log(text, calls.length, calls[1]?.seen) // => Paris 2 1
 * })
 * await Effect.runPromise(program)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (script: Script, options: Options = {}): Effect.Effect<ScriptedLanguageModel> =>
  Effect.sync(() => {
    const { name = "scripted" } = options
    const calls: Array<Call> = []
    const seen = new Map<string, number>()

    const ask = Effect.fnUntraced(function*(options: LanguageModel.ProviderOptions, method: Call["method"]) {
      const text = textOf(options.prompt)
      const call: Call = {
        index: calls.length,
        seen: seen.get(text) ?? 0,
        method,
        prompt: options.prompt,
        text,
        tools: options.tools.map((tool) => tool.name)
      }
      calls.push(call)
      seen.set(text, call.seen + 1)
      const { span } = options
      addGenAIAnnotations(span, {
        provider: { name: "scripted" },
        operation: { name: "chat" },
        request: { model: name }
      })
      const reply = yield* replyOf(answerTo(script, call), method)
      addGenAIAnnotations(span, {
        response: { model: name, finishReasons: [finishReason(reply)] },
        usage: usageOf(reply, call)
      })
      return { call, reply }
    })

    const layer = Layer.effect(
      LanguageModel.LanguageModel,
      Effect.map(
        LanguageModel.make({
          generateText: (options) =>
            Effect.map(
              ask(options, options.responseFormat.type === "json" ? "generateObject" : "generateText"),
              ({ call, reply }): Array<Response.PartEncoded> => [
                ...(reply.reasoning === undefined ? [] : [{ type: "reasoning", text: reply.reasoning } as const]),
                ...(said(reply) === "" ? [] : [{ type: "text", text: said(reply) } as const]),
                ...toolCalls(reply, call),
                finish(reply, call)
              ]
            ),
          streamText: (options) =>
            Stream.unwrap(Effect.map(ask(options, "streamText"), ({ call, reply }) =>
              Stream.fromIterable<Response.StreamPartEncoded>([
                ...(reply.reasoning === undefined ? [] : pieces("reasoning", reply.reasoning)),
                ...(said(reply) === "" ? [] : pieces("text", said(reply))),
                ...toolCalls(reply, call),
                finish(reply, call)
              ])))
        }),
        (service) =>
          withIdentity(service, { provider: "scripted", model: name, settings: undefined })
      )
    )
    return {
      layer: Model.make("scripted", name, layer),
      calls: Effect.sync(() => [...calls])
    }
  })

/**
 * The same as a layer, for those who need not know what was asked.
 *
 * **Example** (A model that answers by rules)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { LanguageModel } from "effect/ai"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const model = ScriptedLanguageModel.layer(ScriptedLanguageModel.rules([
 *   [/capital of France/, "Paris"],
 *   ["Is it polite?", { json: { polite: true } }]
 * ]))
 * const { value } = await Effect.runPromise(
 *   LanguageModel.generateObject({ prompt: "Is it polite? Thank you.", schema: Schema.Struct({ polite: Schema.Boolean }) })
 *     .pipe(Effect.provide(model))
 * )
 * console.log(value) // => { polite: true }
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  script: Script,
  options?: Options
): Layer.Layer<LanguageModel.LanguageModel | Model.ProviderName | Model.ModelName> =>
  Layer.unwrap(Effect.map(make(script, options), ({ layer }) => layer))

/**
 * A script of rules: the first one that fits answers. A rule fits by a text that the prompt contains, by a regular
 * expression on its text, or by a function. A call that no rule fits fails and says so.
 *
 * @category scripts
 * @since 0.1.0
 */
export const rules = (
  list: ReadonlyArray<
    readonly [when: string | RegExp | ((call: Call) => boolean), answer: Answer | ((call: Call) => Answer)]
  >
): (call: Call) => Answer =>
(call) => {
  const rule = list.find(([when]) => fits(when, call))
  if (rule === undefined) return scriptError(`no rule of the script fits ${excerpt(call)}`)
  const [, answer] = rule
  return typeof answer === "function" ? answer(call) : answer
}

// -----------------------------------------------------------------------------
// what it does
// -----------------------------------------------------------------------------

// `search`, unlike `test`, does not remember where a global expression stopped.
const fits = (when: string | RegExp | ((call: Call) => boolean), call: Call): boolean =>
  typeof when === "function"
    ? when(call)
    : typeof when === "string"
    ? call.text.includes(when)
    : call.text.search(when) >= 0

const answerTo = (script: Script, call: Call): Effect.Effect<Answer> =>
  Effect.sync(() =>
    typeof script === "function"
      ? script(call)
      : script[call.index] ??
        scriptError(`the script has ${script.length} answers, and this is call ${call.index + 1}: ${excerpt(call)}`)
  )

const scriptError = (description: string) =>
  new AiError.UnknownError({ description: `${description}. Add what is to be answered to the script` })

const excerpt = (call: Call): string =>
  JSON.stringify(call.text.length > 200 ? `${call.text.slice(0, 200)}…` : call.text)

const replyOf = (answer: Effect.Effect<Answer>, method: string): Effect.Effect<Reply, AiError.AiError> =>
  Effect.flatMap(answer, (answer): Effect.Effect<Reply, AiError.AiError> => {
    if (typeof answer === "string") return Effect.succeed({ text: answer })
    // First, since errors are effects as well.
    if (AiError.isAiErrorReason(answer)) {
      return Effect.fail(AiError.make({ module: "ScriptedLanguageModel", method, reason: answer }))
    }
    return Effect.isEffect(answer)
      ? Effect.flatMap(answer, (inner) => replyOf(Effect.succeed(inner), method))
      : Effect.succeed(answer)
  })

const said = (reply: Reply): string => reply.json === undefined ? reply.text ?? "" : JSON.stringify(reply.json)

const finishReason = (reply: Reply): Response.FinishReason =>
  reply.finishReason ?? ((reply.toolCalls?.length ?? 0) > 0 ? "tool-calls" : "stop")

const toolCalls = (reply: Reply, call: Call): ReadonlyArray<Response.ToolCallPartEncoded> =>
  (reply.toolCalls ?? []).map(({ id, name, params }, position) => ({
    type: "tool-call",
    id: id ?? `call_${call.index}_${position}`,
    name,
    params
  }))

const usageOf = (reply: Reply, call: Call) => ({
  inputTokens: reply.usage?.inputTokens ?? words(call.text),
  outputTokens: reply.usage?.outputTokens ?? words(`${reply.reasoning ?? ""} ${said(reply)}`)
})

const words = (text: string): number => text.match(/\S+/g)?.length ?? 0

const finish = (reply: Reply, call: Call): Response.FinishPartEncoded => {
  const { inputTokens, outputTokens } = usageOf(reply, call)
  return {
    type: "finish",
    reason: finishReason(reply),
    usage: {
      inputTokens: { total: inputTokens, uncached: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: outputTokens, text: undefined, reasoning: undefined }
    },
    response: undefined
  }
}

/** Word by word. */
const pieces = (type: "text" | "reasoning", text: string): ReadonlyArray<Response.StreamPartEncoded> => [
  { type: `${type}-start`, id: type },
  ...text.split(/(?<=\s)(?=\S)/).map((delta) => ({ type: `${type}-delta`, id: type, delta }) as const),
  { type: `${type}-end`, id: type }
]

const textOf = (prompt: Prompt.Prompt): string =>
  prompt.content.flatMap((message) =>
    message.role === "system" ? [message.content] : message.content.flatMap((part) => {
      switch (part.type) {
        case "text":
        case "reasoning":
          return [part.text]
        case "tool-call":
          return [`${part.name} ${JSON.stringify(part.params)}`]
        case "tool-result":
          return [JSON.stringify(part.result) ?? ""]
        default:
          return []
      }
    })
  ).join("\n")
