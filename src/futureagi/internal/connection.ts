/** Requests to the server: keys, time limits, what may be sent again and when, and what errors mean. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as UrlParams from "effect/http/UrlParams"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { millisOfRetryAfter } from "../../internal/values/retryAfter.ts"
import {
  AuthenticationError,
  NotFoundError,
  RateLimitError,
  type Reason,
  RejectedError,
  TimeoutError,
  UnavailableError,
  UnexpectedAnswerError
} from "../FutureAgiError.ts"
import { complaintOf, isComplaint } from "./wire.ts"

export interface Connection {
  /** Reads, which costs nothing: sent again for whatever may pass. */
  readonly get: (path: string, about: About) => Effect.Effect<unknown, Reason>
  /** Has the server do something: sent again only where it is known that nothing was done. */
  readonly post: (
    path: string,
    body: object,
    timeout: Duration.Duration,
    about: About
  ) => Effect.Effect<unknown, Reason>
}

/** What a request is about, for errors. */
export interface About {
  readonly what: NotFoundError["what"]
  readonly name: string
}

export interface Settings {
  readonly baseUrl: string
  readonly apiKey: Redacted.Redacted
  readonly secretKey: Redacted.Redacted
  readonly requestTimeout: Duration.Duration
  readonly retry: Schedule.Schedule<unknown>
}

/** How a request went wrong, and whether it is known that the server has done nothing. */
interface Problem {
  readonly reason: Reason
  readonly untouched: boolean
}

export const makeConnection = (http: HttpClient.HttpClient, settings: Settings): Connection => {
  const scrub = scrubbing([settings.apiKey, settings.secretKey])
  // All requests wait when the server has asked one of them to.
  const pause = { until: 0 }
  const client = HttpClient.mapRequest(http, (request) =>
    request.pipe(
      HttpClientRequest.acceptJson,
      HttpClientRequest.setHeaders({
        "x-api-key": Redacted.value(settings.apiKey),
        "x-secret-key": Redacted.value(settings.secretKey)
      })
    ))

  const once = Effect.fnUntraced(function*(
    request: HttpClientRequest.HttpClientRequest,
    about: About,
    timeout: Duration.Duration
  ): Effect.fn.Return<unknown, Problem> {
    const now = yield* Clock.currentTimeMillis
    if (pause.until > now) yield* Effect.sleep(pause.until - now)
    const where = `${request.method} ${UrlParams.redactUrl(request.url)}`
    const isRead = request.method === "GET"
    const answer = client.execute(request).pipe(
      Effect.flatMap((response) => Effect.map(response.text, (text) => ({ response, text: scrub(text) }))),
      Effect.mapError((error) => ofHttpError(error, where, isRead, scrub)),
      Effect.timeoutOrElse({
        duration: timeout,
        orElse: () => Effect.fail(tooLate(where, timeout, isRead))
      }),
      Effect.updateService(Headers.CurrentRedactedNames, (names) => [...names, "x-secret-key"])
    )
    const { response, text } = yield* answer
    const body = parsed(text)
    if (response.status >= 200 && response.status < 300 && Result.isSuccess(body) && !isComplaint(body.success)) {
      return body.success
    }
    const problem = yield* ofAnswer(response, body, text, where, isRead, about)
    if (problem.reason._tag === "RateLimitError" && problem.reason.retryAfter !== undefined) {
      const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(problem.reason.retryAfter)
      pause.until = Math.max(pause.until, until)
    }
    return yield* Effect.fail(problem)
  })

  const send = (request: HttpClientRequest.HttpClientRequest, about: About, timeout: Duration.Duration) => {
    const isRead = request.method === "GET"
    return once(request, about, timeout).pipe(
      Effect.retry({
        schedule: settings.retry,
        while: ({ reason, untouched }) => reason.isRetryable && (isRead || untouched)
      }),
      Effect.mapError(({ reason }) => reason)
    )
  }

  return {
    get: (path, about) => send(HttpClientRequest.get(`${settings.baseUrl}${path}`), about, settings.requestTimeout),
    post: (path, body, timeout, about) =>
      // What the body holds are texts, numbers and booleans, so it is JSON.
      send(HttpClientRequest.bodyJsonUnsafe(HttpClientRequest.post(`${settings.baseUrl}${path}`), body), about, timeout)
  }
}

