/**
 * Asking models: within the budget, through the cache, once more if an answer cannot be read. All judges ask here, and here
 * alone.
 */
import * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import * as Prompt from "effect/ai/Prompt"
import type * as Response from "effect/ai/Response"
import { CurrentSpanTransformer } from "effect/ai/Telemetry"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Skip } from "../../EvaluationResult.ts"
import { quote } from "../../internal/values/describe.ts"
import { hashText } from "../../internal/values/identity.ts"
import { identityOf, type ModelIdentity } from "../../internal/values/modelIdentity.ts"
import { postponedReason } from "../../internal/values/postponed.ts"
import { Budget, type Usage } from "../Budget.ts"
import { JudgeCache } from "../JudgeCache.ts"
import { JudgeError } from "../JudgeError.ts"
import { promptVersion, textMessage, wordsOf } from "./prompt.ts"

/** Whoever gives a language model: `LanguageModel` itself, or a role. */
export type Model<R = unknown> = Context.Key<R, LanguageModel.LanguageModel>

/** The schemas that models can be held to: objects. */
export type AnswerSchema<A> = Schema.Codec<A, Record<string, unknown>>

/** What an answer has to be, made ready once for all questions of a judge. */
export interface Form<A> {
  readonly schema: AnswerSchema<A>
  readonly decode: (value: unknown) => Option.Option<A>
  readonly encode: (answer: A) => unknown
}

export const formOf = <A>(schema: AnswerSchema<A>): Form<A> => ({
  schema,
  decode: Schema.decodeUnknownOption(schema),
  encode: Schema.encodeSync(schema)
})

export interface Question<A> {
  /** The key of the judge, which has budgets of its own. */
  readonly judge: string
  readonly prompt: ReadonlyArray<Prompt.Message>
  readonly form: Form<A>
  /** What sets it apart from the same words of another version. */
  readonly version: string | undefined
  readonly repetition: number
}

export interface Answers<A> {
  /** In the order of the models, with the samples of one after another. */
  readonly answers: ReadonlyArray<{ readonly model: string; readonly answer: A }>
  /** Where they came from, if there is a cache. */
  readonly cache: { readonly answers: number; readonly fromCache: number } | undefined
}

/** Asks each of the models so many times. It is nothing to go by if the budget does not allow all of it. */
export const askAll = <A, R>(
  question: Question<A>,
  models: ReadonlyArray<Model<R>>,
  samples: number
): Effect.Effect<Answers<A> | Skip, AiError.AiError | JudgeError, R> =>
  Effect.contextWith((context: Context.Context<R>) => {
    const budget = Option.getOrUndefined(Context.getOption(context, Budget))
    const cache = Option.getOrUndefined(Context.getOption(context, JudgeCache))
    const asked = models.flatMap((model, place) =>
      Array.from({ length: samples }, (_, i) => ({
        model,
        // A model that sits on the panel twice is asked twice.
        sample: models.slice(0, place).filter(({ key }) => key === model.key).length * samples + i
      }))
    )
    const ticket = budget === undefined ? undefined : new Ticket(budget, question.judge)
    const askModel = ({ model, sample }: (typeof asked)[number]) => {
      const ask = askOne(question, Context.get(context, model), ticket, cache !== undefined)
      return Effect.map(
        cache === undefined
          ? Effect.map(ask.answer, (answer) => ({ answer, fromCache: false }))
          : through(cache, ask, sample, ticket),
        (found) => ({ ...found, model: model.key })
      ).pipe(models.length === 1 ? identity : Effect.mapError((error) => naming(error, model.key)))
    }
    const [first] = asked
    // One answer needs no fiber of its own.
    const each = asked.length === 1 && first !== undefined
      ? Effect.map(askModel(first), (found) => [found])
      : Effect.forEach(asked, askModel, { concurrency: "unbounded" })
    return (ticket === undefined ? each : ticket.within(asked.length, each)).pipe(
      Effect.map((found): Answers<A> => ({
        answers: found.map(({ answer, model }) => ({ model, answer })),
        cache: cache === undefined
          ? undefined
          : { answers: found.length, fromCache: found.filter(({ fromCache }) => fromCache).length }
      })),
      Effect.catchTag("OutOfBudget", ({ why }) => Effect.succeed(new Skip(postponedReason(why))))
    )
  })

