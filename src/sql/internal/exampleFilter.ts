/** Which examples are asked for. */
import * as Predicate from "effect/Predicate"
import { canonicalJson } from "../../internal/values/canonicalJson.ts"
import type { ExampleFilter, StoredExample } from "../DatasetStore.ts"

/** What a reader of the experiment has to know about the choice; `undefined` if all examples were taken. */
export const describeFilter = ({ ids, limit, metadata, offset, split }: ExampleFilter): string | undefined => {
  const parts = [
    ...(ids === undefined ? [] : [`${ids.length} ids`]),
    ...(split === undefined ? [] : [`split ${[split].flat().join(", ")}`]),
    ...(metadata === undefined ? [] : [`metadata ${canonicalJson(metadata)}`]),
    ...(offset === undefined ? [] : [`offset ${offset}`]),
    ...(limit === undefined ? [] : [`limit ${limit}`])
  ]
  return parts.length === 0 ? undefined : `select(${parts.join("; ")})`
}

/**
 * Whether an example is one of them. Ids are looked for here too, since there may be more than a statement can name.
 * Metadata is compared here and not in SQL, since the databases disagree on what is equal and which texts there are.
 */
export const isAskedFor = (filter: ExampleFilter): (example: StoredExample) => boolean => {
  const ids = filter.ids === undefined ? undefined : new Set(filter.ids)
  const splits = filter.split === undefined ? undefined : new Set([filter.split].flat())
  const members = Object.entries(filter.metadata ?? {}).map(([key, value]) => [key, canonicalJson(value)] as const)
  return ({ id, metadata, splits: of }) =>
    (ids === undefined || ids.has(id)) &&
    (splits === undefined || of.some((split) => splits.has(split))) &&
    members.every(([key, value]) =>
      Predicate.isObject(metadata) && Object.hasOwn(metadata, key) && canonicalJson(metadata[key]) === value
    )
}
