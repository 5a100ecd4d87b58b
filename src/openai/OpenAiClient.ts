/**
 * The connection to a server that speaks OpenAI's protocol: address, key, time limit, and what its errors mean.
 *
 * @since 0.1.0
 */
import * as AiError from "effect/ai/AiError"
import * as Config from "effect/Config"
import { SourceError } from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import { identity } from "effect/Function"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import {
  complaintOf,
  isComplaint,
  networkError,
  reasonOf,
  reasonOfHttpError,
  reasonOfResponse,
  type Scrub,
  shown
} from "./internal/errors.ts"

/**
 * What the models need of a server: a request with a JSON body, and its answer, whole or in events.
 *
 * Nothing is tried again here: each error says in `isRetryable` and `retryAfter` whether and when that is of use, so
 * that whoever calls can decide (`retry` and `adaptiveConcurrency` of an evaluation do).
 *
 * @category services
 * @since 0.1.0
 */
export class OpenAiClient extends Context.Service<OpenAiClient, {
  /** The address of the server, without what may be secret in it. */
  readonly apiUrl: string
  /** Sends a body to a path such as `/chat/completions`, and gives the parsed answer. */
  readonly post: (path: string, body: object) => Effect.Effect<unknown, AiError.AiError>
  /** The same for an answer in server-sent events: gives their parsed data, up to `[DONE]`. */
  readonly stream: (path: string, body: object) => Stream.Stream<unknown, AiError.AiError>
}>()("effect-evals/openai/OpenAiClient") {}

/**
 * How to reach the server. What is not said here comes from the configuration, by default environment variables.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * Default: `OPENAI_API_KEY`, whatever the address, or no key if it is not set; only OpenAI's own address requires one.
   * So say which key it is where a server is not to see the one of the environment.
   */
  readonly apiKey?: Redacted.Redacted | undefined
  /** Up to and with the version, such as `http://localhost:11434/v1`. Default: `OPENAI_BASE_URL`, or OpenAI's own. */
  readonly apiUrl?: string | undefined
  /**
   * How long an answer may take, or in a stream the next piece of it. More than that is a `NetworkError`, and the
   * request is cancelled. Default: 10 minutes, so that an evaluation's own limits come first.
   */
  readonly timeout?: Duration.Input | undefined
  /** Changes the HTTP client: further headers, a proxy, retries for programs that have none themselves. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/** What can stand in a header, and no space. */
const isSendable = /^[!-~]*$/

/** OpenAI's own address. */
const defaultUrl = "https://api.openai.com/v1"

const defaultTimeout = Duration.minutes(10)

const makeError = (method: string) => (reason: AiError.AiErrorReason) =>
  AiError.make({ module: "OpenAiClient", method, reason })

/**
 * The client of one server. Fails at once, and not with the first question, if it is OpenAI's and there is no key.
 *
 * **Example** (A server of your own, which needs no key)
 *
 * ```ts
 * import { Effect, Layer, Redacted } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { OpenAiClient } from "effect-evals/openai"
 *
 * const apiKey = Redacted.make("none")
 * const client = OpenAiClient.layer({ apiUrl: "http://localhost:11434/v1", apiKey, timeout: "1 minute" }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 * await Effect.runPromise(Effect.scoped(Layer.build(client)))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<OpenAiClient, Config.ConfigError, HttpClient.HttpClient> => Layer.effect(OpenAiClient, make(options))

const make = Effect.fnUntraced(function*(options: Options) {
  const apiUrl = (options.apiUrl ?? (yield* configuredUrl)).replace(/\/+$/, "")
  const apiKey = options.apiKey ?? (yield* configuredKey(apiUrl === defaultUrl))
  const timeout = Duration.fromInputUnsafe(options.timeout ?? defaultTimeout)
  const scrub = scrubbing(apiUrl, apiKey)
  const urlOf = (path: string): string => shown(`${apiUrl}${path}`)

  const client = (yield* HttpClient.HttpClient).pipe(
    HttpClient.mapRequest((request) =>
      request.pipe(
        HttpClientRequest.acceptJson,
        apiKey === undefined ? identity : HttpClientRequest.bearerToken(apiKey)
      )
    ),
    options.transformClient ?? identity
  )

  const send = Effect.fnUntraced(function*(path: string, body: object) {
    if (!/^https?:\/\//i.test(apiUrl)) {
      return yield* networkError(
        "InvalidUrlError",
        urlOf(path),
        `the address begins with neither "http://" nor "https://"`
      )
    }
    if (apiKey !== undefined && !isSendable.test(Redacted.value(apiKey).trim())) {
      return yield* new AiError.AuthenticationError({
        kind: "InvalidKey",
        description: "It holds a space, a line break or another character that a key cannot have, so nothing was sent."
      })
    }
    const request = yield* HttpClientRequest.post(`${apiUrl}${path}`).pipe(
      HttpClientRequest.bodyJson(body),
      Effect.mapError(() =>
        networkError(
          "EncodeError",
          urlOf(path),
          "the request is no JSON: a setting or a tool's schema holds something else"
        )
      )
    )
    const response = yield* Effect.catchTag(
      client.execute(request),
      "HttpClientError",
      (error) =>
        error.reason._tag === "StatusCodeError"
          ? Effect.succeed(error.reason.response)
          : Effect.fail(reasonOfHttpError(error, urlOf(path), scrub))
    )
    if (response.status >= 200 && response.status < 300) return response
    return yield* Effect.flatMap(reasonOfResponse(response, urlOf(path), apiKey !== undefined, scrub), Effect.fail)
  })

  const tooLate = (path: string, what: string) =>
    networkError("TransportError", urlOf(path), `no ${what} within ${Duration.format(timeout)}`)

  const checked = (path: string, json: unknown) =>
    isComplaint(json)
      ? Effect.fail(reasonOf(complaintOf(json), { url: urlOf(path), hasKey: apiKey !== undefined }))
      : Effect.succeed(json)

  /** Of a server that cannot stream, or that says with a status of success why it will not. */
  const noEvents = (path: string, text: string) =>
    Effect.flatMap(
      Effect.orElseSucceed(parse(text, urlOf(path)), () => undefined),
      (json) =>
        Effect.andThen(
          checked(path, json),
          Effect.fail(
            new AiError.InvalidResponseError({
              description: `what POST ${urlOf(path)} answered is no stream of events, though one was asked for. ` +
                beginningOf(text)
            })
          )
        )
    )

  return OpenAiClient.of({
    apiUrl: scrub(shown(apiUrl)),
    post: (path, body) =>
      send(path, body).pipe(
        Effect.flatMap(({ text }) => Effect.mapError(text, (error) => reasonOfHttpError(error, urlOf(path), scrub))),
        Effect.flatMap((text) => parse(scrub(text), urlOf(path))),
        Effect.flatMap((json) => checked(path, json)),
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(tooLate(path, "answer")) }),
        Effect.mapError(makeError("post"))
      ),
    stream: (path, body) =>
      send(path, body).pipe(
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(tooLate(path, "answer")) }),
        Effect.map(({ stream }) =>
          stream.pipe(
            Stream.mapError((error) => reasonOfHttpError(error, urlOf(path), scrub)),
            Stream.timeoutOrElse({ duration: timeout, orElse: () => Stream.fail(tooLate(path, "further piece")) }),
            (bytes) => eventData(bytes, (text) => noEvents(path, scrub(text))),
            Stream.takeWhile((data) => data !== "[DONE]"),
            Stream.mapEffect((data) => Effect.flatMap(parse(scrub(data), urlOf(path)), (json) => checked(path, json)))
          )
        ),
        Stream.unwrap,
        Stream.mapError(makeError("stream"))
      )
  })
})

