/** Fields of records that nobody reads: a misspelt one is an error, others are told once. */
import * as Predicate from "effect/Predicate"
import { shorten } from "../values/describe.ts"
import { meantOf } from "../values/meantOf.ts"

const known = ["id", "inputs", "referenceOutputs", "outputs", "metadata", "split", "splits", "attachments"]
const isKnown = new Set(known)

/** The fields of a record that are no part of an example. */
export const otherFields = (record: object): ReadonlyArray<string> =>
  Object.keys(record).filter((name) => !isKnown.has(name))

/** The part of an example that a field is meant to be, unless the record has it. */
export const misspelt = (record: object, name: string): string | undefined =>
  meantOf(name, known.filter((part) => !Object.hasOwn(record, part)))

/** How many different fields are counted. */
const maxFields = 100
const maxNamed = 5

/** Counts fields that nobody reads. */
export class OtherFields {
  readonly #counts = new Map<string, number>()

  add(record: unknown): void {
    if (!Predicate.isObject(record) || Array.isArray(record)) return
    for (const name of otherFields(record)) {
      const count = this.#counts.get(name)
      // A row with a misspelt part is no example, and is told of as that.
      if (count === undefined && misspelt(record, name) !== undefined) continue
      if (count !== undefined || this.#counts.size < maxFields) this.#counts.set(name, (count ?? 0) + 1)
    }
  }

  /** What to tell, if there is something. */
  message(dataset: string): string | undefined {
    if (this.#counts.size === 0) return undefined
    const counts = [...this.#counts].sort(([, a], [, b]) => b - a)
    const named = counts.slice(0, maxNamed).map(([name, count]) =>
      `${JSON.stringify(shorten(name, 40))} (${count} ${count === 1 ? "row" : "rows"})`
    )
    const more = counts.length > maxNamed ? ` and ${counts.length - maxNamed} more` : ""
    return `Fields of ${dataset} that are no part of an example were passed over: ${
      named.join(", ")
    }${more}. To take them ` +
      `in, say what they are with { fields } or { toExample }.`
  }
}