const ofAnswer = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  body: Result.Result<unknown, unknown>,
  text: string,
  where: string,
  isRead: boolean,
  about: About
): Effect.fn.Return<Problem> {
  const { headers, status } = response
  const { details, message } = complaintOf(Result.getOrElse(body, () => undefined))
  const fields = details === undefined ?
    "" :
    Object.entries(details).map(([field, texts]) => `${field}: ${texts.join(" ")}`)
      .join("; ")
  const said = [message, fields].filter((part) => part !== undefined && part !== "").join(". ") ||
    JSON.stringify(text.slice(0, 200))
  if (status === 401 || status === 403) {
    return untouched(
      new AuthenticationError({
        status,
        message: status === 401
          ? `${where} answered 401: the key or the secret is wrong (${said}). Both come from the dashboard of the same account ` +
            `as FI_BASE_URL.`
          : `${where} answered 403: the key may not do this (${said}).`
      })
    )
  }
  if (status === 404 || (status === 400 && /\bnot found\b/i.test(said))) {
    const isAddress = Result.isFailure(body)
    return untouched(
      new NotFoundError({
        what: isAddress ? "address" : about.what,
        name: about.name,
        message: isAddress
          ? `there is nothing at ${where}. Is FI_BASE_URL the address of FutureAGI's API?`
          : `there is no ${about.what} ${JSON.stringify(about.name)} (${where}: ${said})`
      })
    )
  }
  if (status === 429) {
    const retryMillis = millisOfRetryAfter(headers["retry-after"], yield* Clock.currentTimeMillis)
    const retryAfter = retryMillis === undefined ? undefined : Duration.millis(retryMillis)
    return untouched(
      new RateLimitError({
        message: `${where} answered 429: too many requests` +
          (retryAfter === undefined ? "" : `, come again in ${Duration.format(retryAfter)}`) + ` (${said})`,
        ...(retryAfter === undefined ? {} : { retryAfter })
      })
    )
  }
  if (status >= 500 || status === 408) {
    // 503 says that the request was not taken up. A gateway that gave up waiting (502, 504, 408) knows nothing; with 500
    // the server gave up by itself.
    const mayHaveRun = !isRead && status !== 503 && status !== 500
    return {
      reason: new UnavailableError({
        status,
        mayHaveRun,
        message: `${where} answered ${status} (${said})` + (mayHaveRun ? unknownIfDone : "")
      }),
      untouched: status === 503
    }
  }
  if (status >= 200 && status < 300 && Result.isFailure(body)) {
    return untouched(
      new UnexpectedAnswerError({
        message: `what ${where} answered is no JSON; it begins with ${JSON.stringify(text.slice(0, 200))}. ` +
          `Is FI_BASE_URL the address of FutureAGI's API?`
      })
    )
  }
  return untouched(
    new RejectedError({
      status,
      message: `${where} answered ${status}: ${said}`,
      ...(details === undefined ? {} : { details })
    })
  )
})

const untouched = (reason: Reason): Problem => ({ reason, untouched: true })

const unknownIfDone = "; whether an evaluation was carried out is not known, so it was not sent again"

const tooLate = (where: string, timeout: Duration.Duration, isRead: boolean): Problem => ({
  reason: new TimeoutError({
    mayHaveRun: !isRead,
    message: `${where} did not answer within ${Duration.format(timeout)}` + (isRead ? "" : unknownIfDone)
  }),
  untouched: false
})

/** Codes of a connection that was never made: what was to be sent was not sent. */
const unsent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_CONNECT_TIMEOUT"
])

const ofHttpError = (
  error: HttpClientError.HttpClientError,
  where: string,
  isRead: boolean,
  scrub: (text: string) => string
): Problem => {
  const found = error.reason.cause === undefined ? [] : causesOf(error.reason.cause)
  const isUnsent = found.some(({ code }) => code !== undefined && unsent.has(code)) ||
    error.reason._tag === "InvalidUrlError"
  const texts = [error.reason.description, ...found.map(({ code, message }) => message === "" ? code : message)]
  const said = scrub(texts.filter(Predicate.isNotUndefined).join(": ")) || "the connection failed"
  const mayHaveRun = !isRead && !isUnsent
  return {
    reason: error.reason._tag === "InvalidUrlError"
      ? new NotFoundError({ what: "address", name: where, message: `${where} is no address. Look at FI_BASE_URL.` })
      : new UnavailableError({ mayHaveRun, message: `${where}: ${said}` + (mayHaveRun ? unknownIfDone : "") }),
    untouched: isUnsent
  }
}

/** An error and those that caused it: `fetch` hides the news in there. Several addresses give several at once. */
const causesOf = (
  cause: unknown,
  depth = 0
): ReadonlyArray<{ readonly message: string; readonly code: string | undefined }> => {
  if (!(cause instanceof Error) || depth > 4) return []
  const code = Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : undefined
  const inner = cause instanceof AggregateError ? cause.errors.slice(0, 2) : [cause.cause]
  return [{ message: cause.message, code }, ...inner.flatMap((error) => causesOf(error, depth + 1))]
}

const parsed = (text: string): Result.Result<unknown, unknown> => Result.try(() => JSON.parse(text) as unknown)

/** Everything that a server or the network says goes through this: some repeat what they were sent. */
const scrubbing = (secrets: ReadonlyArray<Redacted.Redacted>) => {
  const texts = secrets.map((secret) => Redacted.value(secret).trim()).filter((text) => text !== "")
  return (text: string): string => texts.reduce((scrubbed, secret) => scrubbed.replaceAll(secret, "<redacted>"), text)
}

/** Doubling from half a second, a little scattered, four times at most; the pause that a server asks for comes on top. */
export const defaultRetry: Schedule.Schedule<unknown> = Schedule.exponential("500 millis").pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 4 })
)
