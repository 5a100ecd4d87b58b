/** How long a server asks to wait, as its headers say it. */
import * as Duration from "effect/Duration"
import * as Headers from "effect/http/Headers"
import * as Result from "effect/Result"

/** Milliseconds, by what `Retry-After` says at the time `now`: seconds, with or without a fraction, or a date (RFC 9110, 10.2.3). */
export const millisOfRetryAfter = (value: unknown, now: number): number | undefined => {
  const seconds = amountOf(value)
  if (seconds !== undefined) return seconds * 1000
  const stated = typeof value === "string" ? Headers.parseRetryAfter(value) : undefined
  return stated !== undefined && Result.isSuccess(stated)
    ? Duration.toMillis(Headers.retryAfterDelay(stated.success, now))
    : undefined
}

/** A number that is not negative, as such or as a text. */
export const amountOf = (value: unknown): number | undefined => {
  const number = typeof value === "number" || (typeof value === "string" && value.trim() !== "") ? Number(value) : NaN
  return Number.isFinite(number) && number >= 0 ? number : undefined
}
