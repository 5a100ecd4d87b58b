/** Causes in words. */
import * as Cause from "effect/Cause"
import { describe, shorten } from "./describe.ts"
import { toJson } from "./json.ts"

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
    const message = error.message === "" ? fieldsOf(error) : `: ${error.message}`
    return shorten(`${name}${message}`.replace(/\s+/g, " "), maxLine)
  }
  if (typeof error === "string") return shorten(error.replace(/\s+/g, " "), maxLine)
  const tag = tagOf(error)
  if (tag !== undefined) {
    return shorten(`${tag}${typeof error === "object" && error !== null ? fieldsOf(error) : ""}`, maxLine)
  }
  return isRecord(error) ? shorten(JSON.stringify(toJson(error)), maxLine) : describe(error)
}

const isRecord = (error: unknown): boolean =>
  typeof error === "object" && error !== null && Object.getPrototypeOf(error) === Object.prototype

/** What an error without a message has to say. */
const fieldsOf = (error: object): string => {
  const fields = Object.entries(error).filter(([name]) => name !== "_tag" && name !== "name")
  return fields.length === 0 ? "" : ` ${JSON.stringify(toJson(Object.fromEntries(fields)))}`
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
