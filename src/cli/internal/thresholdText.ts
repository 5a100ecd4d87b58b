/** When a row passes in reports that have tests, as people type it: `correct >= 0.5`, `length <= 80 and length >= 10`. */
import * as Effect from "effect/Effect"
import * as Gate from "../../Gate.ts"
import type { Threshold } from "../../reports/JUnit.ts"
import { type Failure, usage } from "./failure.ts"

export type Thresholds = { readonly [key: string]: Exclude<Threshold, number> }

/** The limits by key that texts say; the words are those of gates. */
export const readThresholds = (texts: ReadonlyArray<string>): Effect.Effect<Thresholds, Failure> =>
  Effect.map(
    Effect.forEach(texts, (text) =>
      Gate.parse(text).pipe(
        Effect.mapError((error) => usage(`--threshold: ${error.message}`, error)),
        Effect.flatMap((gate) => {
          const limits = limitsOf(gate)
          return limits === undefined
            ? Effect.fail(usage(`--threshold: expected limits for keys such as "correct >= 0.5", got "${text}".`))
            : Effect.succeed(limits)
        })
      )),
    (all) =>
      Object.fromEntries(
        [...Map.groupBy(all.flat(), ({ key }) => key)].map(([key, limits]) => [
          key,
          {
            atLeast: limits.findLast(({ atLeast }) => atLeast !== undefined)?.atLeast,
            atMost: limits.findLast(({ atMost }) => atMost !== undefined)?.atMost
          }
        ])
      )
  )

type Limits = { readonly key: string; readonly atLeast?: number | undefined; readonly atMost?: number | undefined }

/** A row has no group, no interval and no baseline: only limits of means say something about it. */
const limitsOf = (gate: Gate.Gate): ReadonlyArray<Limits> | undefined => {
  if (gate._tag === "Mean" && gate.group === undefined) return [gate]
  if (gate._tag !== "And") return undefined
  const parts = gate.gates.map(limitsOf)
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}
