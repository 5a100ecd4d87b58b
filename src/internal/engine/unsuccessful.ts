import * as Cause from "effect/Cause"
import { causeLine } from "../values/causes.ts"
import type { Timeout } from "./attempts.ts"

/** What user code came to that did not succeed. */
export const unsuccessful = (cause: Cause.Cause<unknown>, timeout: Timeout | undefined) => {
  if (timeout !== undefined) {
    return { _tag: "TimedOut" as const, afterMillis: timeout.afterMillis, message: timeout.message }
  }
  return Cause.hasInterruptsOnly(cause)
    ? { _tag: "Cancelled" as const, message: "interrupted itself" }
    : { _tag: "Failed" as const, cause, message: causeLine(cause) }
}
