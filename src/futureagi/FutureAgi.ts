/**
 * FutureAGI's evaluations: carried out while you wait, or submitted and looked at later.
 *
 * What was sent and may have been carried out is never sent again: there is nothing by which the server could tell that it
 * is the same evaluation, and each one is paid for.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { optionNames, refuseUnknown } from "../internal/values/options.ts"
import { EvaluationFailedError, FutureAgiError, type Reason, UnexpectedAnswerError } from "./FutureAgiError.ts"
import { defaultRetry, makeConnection } from "./internal/connection.ts"
import { makeTemplateList } from "./internal/templateList.ts"
import type { templateNames } from "./internal/templateNames.ts"
import { makeTestService } from "./internal/testService.ts"
import { awaitWith } from "./internal/waiting.ts"
import { evaluationsOf, isEmpty, resultOf, stateOf } from "./internal/wire.ts"

/**
 * An evaluation to be carried out.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** The name of a template, such as `groundedness`; `templates` lists what the server has. */
  readonly template: TemplateName
  /**
   * What is judged, by the keys of the template. Texts and lists of texts are sent as they are, everything else as JSON.
   * All keys that the template requires must be there, and no others.
   */
  readonly inputs: { readonly [key: string]: unknown }
  /** The model that judges. */
  readonly model?: ModelName | undefined
  /** Parameters of the template. */
  readonly config?: { readonly [name: string]: unknown } | undefined
  /** Whether the parts of the inputs that were decisive are to be pointed out. Default `false`. */
  readonly errorLocalizer?: boolean | undefined
}

/**
 * The models that FutureAGI judges with.
 *
 * @category models
 * @since 0.1.0
 */
export type ModelName = "turing_flash" | "turing_small" | "turing_large" | (string & {})

/**
 * Names of templates that FutureAGI documents. The server may have others, and your own.
 *
 * @category models
 * @since 0.1.0
 */
export type TemplateName = (typeof templateNames)[number] | (string & {})

/**
 * What an evaluation came to.
 *
 * @category models
 * @since 0.1.0
 */
export interface Result {
  readonly evalId: string | undefined
  /** The name of the template. */
  readonly template: string | undefined
  /** A text such as `Passed`, a number, a label, a list of labels, or a score with its choice. */
  readonly output: unknown
  /** What kind of output it is, such as `Pass/Fail`, `score` or `choices`. */
  readonly outputType: string | undefined
  /** Why, for people. */
  readonly reason: string | undefined
  readonly runtimeMillis: number | undefined
  readonly model: string | undefined
  readonly errorLocalizer: unknown
}

/**
 * How far an evaluation is.
 *
 * @category models
 * @since 0.1.0
 */
export type State =
  | { readonly _tag: "Pending" }
  | { readonly _tag: "Processing" }
  | { readonly _tag: "Completed"; readonly result: Result }
  | { readonly _tag: "Failed"; readonly message: string | undefined; readonly result: Result | undefined }
  /** The server says something else, or nothing. */
  | { readonly _tag: "Unknown"; readonly state: string | undefined }

/**
 * A template that the server has.
 *
 * @category models
 * @since 0.1.0
 */
export interface Template {
  readonly name: string
  readonly description: string | undefined
  /** Such as `SAFETY` and `RAG`. */
  readonly tags: ReadonlyArray<string>
  /** The keys of inputs that it takes. */
  readonly keys: ReadonlyArray<string>
  /** Those of them that it cannot do without. */
  readonly requiredKeys: ReadonlyArray<string>
  /** The models that may be asked; `undefined` if it says nothing about them. */
  readonly models: ReadonlyArray<string> | undefined
  /** What kind of output it gives, such as `Pass/Fail`, `score` or `choices`. */
  readonly output: string | undefined
  /** Whether it is one of your own. */
  readonly isCustom: boolean
}

/**
 * The service: what FutureAGI is asked for.
 *
 * @category services
 * @since 0.1.0
 */
