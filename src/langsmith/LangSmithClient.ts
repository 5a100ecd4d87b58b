/**
 * The connection to LangSmith: address, key, workspace, time limits, and what its errors mean. The other modules of this
 * wing stand on it; use it yourself for what they do not cover.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as HttpBody from "effect/http/HttpBody"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import type { HttpMethod } from "effect/http/HttpMethod"
import * as UrlParams from "effect/http/UrlParams"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { refuseUnknown } from "../internal/values/options.ts"
import { configuredClient } from "./internal/configuration.ts"
import { type Asked, errorOfHttp, errorOfResponse, type Scrub, tooLate, unreadable } from "./internal/httpErrors.ts"
import { clientNames } from "./internal/optionNames.ts"
import { retryTransient } from "./internal/retry.ts"
import { type ServerInfo, serverInfo } from "./internal/serverInfo.ts"
import { webUrlOf } from "./internal/webUrl.ts"
import type { LangSmithError } from "./LangSmithError.ts"

/**
 * A request to LangSmith.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  readonly method: HttpMethod
  /** Such as `/datasets`. */
  readonly path: string
  /** A parameter that comes several times has several entries. */
  readonly query?: ReadonlyArray<readonly [name: string, value: string]> | undefined
  /** A value is sent as JSON, bytes and forms as they are. */
  readonly body?: unknown
  /** Of a body of bytes. */
  readonly contentType?: string | undefined
  readonly headers?: { readonly [name: string]: string } | undefined
  /**
   * Whether it may be sent again when nobody knows whether the server has got it. Default: yes, unless it is a `POST`. A
   * server that says itself that it could not (429, 503, ...) is asked again in any case.
   */
  readonly idempotent?: boolean | undefined
}

/**
 * The service.
 *
 * @category services
 * @since 0.1.0
 */
export class LangSmithClient extends Context.Service<LangSmithClient, {
  /** The address of the API, such as `https://api.smith.langchain.com`. */
  readonly apiUrl: string
  /** The address that people open, such as `https://smith.langchain.com`. */
  readonly webUrl: string
  readonly workspaceId: string | undefined
  /** Sends a request, again where that may help, and gives the parsed answer; `undefined` where there is none. */
  readonly request: (request: Request) => Effect.Effect<unknown, LangSmithError>
  /** Sends a request once. */
  readonly requestOnce: (request: Request) => Effect.Effect<unknown, LangSmithError>
  /** What the server says it can do. Asked once. */
  readonly info: Effect.Effect<ServerInfo, LangSmithError>
  /** The HTTP client without address and key, for addresses that the server gives out, such as those of attachments. */
  readonly http: HttpClient.HttpClient
}>()("effect-evals/langsmith/LangSmithClient") {}

/**
 * How to reach LangSmith.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  readonly apiKey?: Redacted.Redacted | undefined
  /** Default: `https://api.smith.langchain.com`. Those of other regions are others: `https://eu.api.smith.langchain.com`. */
  readonly apiUrl?: string | undefined
  /** The address that people open. Default: the one that belongs to the API's. */
  readonly webUrl?: string | undefined
  /** Only keys that are for several workspaces need it. */
  readonly workspaceId?: string | undefined
  /** How long an answer may take. Default: 60 seconds. */
  readonly timeout?: Duration.Input | undefined
  /** How often a request is sent again that failed for reasons that pass. Default: 4 times. */
  readonly retries?: number | undefined
  /** Changes the HTTP client: further headers, a proxy. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
}

/** LangSmith's own address. */
const defaultUrl = "https://api.smith.langchain.com"

