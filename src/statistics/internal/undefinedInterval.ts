import type { UndefinedInterval } from "../Interval.ts"

/** What takes the place of an interval that the data do not determine. */
export const undefinedInterval = (level: number, reason: string, estimate?: number): UndefinedInterval => ({
  estimate,
  lower: undefined,
  upper: undefined,
  level,
  reason
})