export class FutureAgi extends Context.Service<FutureAgi, {
  /** Carries out an evaluation and waits for what it comes to. */
  readonly evaluate: (request: Request) => Effect.Effect<Result, FutureAgiError>
  /** Has an evaluation carried out, and gives its id. */
  readonly submit: (request: Request) => Effect.Effect<string, FutureAgiError>
  /** How far an evaluation is. */
  readonly getResult: (evalId: string) => Effect.Effect<State, FutureAgiError>
  /** The templates that the server has. */
  readonly templates: Effect.Effect<ReadonlyArray<Template>, FutureAgiError>
}>()("effect-evals/futureagi/FutureAgi") {}

// -----------------------------------------------------------------------------
// use
// -----------------------------------------------------------------------------

/**
 * Carries out an evaluation and waits for what it comes to.
 *
 * **Example** (One evaluation)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { FutureAgi } from "effect-evals/futureagi"
 *
 * // Stands for `FutureAgi.layerConfig()`, which asks the server.
 * const standIn = FutureAgi.layerTest(({ inputs }) => ({
 *   output: String(inputs["context"]).includes("Paris") ? "Passed" : "Failed",
 *   outputType: "Pass/Fail",
 *   reason: "The context says so."
 * }))
 * const program = FutureAgi.evaluate({
 *   template: "groundedness",
 *   inputs: { output: "The tower is in Paris.", context: "The tower stands in Paris." },
 *   model: "turing_small"
 * })
 * const result = await Effect.runPromise(program.pipe(Effect.provide(standIn)))
 * console.log(result.output, result.reason) // => Passed The context says so.
 * ```
 *
 * @category evaluations
 * @since 0.1.0
 */
export const evaluate = (request: Request): Effect.Effect<Result, FutureAgiError, FutureAgi> =>
  FutureAgi.use((service) => service.evaluate(request))

/**
 * Has an evaluation carried out, and gives its id, with which any process can ask for the result.
 *
 * @category evaluations
 * @since 0.1.0
 */
export const submit = (request: Request): Effect.Effect<string, FutureAgiError, FutureAgi> =>
  FutureAgi.use((service) => service.submit(request))

/**
 * How far an evaluation is. Asks once; `await` waits for the end.
 *
 * @category evaluations
 * @since 0.1.0
 */
export const getResult = (evalId: string): Effect.Effect<State, FutureAgiError, FutureAgi> =>
  FutureAgi.use((service) => service.getResult(evalId))

/**
 * The templates that the server has, with the keys of their inputs.
 *
 * @category evaluations
 * @since 0.1.0
 */
export const templates: Effect.Effect<ReadonlyArray<Template>, FutureAgiError, FutureAgi> = FutureAgi.use((service) =>
  service.templates
)

/**
 * How to wait for an evaluation.
 *
 * @category options
 * @since 0.1.0
 */
export interface AwaitOptions {
  /** How long to wait. Default: 5 minutes. */
  readonly timeout?: Duration.Input | undefined
  /** How long to wait before asking for the first time, and again; half as long again each time. Default: 1 second. */
  readonly interval?: Duration.Input | undefined
  /** The longest that this may become. Default: 10 seconds. */
  readonly maxInterval?: Duration.Input | undefined
  /** How often in a row the server may answer with a state that is not known. Default: 5. */
  readonly unknownStates?: number | undefined
}

/**
 * Waits until an evaluation has ended. The time that the server is not there for a while counts as waiting: what was
 * submitted is not given up before the timeout.
 *
 * **Example** (Submitting, and waiting elsewhere)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { FutureAgi } from "effect-evals/futureagi"
 *
 * const standIn = FutureAgi.layerTest(() => ({ output: 0.75, outputType: "score", reason: "Mostly." }), { polls: 2 })
 * const program = Effect.gen(function*() {
 *   const evalId = yield* FutureAgi.submit({ template: "completeness", inputs: { input: "why?", output: "because" } })
 *   console.log((yield* FutureAgi.getResult(evalId))._tag) // => Pending
 *   return yield* FutureAgi.await(evalId, { interval: "1 millis" })
 * })
 * const result = await Effect.runPromise(program.pipe(Effect.provide(standIn)))
 * console.log(result.output) // => 0.75
 * ```
 *
 * @category evaluations
 * @since 0.1.0
 */
