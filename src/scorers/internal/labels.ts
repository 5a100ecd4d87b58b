/** Reading labels and truths. */
import { describe } from "../../internal/values/describe.ts"
import type { Label } from "../../statistics/Values.ts"
import type { LabelOptions } from "../LabelMatch.ts"
import { type Reader, reading } from "./readers.ts"

export const labelReader = (options: LabelOptions | undefined): Reader<Label> => {
  const { read, wanted } = labelsOf(options)
  return reading(wanted, read)
}

/** A list of labels. */
export const labelsReader = (options: LabelOptions | undefined): Reader<ReadonlyArray<Label>> => {
  const { read, wanted } = labelsOf(options)
  return reading(`a list, each of whose members is ${wanted}`, (value) => {
    if (!Array.isArray(value)) return undefined
    const labels = value.map(read)
    return labels.every((label) => label !== undefined) ? labels : undefined
  })
}

const labelsOf = (options: LabelOptions | undefined) => {
  const plain = (label: Label): Label =>
    typeof label !== "string" ? label : options?.ignoreCase === true ? label.trim().toLowerCase() : label.trim()
  const known = options?.labels === undefined ? undefined : new Set(options.labels.map(plain))
  return {
    wanted: known === undefined
      ? "a label (a text, a number or a boolean)"
      : `one of the labels ${Array.from(known, describe).join(", ")}`,
    read: (value: unknown): Label | undefined => {
      if (typeof value === "number" ? Number.isNaN(value) : typeof value !== "string" && typeof value !== "boolean") {
        return undefined
      }
      // What is left by now is a text, a number or a boolean.
      const label = plain(value as Label)
      return known === undefined || known.has(label) ? label : undefined
    }
  }
}

/** Whether it is of the positive class. */
export const truth: Reader<boolean> = reading("a boolean, or 0 or 1", truthOf)

function truthOf(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : value === 1 ? true : value === 0 ? false : undefined
}

export const finite: Reader<number> = reading(
  "a finite number",
  (value) => typeof value === "number" && Number.isFinite(value) ? value : undefined
)

export const probability: Reader<number> = reading(
  "a probability between 0 and 1",
  (value) => typeof value === "number" && value >= 0 && value <= 1 ? value : undefined
)

export const truths: Reader<ReadonlyArray<boolean>> = reading("a list of booleans, or of 0 and 1", (value) => {
  if (!Array.isArray(value)) return undefined
  const labels = value.map(truthOf)
  return labels.every((label) => label !== undefined) ? labels : undefined
})