/** Of a panel, it is not known otherwise who failed. */
const naming = <E>(error: E | AiError.AiError, model: string): E | AiError.AiError =>
  AiError.isAiError(error)
    ? AiError.make({ module: `${model}: ${error.module}`, method: error.method, reason: error.reason })
    : error

/** There is a budget that cannot be held. */
export const asksNoMore = (judge: string, problem: string): JudgeError =>
  new JudgeError({ judge, message: `The judge ${judge} asks no more: ${problem}.` })

/** Not to be seen from outside: it becomes `Skipped`. */
class OutOfBudget extends Schema.TaggedError<OutOfBudget>()("OutOfBudget", { why: Schema.String }) {}

/**
 * The calls of one judgement. They are set aside before the first is made, so that none is paid for in vain; without them
 * the cache may still have all that is asked.
 */
class Ticket {
  readonly #budget: Budget["Service"]
  readonly #judge: string
  #open = 0
  #refused: string | undefined

  constructor(budget: Budget["Service"], judge: string) {
    this.#budget = budget
    this.#judge = judge
  }

  within<A, E, R>(calls: number, ask: Effect.Effect<A, E, R>): Effect.Effect<A, E | JudgeError, R> {
    return Effect.suspend((): Effect.Effect<A, E | JudgeError, R> => {
      const problem = this.#budget.problem()
      if (problem !== undefined) return Effect.fail(asksNoMore(this.#judge, problem))
      return this.#reserve(calls).pipe(
        Effect.andThen(ask),
        // What was not used, because another answer failed, is free again.
        Effect.ensuring(Effect.sync(() => {
          while (this.#open > 0) this.release()
        }))
      )
    })
  }

  /** Fails if the call was not granted. */
  readonly granted: Effect.Effect<void, OutOfBudget> = Effect.suspend(() =>
    this.#refused === undefined ? Effect.void : Effect.fail(new OutOfBudget({ why: this.#refused }))
  )

  /** The same for a call that nobody had reckoned with. */
  readonly oneMore: Effect.Effect<void, OutOfBudget> = Effect.suspend(() =>
    Effect.andThen(this.#reserve(1), this.granted)
  )

  release(): void {
    if (this.#open === 0) return
    this.#open--
    this.#budget.release(this.#judge)
  }

  settle(usage: Usage | undefined): void {
    this.#open--
    this.#budget.settle(this.#judge, usage)
  }

  #reserve(calls: number): Effect.Effect<void> {
    return Effect.map(this.#budget.reserve(this.#judge, calls), (refused) => {
      this.#refused = refused
      if (refused === undefined) this.#open += calls
    })
  }
}

/** One question to one model. */
interface Ask<A> {
  readonly question: Question<A>
  readonly identity: ModelIdentity | undefined
  readonly answer: Effect.Effect<A, AiError.AiError | OutOfBudget>
  /** What the last answer took, be it readable or not. */
  readonly usage: () => Usage | undefined
}

/**
 * A model that answers with something else than was asked for is told what was wrong, and asked once more; if that does not
 * help it is a failure, and no score.
 */
const askOne = <A>(
  question: Question<A>,
  service: LanguageModel.LanguageModel,
  ticket: Ticket | undefined,
  isKept: boolean
): Ask<A> => {
  const { form: { decode, schema }, prompt } = question
  const modelIdentity = identityOf(service)
  let usage: Usage | undefined

  const once = (prompt: ReadonlyArray<Prompt.Message>): Effect.Effect<A, AiError.AiError> => {
    const asked = Effect.map(
      // What comes is of the schema; the compiler does not follow that for a schema that is a parameter.
      service.generateObject({ prompt: Prompt.fromMessages(prompt), schema, objectName: "judgement" }) as Effect.Effect<
        { readonly value: A },
        AiError.AiError
      >,
      ({ value }) => value
    )
    if (ticket === undefined && !isKept) return asked
    return Effect.contextWith((context: Context.Context<never>) => {
      const before = Context.getOption(context, CurrentSpanTransformer)
      usage = undefined
      // Called with what came, before anybody tries to read it: tokens are paid for either way.
      const watched = Effect.provideService(asked, CurrentSpanTransformer, (options) => {
        if (Option.isSome(before)) before.value(options)
        usage = usageOf(options.response, modelIdentity?.model)
      })
      return ticket === undefined ? watched : Effect.onExit(watched, () => Effect.sync(() => ticket.settle(usage)))
    })
  }

  const answer = Effect.catchTag(once(prompt), "AiError", (error): Effect.Effect<A, AiError.AiError | OutOfBudget> => {
    const { reason } = error
    if (reason._tag !== "StructuredOutputError" && reason._tag !== "InvalidOutputError") return Effect.fail(error)
    const fenced = reason._tag === "StructuredOutputError" ? decode(fencedJson(reason.responseText)) : Option.none()
    if (Option.isSome(fenced)) return Effect.succeed(fenced.value)
    const again = once([
      ...prompt,
      ...(reason._tag === "StructuredOutputError" ? [textMessage("assistant", reason.responseText)] : []),
      textMessage(
        "user",
        `Your answer could not be read: ${reason.description}\nGive the judgement again, in the form asked for.`
      )
    ]).pipe(Effect.mapError((error) => showing(error, question.judge)))
    return ticket === undefined ? again : Effect.andThen(ticket.oneMore, again)
  })
  return {
    question,
    identity: modelIdentity,
    answer: ticket === undefined ? answer : Effect.andThen(ticket.granted, answer),
    usage: () => usage
  }
}

/** JSON in a fenced block, which models that are not held to a schema like to write. */
const fencedJson = (text: string): unknown => {
  const start = text.indexOf("```")
  const line = text.indexOf("\n", start)
  const end = text.lastIndexOf("```")
  if (start === -1 || line === -1 || end <= line) return undefined
  try {
    return JSON.parse(text.slice(line, end))
  } catch {
    return undefined
  }
}

/** What the model said in place of a judgement is what one has to see. */
const showing = (error: AiError.AiError, judge: string): AiError.AiError => {
  const { method, module, reason } = error
  if (reason._tag !== "StructuredOutputError") return error
  const { description, metadata, responseText, usage } = reason
  return AiError.make({
    module,
    method,
    reason: new AiError.StructuredOutputError({
      description: `${description}. The judge ${judge} was asked twice, and answered ${
        quote(responseText, longestShown)
      }`,
      responseText,
      metadata,
      ...(usage === undefined ? {} : { usage })
    })
  })
}

const longestShown = 300

/** The answer that is in the cache, or else the model's. */
const through = <A>(
  cache: JudgeCache["Service"],
  { answer, identity, question, usage }: Ask<A>,
  sample: number,
  ticket: Ticket | undefined
): Effect.Effect<{ readonly answer: A; readonly fromCache: boolean }, AiError.AiError | OutOfBudget | JudgeError> => {
  const { form, judge, prompt, repetition, version } = question
  if (identity === undefined) {
    return Effect.fail(
      new JudgeError({
        judge,
        message: `The cache of the judge ${judge} cannot tell which model answers. Say so with Judge.identified.`
      })
    )
  }
  let decoded = Option.none<A>()
  const key = hashText(JSON.stringify([identity, promptVersion, version, repetition, sample, ...wordsOf(prompt)]))
  const ask = Effect.map(answer, (answer) => ({
    value: form.encode(answer),
    inputTokens: usage()?.inputTokens,
    outputTokens: usage()?.outputTokens
  }))
  return Effect.map(
    cache.through(key, ({ value }) => Option.isSome(decoded = form.decode(value)), ask),
    ({ answer, asked }) => {
      if (!asked) ticket?.release()
      // An answer that somebody else got has not been read here yet.
      return {
        answer: Option.getOrElse(decoded, () => Option.getOrThrow(form.decode(answer.value))),
        fromCache: !asked
      }
    }
  )
}

const usageOf = (response: ReadonlyArray<Response.AnyPart>, requestedModel: string | undefined): Usage => {
  const named = response.find((part) => part.type === "response-metadata")
  const finish = response.find((part) => part.type === "finish")
  return {
    model: named?.modelId,
    requestedModel,
    inputTokens: finish?.usage.inputTokens.total,
    outputTokens: finish?.usage.outputTokens.total
  }
}
