/** Which errors say "too many requests", and how long a server asks to wait. */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Execution from "../../Execution.ts"
import { amountOf, millisOfRetryAfter } from "../values/retryAfter.ts"

/**
 * Looks at the error, and at its `reason`, `cause` and `response`, for a tag that says so, for a status, and for a
 * `Retry-After`. So `AiError`s, `HttpClientError`s and the errors of the common SDKs are understood. The time, in
 * milliseconds since 1970, is what a date in `Retry-After` is held against.
 */
export const rateLimitSignal = (error: unknown, now: number): Execution.RateLimitSignal | undefined => {
  const places = [error, ...["reason", "cause", "response"].map((key) => property(error, key))]
  const reason = property(error, "reason")
  const all = [...places, property(reason, "response")].filter(Predicate.isObject)
  // Where an `AiError` keeps its response. Its tag says what the status means: not each 429 is a matter of waiting.
  const http = [property(property(reason, "http"), "response")].filter(Predicate.isObject)
  const retryAfterMillis = [...all, ...http].map((place) => retryAfter(place, now)).find(Predicate.isNotUndefined)
  const statuses = all.flatMap((place) => [place["status"], place["statusCode"]]).map(Number)
  if (statuses.includes(429) || all.some((place) => place["_tag"] === "RateLimitError")) {
    return { kind: "limited", retryAfterMillis }
  }
  const busy = statuses.some((status) => status >= 500 && status < 600) ||
    all.some((place) => place["_tag"] === "InternalProviderError")
  return busy || retryAfterMillis !== undefined ? { kind: "busy", retryAfterMillis } : undefined
}

const property = (value: unknown, key: string): unknown => Predicate.hasProperty(value, key) ? value[key] : undefined

const retryAfter = (place: Record<PropertyKey, unknown>, now: number): number | undefined => {
  const stated = place["retryAfter"]
  if (Duration.isDuration(stated)) return Duration.toMillis(stated)
  const headers = place["headers"]
  return amountOf(header(headers, "retry-after-ms")) ?? millisOfRetryAfter(header(headers, "retry-after"), now)
}

/** Clients keep headers in every form; as a record, the names may be in any case and a value may be a list. */
const header = (headers: unknown, name: string): unknown => {
  if (headers instanceof Headers || headers instanceof Map) return headers.get(name)
  if (!Predicate.isObject(headers)) return undefined
  const value = headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return Array.isArray(value) ? value[0] : value
}