const await_ = (evalId: string, options: AwaitOptions = {}): Effect.Effect<Result, FutureAgiError, FutureAgi> =>
  FutureAgi.use(({ getResult }) => awaitWith(getResult, evalId, options))

export { await_ as await }

// -----------------------------------------------------------------------------
// layers
// -----------------------------------------------------------------------------

/**
 * How to reach FutureAGI.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  readonly apiKey: Redacted.Redacted
  readonly secretKey: Redacted.Redacted
  /** Default: `https://api.futureagi.com`. */
  readonly baseUrl?: string | undefined
  /** How long `evaluate` waits for its answer. Default: 200 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** How long every other request may take. Default: 30 seconds. */
  readonly requestTimeout?: Duration.Input | undefined
  /**
   * When to send a request again, and how often, where that is safe: reads after any passing failure, evaluations only if
   * the server has said (429, 503) or cannot have known (no connection) that nothing was done. A `Retry-After` is waited
   * for by all requests. Default: four times, after half a second, doubling, scattered.
   */
  readonly retry?: Schedule.Schedule<unknown> | undefined
  /**
   * Whether inputs are held against the template's keys before anything is sent, for which the list of templates is asked
   * for once. Default `true`.
   */
  readonly checkInputs?: boolean | undefined
  /** Changes the HTTP client: further headers, a proxy, a rate limit. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

const defaultUrl = "https://api.futureagi.com"

/**
 * FutureAGI by its API.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<FutureAgi, never, HttpClient.HttpClient> => {
  refuseUnknown("FutureAgi.layer", options, names)
  return Layer.effect(FutureAgi, make(options))
}

/** What `layerConfig` takes from the configuration. */
const configured: ReadonlySet<string> = new Set(["apiKey", "secretKey", "baseUrl"])

const names = optionNames<Options>({
  apiKey: true,
  secretKey: true,
  baseUrl: true,
  timeout: true,
  requestTimeout: true,
  retry: true,
  checkInputs: true,
  transformClient: true
})

