/** Causes in words. */
import * as Cause from "effect/Cause"
import { describe, shorten } from "./describe.ts"

const maxLine = 500

/** The cause in a line: the name and message of the first error, or what else happened. */
export const causeLine = (cause: Cause.Cause<unknown>): string => {
  const reason = cause.reasons.find(Cause.isFailReason) ?? cause.reasons.find(Cause.isDieReason)
  if (reason !== undefined) return errorLine(Cause.isFailReason(reason) ? reason.error : reason.defect)
  return cause.reasons.length === 0 ? "unknown" : "interrupted"
}

/** An error in a line, such as `TypeError: x is not a function`. Errors may be anything, also what throws when read. */
export const errorLine = (error: unknown): string => {
  try {
    return readLine(error)
  } catch {
    return "an error that cannot be read"
  }
}

const readLine = (error: unknown): string => {
  if (error instanceof Error) {
    const name = tagOf(error) ?? error.name
    const message = error.message === "" ? "" : `: ${error.message}`
    return shorten(`${name}${message}`.replace(/\s+/g, " "), maxLine)
  }
  if (typeof error === "string") return shorten(error.replace(/\s+/g, " "), maxLine)
  const tag = tagOf(error)
  return tag === undefined ? describe(error) : shorten(tag, maxLine)
}

const tagOf = (error: unknown): string | undefined =>
  typeof error === "object" && error !== null && "_tag" in error && typeof error._tag === "string"
    ? error._tag
    : undefined

/** The error that a retry, a rate limit or a reader is interested in: the first failure, else the first defect. */
export const errorOf = (cause: Cause.Cause<unknown>): unknown => {
  const reason = cause.reasons.find(Cause.isFailReason) ?? cause.reasons.find(Cause.isDieReason)
  return reason === undefined ? undefined : Cause.isFailReason(reason) ? reason.error : reason.defect
}
