/** From what a server answers instead of an answer to the reasons of `AiError`. */
import * as AiError from "effect/ai/AiError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as UrlParams from "effect/http/UrlParams"
import * as Predicate from "effect/Predicate"
import { amountOf, millisOfRetryAfter } from "../../internal/values/retryAfter.ts"

/** Takes secrets out of a text. */
export type Scrub = (text: string) => string

/** What a server says about an error, in any of the shapes that are in use. */
export interface Complaint {
  readonly message: string | undefined
  readonly code: string | undefined
  readonly type: string | undefined
  readonly parameter: string | undefined
  /** An HTTP status, where the complaint itself has one: OpenRouter's within a stream do. */
  readonly status: number | undefined
}

const longestBody = 2000

const noComplaint: Complaint = {
  message: undefined,
  code: undefined,
  type: undefined,
  parameter: undefined,
  status: undefined
}

/** Reads `{ error: { message, code, type, param } }`, `{ error: "..." }`, `{ message }` and `{ detail }`. */
export const complaintOf = (body: unknown): Complaint => {
  const said = Predicate.hasProperty(body, "error") ? body.error : body
  if (typeof said === "string") return { ...noComplaint, message: said }
  if (!Predicate.isObject(said)) return noComplaint
  const { code, detail, message, param, type } = said
  return {
    message: textOf(message) ?? textOf(detail),
    code: textOf(code),
    type: textOf(type),
    parameter: textOf(param),
    status: typeof code === "number" ? code : undefined
  }
}

const textOf = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

/** Whether a body that came with a status of success is an error all the same. */
export const isComplaint = (body: unknown): boolean =>
  Predicate.hasProperty(body, "error") && Predicate.isNotNullish(body.error) &&
  !Predicate.hasProperty(body, "choices") && !Predicate.hasProperty(body, "output")

/** What is known of an error beside the complaint. */
export interface Circumstances {
  readonly status?: number | undefined
  readonly url: string
  readonly hasKey: boolean
  readonly retryAfter?: Duration.Duration | undefined
  readonly requestId?: string | undefined
  readonly http?: typeof AiError.HttpContext.Type | undefined
  readonly body?: string | undefined
}

/** Which limit it is, and of which server, is what one needs to know; Effect's own message says neither. */
class Limited extends AiError.RateLimitError {
  override get message(): string {
    return withDescription(super.message, this.metadata)
  }
}

/** The same for what is used up. */
class Exhausted extends AiError.QuotaExhaustedError {
  override get message(): string {
    return withDescription(super.message, this.metadata)
  }
}

const withDescription = (message: string, { openai }: AiError.RateLimitError["metadata"]): string => {
  const description = textOf(Predicate.hasProperty(openai, "description") ? openai.description : undefined)
  return description === undefined ? message : `${message.replace(/\.$/, "")}. ${description}`
}

const filtered = new Set(["content_filter", "content_policy_violation"])

/** The reason that a status and a complaint amount to. */
export const reasonOf = (complaint: Complaint, circumstances: Circumstances): AiError.AiErrorReason => {
  const { code, message, parameter, type } = complaint
  const { hasKey, http, requestId, retryAfter, url } = circumstances
  const status = circumstances.status ?? complaint.status
  const metadata = {
    openai: { errorCode: code ?? null, errorType: type ?? null, requestId: requestId ?? null, message: message ?? null }
  }
  const description = AiError.buildErrorDescription({
    // Without a status it came within a stream.
    status: status ?? 200,
    message,
    method: "POST",
    url,
    errorCode: code,
    errorType: type,
    requestId,
    body: circumstances.body
  })
  const common = { description, metadata, http }
  // These two have no place for a description of their own.
  const limit = {
    metadata: { openai: { ...metadata.openai, description: message === undefined ? null : description } },
    http
  }
  if (code === "insufficient_quota" || status === 402) return new Exhausted(limit)
  if (code !== undefined && filtered.has(code)) return new AiError.ContentPolicyError(common)
  if (status === 429 || code === "rate_limit_exceeded") {
    const when = retryAfter === undefined ? {} : { retryAfter }
    return new Limited({ ...limit, ...when })
  }
  if (status === 401) return new AiError.AuthenticationError({ kind: hasKey ? "InvalidKey" : "MissingKey", ...common })
  if (status === 403) return new AiError.AuthenticationError({ kind: "InsufficientPermissions", ...common })
  // A timeout, a conflict of locks, and whatever is the server's own fault: the same request may succeed later.
  if (status === undefined || status === 408 || status === 409 || status >= 500) {
    return new AiError.InternalProviderError(common)
  }
  if (status === 404 && message === undefined) {
    const hint = `Is that the address of an OpenAI-compatible server, with its version ("/v1")? ${description}`
    return new AiError.InvalidRequestError({ ...common, description: hint })
  }
  if (status >= 400) return new AiError.InvalidRequestError({ ...common, parameter })
  return new AiError.UnknownError(common)
}

/** The reason of an answer that has no status of success. */
export const reasonOfResponse = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  url: string,
  hasKey: boolean,
  scrub: Scrub
) {
  // The status says enough if the rest gets lost on the way.
  const text = scrub(yield* Effect.orElseSucceed(response.text, () => ""))
  const { headers, status } = response
  return reasonOf(complaintOf(parsed(text)), {
    status,
    url,
    hasKey,
    retryAfter: retryAfterOf(headers, yield* Clock.currentTimeMillis),
    requestId: headers["x-request-id"],
    http: { response: { status, headers: kept(headers) }, body: text.slice(0, longestBody) },
    body: text
  })
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of the headers, those that say what went wrong and when to come again; none that could hold a secret. */
const kept = (headers: Headers.Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) =>
      name === "x-request-id" || name.startsWith("retry-after") || name.startsWith("x-ratelimit-")
    )
  )

const retryAfterOf = (headers: Headers.Headers, now: number): Duration.Duration | undefined => {
  const millis = amountOf(headers["retry-after-ms"]) ?? millisOfRetryAfter(headers["retry-after"], now)
  return millis === undefined ? undefined : Duration.millis(millis)
}

/** A request that was not sent, or an answer that did not come or broke off. */
export const networkError = (
  reason: "TransportError" | "EncodeError" | "InvalidUrlError",
  url: string,
  description: string
): AiError.NetworkError => new AiError.NetworkError({ reason, method: "POST", url, description })

/**
 * The reason of an error of the HTTP client. The error itself is left behind: it holds the request, and with it the key.
 */
export const reasonOfHttpError = (error: HttpClientError.HttpClientError, url: string, scrub: Scrub) => {
  const { reason } = error
  const description = scrub([reason.description, ...messages(reason.cause)].filter(Predicate.isNotUndefined).join(": "))
  const tag = reason._tag === "EncodeError" || reason._tag === "InvalidUrlError" ? reason._tag : "TransportError"
  return networkError(tag, url, description === "" ? "the connection failed" : description)
}

/** What an error says, and what the errors say that caused it: `fetch` hides the news in there. */
const messages = (cause: unknown): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let error = cause; error instanceof Error && found.length < 4; error = error.cause) {
    const code = Predicate.hasProperty(error, "code") ? textOf(error.code) : undefined
    const message = textOf(error.message) ?? code
    if (message !== undefined) found.push(message)
  }
  return found
}

/** An address to show: without user, password and secret parameters. */
export const shown = (url: string): string => UrlParams.redactUrl(url)
