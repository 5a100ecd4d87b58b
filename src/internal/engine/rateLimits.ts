/** Which errors say "too many requests", and how long a server asks to wait. */
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import type * as Execution from "../../Execution.ts"

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
  return count(header(headers, "retry-after-ms")) ?? secondsOrDate(header(headers, "retry-after"), now)
}

/** Clients keep headers in every form; as a record, the names may be in any case and a value may be a list. */
const header = (headers: unknown, name: string): unknown => {
  if (headers instanceof Headers || headers instanceof Map) return headers.get(name)
  if (!Predicate.isObject(headers)) return undefined
  const value = headers[name] ?? Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return Array.isArray(value) ? value[0] : value
}

const count = (value: unknown): number | undefined => {
  const number = typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : NaN
  return Number.isFinite(number) && number >= 0 ? number : undefined
}

/** A number of seconds or a date (RFC 9110, 10.2.3). */
const secondsOrDate = (value: unknown, now: number): number | undefined => {
  const seconds = count(value)
  if (seconds !== undefined) return seconds * 1000
  // Each of the three forms of a date begins with the name of the day; `Date.parse` takes many other things for dates.
  if (typeof value !== "string" || !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(value.trim())) return undefined
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