/**
 * The client, with the key and address that are given.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options = {}): Layer.Layer<LangSmithClient, never, HttpClient.HttpClient> => {
  refuseUnknown("LangSmithClient.layer", options, clientNames)
  return Layer.effect(LangSmithClient, make(options))
}

/**
 * The client, with what is not given from the configuration, by default environment variables: `LANGSMITH_API_KEY`,
 * `LANGSMITH_ENDPOINT`, `LANGSMITH_WORKSPACE_ID`, or the same with `LANGCHAIN_`. LangSmith's own address requires a key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Options = {}
): Layer.Layer<LangSmithClient, Config.ConfigError, HttpClient.HttpClient> => {
  refuseUnknown("LangSmithClient.layerConfig", options, clientNames)
  return Layer.effect(LangSmithClient, Effect.flatMap(configuredClient(options), make))
}

const make = Effect.fnUntraced(function*(options: Options) {
  const apiUrl = (options.apiUrl ?? defaultUrl).replace(/\/+$/, "")
  const { apiKey, workspaceId } = options
  const timeout = Duration.fromInputUnsafe(options.timeout ?? "60 seconds")
  const retries = options.retries ?? 4
  const scrub = scrubbing(apiUrl, apiKey)
  const http = yield* HttpClient.HttpClient

  const client = http.pipe(
    HttpClient.mapRequest((request) =>
      request.pipe(
        HttpClientRequest.acceptJson,
        apiKey === undefined ? identity : HttpClientRequest.setHeader("x-api-key", Redacted.value(apiKey)),
        workspaceId === undefined ? identity : HttpClientRequest.setHeader("x-tenant-id", workspaceId)
      )
    ),
    options.transformClient ?? identity
  )

  const askedOf = ({ method, path }: Request): Asked => ({
    request: `${method} ${UrlParams.redactUrl(`${apiUrl}${path}`)}`,
    hasKey: apiKey !== undefined
  })

  const exchange = Effect.fnUntraced(function*(request: Request, asked: Asked) {
    const body = yield* Effect.try({
      try: () => bodyOf(request),
      catch: (cause) => unreadable(asked, `the request is no JSON (${String(cause)})`)
    })
    const response: HttpClientResponse.HttpClientResponse = yield* client.execute(
      HttpClientRequest.make(request.method)(`${apiUrl}${request.path}`, {
        urlParams: request.query,
        headers: request.headers,
        body
      })
    ).pipe(Effect.mapError((error) => errorOfHttp(error, asked, scrub)))
    if (response.status < 200 || response.status >= 300) {
      return yield* Effect.flatMap(errorOfResponse(response, asked, scrub), Effect.fail)
    }
    const text = yield* Effect.mapError(response.text, (error) => errorOfHttp(error, asked, scrub))
    if (text === "") return undefined
    return yield* Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: () => unreadable(asked, "it is no JSON", scrub(text))
    })
  })

  const requestOnce = (request: Request) =>
    Effect.suspend(() => {
      const asked = askedOf(request)
      return exchange(request, asked).pipe(
        Effect.timeoutOrElse({ duration: timeout, orElse: () => Effect.fail(tooLate(asked, timeout)) })
      )
    })
  const request = (request: Request) =>
    retryTransient(requestOnce(request), {
      times: retries,
      // Without a status nobody knows whether the server has got it.
      when: (error) => request.idempotent ?? (request.method !== "POST" || error.status !== undefined)
    })

  return LangSmithClient.of({
    apiUrl,
    webUrl: options.webUrl ?? webUrlOf(apiUrl),
    workspaceId,
    request,
    requestOnce,
    info: yield* Effect.cachedInvalidateWithTTL(serverInfo(requestOnce), "Infinity").pipe(
      // What could not be read now may be read later.
      Effect.map(([info, forget]) => Effect.tapError(info, () => forget))
    ),
    http
  })
})

const bodyOf = ({ body, contentType }: Request): HttpBody.HttpBody | undefined => {
  if (body === undefined) return undefined
  if (body instanceof Uint8Array) return HttpBody.uint8Array(body, contentType)
  if (body instanceof FormData) return HttpBody.formData(body)
  return HttpBody.jsonUnsafe(body)
}

/** Everything that a server or the network says goes through this: some repeat what they were sent. */
const scrubbing = (apiUrl: string, apiKey: Redacted.Redacted | undefined): Scrub => {
  const password = URL.canParse(apiUrl) ? new URL(apiUrl).password : ""
  const secrets = [password, apiKey === undefined ? "" : Redacted.value(apiKey)].map((secret) => secret.trim())
    .filter((secret) => secret !== "")
  return (text) => secrets.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, "<redacted>"), text)
}
