/** Which errors say "too many requests", and how long a server asks to wait. */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Execution from "../../Execution.ts"

/**
 * Looks at the error, and at its `reason`, `cause` and `response`, for a tag that says so, for a status, and for a
 * `Retry-After`. So `AiError`s, `HttpClientError`s and the errors of the common SDKs are understood.
 */
export const rateLimitSignal = (error: unknown): Execution.RateLimitSignal | undefined => {
  const places = [error, ...["reason", "cause", "response"].map((key) => property(error, key))]
  const reason = property(error, "reason")
  const all = [...places, property(reason, "response")].filter(Predicate.isObject)
  // Where an `AiError` keeps its response. Its tag says what the status means: not each 429 is a matter of waiting.
  const http = [property(property(reason, "http"), "response")].filter(Predicate.isObject)
  const retryAfterMillis = [...all, ...http].map(retryAfter).find(Predicate.isNotUndefined)
  const statuses = all.flatMap((place) => [place["status"], place["statusCode"]]).map(Number)
  if (statuses.includes(429) || all.some((place) => place["_tag"] === "RateLimitError")) {
    return { kind: "limited", retryAfterMillis }
  }
  const busy = statuses.some((status) => status >= 500 && status < 600) ||
    all.some((place) => place["_tag"] === "InternalProviderError")
  return busy || retryAfterMillis !== undefined ? { kind: "busy", retryAfterMillis } : undefined
}

const property = (value: unknown, key: string): unknown => Predicate.hasProperty(value, key) ? value[key] : undefined

const retryAfter = (place: Record<PropertyKey, unknown>): number | undefined => {
  const stated = place["retryAfter"]
  if (Duration.isDuration(stated)) return Duration.toMillis(stated)
  return retryAfterHeader(header(place["headers"], "retry-after-ms"), 1) ??
    retryAfterHeader(header(place["headers"], "retry-after"), 1000)
}

const header = (headers: unknown, name: string): unknown => {
  if (headers instanceof Headers || headers instanceof Map) return headers.get(name)
  return property(headers, name) ?? property(headers, name.replace(/(^|-)./g, (text) => text.toUpperCase()))
}

/** A number of units; a date (RFC 9110, 10.2.3) needs a clock to be of use and is left to the schedule. */
const retryAfterHeader = (value: unknown, unitMillis: number): number | undefined => {
  const units = typeof value === "string" && value.trim() !== "" ? Number(value) : undefined
  return units === undefined || !Number.isFinite(units) || units < 0 ? undefined : units * unitMillis
}