// Variables that are set to nothing are as good as not set: that is how shells and CI leave them.
const configuredUrl = Config.map(
  Config.withDefault(Config.String("OPENAI_BASE_URL"), ""),
  (url) => url.trim() === "" ? defaultUrl : url
)

const configuredKey = (required: boolean): Config.Config<Redacted.Redacted | undefined> =>
  Config.option(Config.Redacted("OPENAI_API_KEY")).pipe(
    Config.map((key) => Option.getOrUndefined(Option.filter(key, (key) => Redacted.value(key) !== ""))),
    Config.flatMap((key) =>
      required && key === undefined ? Config.fail(new SourceError({ message: noKey })) : Config.succeed(key)
    )
  )

const noKey =
  "there is no key for OpenAI. Set OPENAI_API_KEY, or give OpenAiClient.layer the option apiKey; for another " +
  "server, set OPENAI_BASE_URL or give it the option apiUrl"

/** Everything that a server or the network says goes through this: some repeat what they were sent. */
const scrubbing = (apiUrl: string, apiKey: Redacted.Redacted | undefined): Scrub => {
  const password = URL.canParse(apiUrl) ? new URL(apiUrl).password : ""
  const secrets = [password, apiKey === undefined ? "" : Redacted.value(apiKey)].map((secret) => secret.trim())
    .filter((secret) => secret !== "")
  return (text) => secrets.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, "<redacted>"), text)
}

const parse = (text: string, url: string) =>
  Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () =>
      new AiError.InvalidResponseError({
        description:
          `what POST ${url} answered is no JSON. Is that the address of an OpenAI-compatible server, with its ` +
          `version ("/v1")? ${beginningOf(text)}`
      })
  })

const beginningOf = (text: string): string => `It begins with: ${JSON.stringify(text.slice(0, 200))}`

/** How much is kept of what may turn out to be no stream of events: an error fits in. */
const mostKept = 10_000

/**
 * The data of server-sent events; a `retry` in between is none. If all that came was something else, `noEvents` says what
 * is wrong with it.
 */
const eventData = <E, E2>(
  bytes: Stream.Stream<Uint8Array, E>,
  noEvents: (text: string) => Effect.Effect<never, E2>
): Stream.Stream<string, E | E2 | AiError.InvalidResponseError> =>
  Stream.suspend(() => {
    let found: Array<string> = []
    let beginning: string | undefined = ""
    const parser = Sse.makeParser((event) => {
      beginning = undefined
      if (event._tag === "Event") found.push(event.data)
    })
    // A beginning of an event that broke off is one still.
    const end = Effect.suspend(() =>
      beginning === undefined || /^(?:data|event|id|retry)?:|^\s*$/.test(beginning)
        ? Effect.succeed([])
        : noEvents(beginning)
    )
    return bytes.pipe(
      Stream.decodeText(),
      Stream.mapEffect((text) => {
        if (beginning !== undefined && beginning.length < mostKept) beginning += text
        const error = parser.feed(text)
        if (error !== undefined) {
          return Effect.fail(new AiError.InvalidResponseError({ description: error.message }))
        }
        const data = found
        found = []
        return Effect.succeed(data)
      }),
      Stream.concat(Stream.fromEffect(end)),
      Stream.flattenIterable
    )
  })
