/** Values that belong together. */
import { CompensatedSum } from "../Sums.ts"
import type { Clusters, Values } from "../Values.ts"
import { requireSameLength } from "./checks.ts"

export interface Groups {
  /** How many different names there are. */
  readonly count: number
  /** For each value the number of its group, in the order in which the names come first. */
  readonly groupOf: Uint32Array
}

export const groupBy = (names: Clusters): Groups => {
  const numbers = new Map<Clusters[number], number>()
  const groupOf = new Uint32Array(names.length)
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    let group = numbers.get(name)
    if (group === undefined) {
      group = numbers.size
      numbers.set(name, group)
    }
    groupOf[i] = group
  }
  return { count: numbers.size, groupOf }
}

/** The groups that the values fall into. */
export const groupsOf = (valuesName: string, values: Values, clusters: Clusters): Groups => {
  requireSameLength(valuesName, values, "clusters", clusters)
  return groupBy(clusters)
}

/** How many values each group has. */
export const groupSizes = (groups: Groups): Float64Array => {
  const sizes = new Float64Array(groups.count)
  for (const group of groups.groupOf) sizes[group]! += 1
  return sizes
}

/** For each group the sum of what `term` gives for its values. */
export const groupSums = (groups: Groups, term: (index: number) => number): Float64Array => {
  const sums = Array.from({ length: groups.count }, () => new CompensatedSum())
  for (let i = 0; i < groups.groupOf.length; i++) sums[groups.groupOf[i]!]!.add(term(i))
  return Float64Array.from(sums, (sum) => sum.value)
}
