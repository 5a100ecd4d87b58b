/** From what a server answers instead of an answer to errors that say what to do. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Predicate from "effect/Predicate"
import { shorten } from "../../internal/values/describe.ts"
import { millisOfRetryAfter } from "../../internal/values/retryAfter.ts"
import { LangSmithError } from "../LangSmithError.ts"

/** Takes secrets out of a text. */
export type Scrub = (text: string) => string

/** What is known of a request, for messages. */
export interface Asked {
  /** Such as `POST https://api.smith.langchain.com/sessions`. */
  readonly request: string
  readonly hasKey: boolean
}

const longestComplaint = 500

const reasonOf = (status: number): LangSmithError["reason"] => {
  switch (status) {
    case 401:
      return "WrongKey"
    case 403:
      return "Forbidden"
    case 404:
      return "NotFound"
    case 409:
      return "Conflict"
    case 413:
      return "TooLarge"
    case 429:
      return "RateLimited"
    // A timeout of the server's, and "too early": both ask to try again.
    case 408:
    case 425:
      return "Unavailable"
    default:
      return status >= 500 ? "Unavailable" : "Invalid"
  }
}

const advice = (reason: LangSmithError["reason"], hasKey: boolean): string => {
  switch (reason) {
    case "WrongKey":
      return hasKey
        ? "Check the key (LANGSMITH_API_KEY), and that the address (LANGSMITH_ENDPOINT) is that of the region it is for, " +
          "such as https://eu.api.smith.langchain.com."
        : "No key was sent: give apiKey, or set LANGSMITH_API_KEY."
    case "Forbidden":
      return "The key may not do this. Check what it is allowed to, and the workspace (LANGSMITH_WORKSPACE_ID)."
    case "NotFound":
      return "Check the name or id, and that key and workspace are those it belongs to."
    case "Conflict":
      return "Something of this name or id is there already."
    case "TooLarge":
      return "The request is larger than the server takes."
    case "RateLimited":
      return "Send less at a time, or wait."
    case "Unavailable":
      return "The same request may succeed later."
    default:
      return "The server will not take it as it is."
  }
}

/** The error of an answer that has no status of success. */
export const errorOfResponse = Effect.fnUntraced(function*(
  response: HttpClientResponse.HttpClientResponse,
  { hasKey, request }: Asked,
  scrub: Scrub
) {
  // The status says enough if the rest gets lost on the way.
  const text = scrub(yield* Effect.orElseSucceed(response.text, () => ""))
  const reason = reasonOf(response.status)
  const retryAfterMillis = millisOfRetryAfter(response.headers["retry-after"], yield* Clock.currentTimeMillis)
  const complaint = shorten(complaintOf(text).replace(/\s+/g, " "), longestComplaint)
  return new LangSmithError({
    reason,
    status: response.status,
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis }),
    message: `LangSmith answered ${response.status} to ${request}${complaint === "" ? "" : `: ${complaint}`}. ${
      advice(reason, hasKey)
    }`
  })
})

/** The error of a request that was not answered. */
export const errorOfHttp = (error: HttpClientError.HttpClientError, { request }: Asked, scrub: Scrub): LangSmithError =>
  error.reason._tag === "EncodeError" || error.reason._tag === "InvalidUrlError"
    ? new LangSmithError({
      reason: "Invalid",
      message: `${request} could not be sent: ${scrub(error.message)}. Check the address (LANGSMITH_ENDPOINT).`
    })
    : new LangSmithError({
      reason: "Unavailable",
      message: `LangSmith could not be reached (${request}): ${scrub(transportLine(error))}. ` +
        "Check the network and the address (LANGSMITH_ENDPOINT)."
    })

export const tooLate = ({ request }: Asked, timeout: Duration.Duration): LangSmithError =>
  new LangSmithError({
    reason: "Unavailable",
    message: `LangSmith did not answer ${request} within ${Duration.format(timeout)}. It may do so later.`
  })

/** The error of an answer that is not what the API gives. */
export const unreadable = ({ request }: Asked, why: string, text?: string): LangSmithError =>
  new LangSmithError({
    reason: "Unreadable",
    message: `What LangSmith answered to ${request} cannot be read: ${why}. Is that the address of LangSmith's API?` +
      (text === undefined ? "" : ` The answer begins with: ${JSON.stringify(text.slice(0, 200))}`)
  })

/** Fetch says no more than that it failed; why, is in the causes. */
const transportLine = (error: HttpClientError.HttpClientError): string => {
  const lines: Array<string> = []
  let cause: unknown = error.reason.cause
  for (let depth = 0; depth < 4 && cause instanceof Error; depth++) {
    const code = Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? ` (${cause.code})` : ""
    const line = `${cause.message}${code}`
    if (line.trim() !== "" && !lines.includes(line)) lines.push(line)
    cause = cause.cause
  }
  return lines.length === 0 ? error.message : lines.join(": ")
}

/** FastAPI's `detail` (a text, or a list of what is wrong where), `message`, `error`, or the text itself. */
const complaintOf = (text: string): string => {
  const body = parsed(text)
  if (!Predicate.isObject(body)) return text
  const said = body["detail"] ?? body["message"] ?? body["error"]
  return typeof said === "string" ? said : said === undefined ? text : JSON.stringify(said)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