/**
 * The same with the key, the secret and the address from the configuration, by default the environment variables
 * `FI_API_KEY`, `FI_SECRET_KEY` and `FI_BASE_URL`. Fails at once, and not with the first evaluation, if a key is not there.
 *
 * **Example** (What is missing is said when the layer is built)
 *
 * ```ts
 * import { ConfigProvider, Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { FutureAgi } from "effect-evals/futureagi"
 *
 * const environment = ConfigProvider.layer(ConfigProvider.fromUnknown({ FI_API_KEY: "key" }))
 * const client = FutureAgi.layerConfig({ timeout: "1 minute" }).pipe(Layer.provide([FetchHttpClient.layer, environment]))
 * const error = await Effect.runPromise(Effect.flip(Effect.scoped(Layer.build(client))))
 * console.log(error.message.includes("FI_SECRET_KEY")) // => true
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Omit<Options, "apiKey" | "secretKey" | "baseUrl"> = {}
): Layer.Layer<FutureAgi, Config.ConfigError, HttpClient.HttpClient> => {
  refuseUnknown("FutureAgi.layerConfig", options, names.filter((name) => !configured.has(name)))
  return Layer.effect(
    FutureAgi,
    Effect.gen(function*() {
      const apiKey = yield* Config.schema(Schema.Redacted(Schema.NonEmptyString), "FI_API_KEY")
      const secretKey = yield* Config.schema(Schema.Redacted(Schema.NonEmptyString), "FI_SECRET_KEY")
      const baseUrl = yield* Config.withDefault(Config.String("FI_BASE_URL"), "")
      return yield* make({ ...options, apiKey, secretKey, baseUrl })
    })
  )
}

const make = Effect.fnUntraced(function*(options: Options) {
  const stated = options.baseUrl?.trim() ?? ""
  const http = yield* HttpClient.HttpClient
  const timeout = Duration.fromInputUnsafe(options.timeout ?? Duration.seconds(200))
  const requestTimeout = Duration.fromInputUnsafe(options.requestTimeout ?? Duration.seconds(30))
  const connection = makeConnection(options.transformClient?.(http) ?? http, {
    // A variable that is set to nothing is as good as not set: that is how shells and CI leave them.
    baseUrl: (stated === "" ? defaultUrl : stated).replace(/\/+$/, ""),
    apiKey: trimmed(options.apiKey),
    secretKey: trimmed(options.secretKey),
    requestTimeout,
    retry: options.retry ?? defaultRetry
  })
  const failing = (operation: FutureAgiError["operation"]) =>
    Effect.mapError((reason: Reason) => new FutureAgiError({ operation, reason }))
  const list = yield* makeTemplateList(connection, options.checkInputs ?? true)

  const start = Effect.fnUntraced(function*(request: Request, isAsync: boolean) {
    const inputs = yield* list.inputsOf(request)
    const answer = yield* connection.post(
      "/sdk/api/v1/new-eval/",
      {
        eval_name: request.template,
        inputs,
        model: request.model ?? null,
        is_async: isAsync,
        error_localizer: request.errorLocalizer ?? false,
        ...(request.config === undefined ? {} : { config: { params: request.config } })
      },
      isAsync ? requestTimeout : timeout,
      { what: "template", name: request.template }
    )
    const [entry] = evaluationsOf(answer) ?? []
    if (entry !== undefined) return entry
    return yield* new UnexpectedAnswerError({
      message: `the answer to an evaluation of ${request.template} holds none: ${JSON.stringify(answer).slice(0, 200)}`
    })
  })

  return FutureAgi.of({
    evaluate: Effect.fnUntraced(function*(request) {
      const result = resultOf(yield* start(request, false), request.template)
      if (!isEmpty(result)) return result
      return yield* new EvaluationFailedError({
        template: request.template,
        ...(result.evalId === undefined ? {} : { evalId: result.evalId }),
        message: `the evaluation of ${request.template} has no output: ${
          result.reason ?? "the server does not say why"
        }`
      })
    }, failing("evaluate")),
    submit: Effect.fnUntraced(function*(request) {
      const entry = yield* start(request, true)
      const { evalId } = resultOf(entry, request.template)
      if (evalId !== undefined) return evalId
      return yield* new UnexpectedAnswerError({
        message: `the answer to a submitted evaluation of ${request.template} has no id: ${
          JSON.stringify(entry).slice(0, 200)
        }`
      })
    }, failing("submit")),
    getResult: Effect.fnUntraced(function*(evalId) {
      const answer = yield* connection.get(
        `/sdk/api/v1/new-eval/?eval_id=${encodeURIComponent(evalId.toWellFormed())}`,
        {
          what: "evaluation",
          name: evalId
        }
      )
      const state = stateOf(answer)
      if (state !== undefined) return state
      return yield* new UnexpectedAnswerError({
        message: `the answer about the evaluation ${evalId} is not understood: ${JSON.stringify(answer).slice(0, 200)}`
      })
    }, failing("getResult")),
    templates: failing("templates")(list.load)
  })
})

/** Keys from files and from shells have line ends, which no header may. */
const trimmed = (secret: Redacted.Redacted): Redacted.Redacted => Redacted.make(Redacted.value(secret).trim())

/**
 * A stand-in for tests, which asks no server: your function gives what evaluations come to, or fails them with an
 * `EvaluationFailedError` or any other reason. Submitted evaluations are `Pending` for as many polls as you say.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTest = (
  answer: (request: Request) => Partial<Result> | Reason,
  options: {
    /** What `templates` lists. Where there are any, requests are held against their keys. Default: none. */
    readonly templates?: ReadonlyArray<Partial<Template> & { readonly name: string }> | undefined
    /** How often `getResult` says `Pending` before it says more. Default 0. */
    readonly polls?: number | undefined
  } = {}
): Layer.Layer<FutureAgi> => Layer.sync(FutureAgi, () => FutureAgi.of(makeTestService(answer, options)))
