/** Reading ranked lists and what is relevant. */
import type { Id } from "../RetrievalRanking.ts"
import { type Reader, reading } from "./readers.ts"

export const ids: Reader<ReadonlyArray<Id>> = reading(
  "a list of ids (texts or numbers)",
  (value) => isIds(value) ? value : undefined
)

/** Ids, or grades by id. */
export const relevance: Reader<ReadonlyArray<Id> | ReadonlyMap<Id, number>> = reading(
  "a list of ids (texts or numbers), or an object or a Map from id to relevance (numbers from 0)",
  (value) => {
    if (isIds(value)) return value
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Date) return undefined
    const entries: Array<readonly [unknown, unknown]> = value instanceof Map ? Array.from(value) : Object.entries(value)
    const graded = new Map<Id, number>()
    for (const [id, grade] of entries) {
      if (!isId(id) || typeof grade !== "number" || !isGrade(grade)) return undefined
      graded.set(id, grade)
    }
    return graded
  }
)

export const grades: Reader<ReadonlyArray<number | boolean>> = reading(
  "a list of relevances (numbers from 0, or booleans)",
  (value) => Array.isArray(value) && value.every(isGrade) ? value : undefined
)

const isId = (value: unknown): value is Id => typeof value === "string" || typeof value === "number"

const isIds = (value: unknown): value is ReadonlyArray<Id> => Array.isArray(value) && value.every(isId)

const isGrade = (value: unknown): value is number | boolean =>
  typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value) && value >= 0)
