/** The groups that a row belongs to. */
import * as Predicate from "effect/Predicate"
import type * as Example from "../../Example.ts"
import type * as Summary from "../../Summary.ts"
import { shorten } from "../values/describe.ts"
import { valueText } from "./valueText.ts"

/** The group of rows that have nothing to be grouped by. */
export const noGroup = "(none)"
/** The group of rows whose own one came after there were too many. */
export const otherGroups = "(other)"

const maxNameLength = 200
const metadataPrefix = "metadata."

/** The names of the groups, each once. */
export const groupsOf = (
  example: Pick<Example.Example, "splits" | "metadata">,
  by: Summary.GroupBy
): Iterable<string> => {
  const found = by === "split" ? example.splits : fieldOf(example.metadata, by.slice(metadataPrefix.length))
  if (found === undefined || found === null) return [noGroup]
  if (!Array.isArray(found)) return [nameOf(found)]
  return found.length === 0 ? [noGroup] : new Set(found.map(nameOf))
}

const fieldOf = (metadata: unknown, field: string): unknown =>
  Predicate.hasProperty(metadata, field) ? metadata[field] : undefined

const nameOf = (value: unknown): string => shorten(valueText(value), maxNameLength)
