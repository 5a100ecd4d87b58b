/** How many rows may fail, as people type it. */
import type { FailureThreshold } from "../../internal/engine/settings.ts"

/** The threshold that `10` or `5%` says; `undefined` for what says none. */
export const readFailures = (text: string): FailureThreshold | undefined => {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim())
  if (match === null) return undefined
  const number = Number(match[1])
  if (match[2] === "%") return number <= 100 ? { share: number / 100 } : undefined
  return Number.isInteger(number) ? { count: number } : undefined
}
