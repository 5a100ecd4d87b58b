/** Over how many places the precision of a ranked list is taken. */
import type { PrecisionOptions, Ranking } from "../RetrievalRanking.ts"

/** What precision divides by. */
export const placesOf = ({ grades }: Ranking, options: PrecisionOptions | undefined): number =>
  options?.k === undefined
    ? grades.length
    : options.shortLists === "retrieved"
    ? Math.min(options.k, grades.length)
    : options.k
