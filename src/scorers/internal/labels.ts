/** Reading labels and truths. */
import { describe } from "../../internal/values/describe.ts"
import type { Label } from "../../statistics/Values.ts"
import type { LabelOptions } from "../LabelMatch.ts"
import type { Reader } from "./scorer.ts"

export const labelReader = (options: LabelOptions | undefined): Reader<Label> => {
  const plain = (label: Label): Label =>
    typeof label !== "string" ? label : options?.ignoreCase === true ? label.trim().toLowerCase() : label.trim()
  const known = options?.labels === undefined ? undefined : new Set(options.labels.map(plain))
  return {
    wanted: known === undefined
      ? "a label (a text, a number or a boolean)"
      : `one of the labels ${Array.from(known, describe).join(", ")}`,
    read: (value) => {
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
export const truth: Reader<boolean> = {
  wanted: "a boolean, or 0 or 1",
  read: (value) => typeof value === "boolean" ? value : value === 1 ? true : value === 0 ? false : undefined
}

export const finite: Reader<number> = {
  wanted: "a finite number",
  read: (value) => typeof value === "number" && Number.isFinite(value) ? value : undefined
}

export const probability: Reader<number> = {
  wanted: "a probability between 0 and 1",
  read: (value) => typeof value === "number" && value >= 0 && value <= 1 ? value : undefined
}

export const truths: Reader<ReadonlyArray<boolean>> = {
  wanted: "a list of booleans, or of 0 and 1",
  read: (value) => {
    if (!Array.isArray(value)) return undefined
    const labels = value.map(truth.read)
    return labels.every((label) => label !== undefined) ? labels : undefined
  }
}
