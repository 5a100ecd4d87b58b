/** What scorers can take from values of unknown types. */
import type { Reader } from "./scorer.ts"

/** Anything but nothing at all. */
export const anything: Reader<{ readonly value: unknown }> = {
  wanted: "a value",
  read: (value) => value === undefined ? undefined : { value }
}

export const text: Reader<string> = {
  wanted: "a text",
  read: (value) => typeof value === "string" ? value : undefined
}

/** A text, or several of which any will do. */
export const texts: Reader<ReadonlyArray<string>> = {
  wanted: "a text or a list of texts",
  read: (value) => typeof value === "string" ? [value] : isTexts(value) ? value : undefined
}

/** The same with at least one. */
export const references: Reader<readonly [string, ...Array<string>]> = {
  wanted: "a text or a list of texts with at least one",
  read: (value) => {
    const [first, ...rest] = texts.read(value) ?? []
    return first === undefined ? undefined : [first, ...rest]
  }
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((each) => typeof each === "string")
