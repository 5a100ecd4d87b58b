import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { assign } from "../../src/internal/values/assignment.ts"

/** The best sum, by trying every pairing. */
const bestByTrying = (table: ReadonlyArray<ReadonlyArray<number>>, row: number, taken: ReadonlySet<number>): number => {
  const worths = table[row]
  if (worths === undefined) return 0
  // A row may stay alone.
  let best = bestByTrying(table, row + 1, taken)
  worths.forEach((worth, column) => {
    if (!taken.has(column)) best = Math.max(best, worth + bestByTrying(table, row + 1, new Set([...taken, column])))
  })
  return best
}

const Size = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))
const Worths = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))).check(
  Schema.isMinLength(25),
  Schema.isMaxLength(25)
)

it.prop("pairs one to one, and no other pairing is worth more", [Size, Size, Worths], ([rows, columns, worths]) => {
  const table = Array.from(
    { length: rows },
    (_, r) => Array.from({ length: columns }, (_, c) => worths[r * 5 + c]! / 4)
  )
  const partners = assign(rows, columns, (r, c) => table[r]![c]!)
  const paired = partners.filter((column) => column >= 0)
  assert.strictEqual(partners.length, rows)
  assert.strictEqual(new Set(paired).size, paired.length)
  const sum = partners.reduce((sum, column, row) => sum + (table[row]![column] ?? 0), 0)
  assert.closeTo(sum, bestByTrying(table, 0, new Set()), 1e-9)
}, { arbitrary: { runs: 300 } })
