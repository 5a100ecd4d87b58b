/** What scorers can take from values of unknown types. */
import * as Result from "effect/Result"
import { describe } from "../../internal/values/describe.ts"

/** Reads a value of an unknown type that is not missing. The failure says what it is instead: `is 5, not a text`. */
export type Reader<out A> = (value: unknown) => Result.Result<A, string>

/** A reader by a function that gives `undefined` for what is not `wanted`, such as `"a text"`. */
export const reading = <A>(wanted: string, read: (value: unknown) => A | undefined): Reader<A> => (value) => {
  const found = read(value)
  return found === undefined ? Result.fail(`is ${describe(value)}, not ${wanted}`) : Result.succeed(found)
}

export const anything: Reader<unknown> = Result.succeed

export const text: Reader<string> = reading("a text", (value) => typeof value === "string" ? value : undefined)

/** A text, or several of which any will do. */
export const texts: Reader<ReadonlyArray<string>> = reading("a text or a list of texts", textsOf)

/** The same with at least one. */
export const references: Reader<readonly [string, ...Array<string>]> = reading(
  "a text or a list of texts with at least one",
  (value) => {
    const [first, ...rest] = textsOf(value) ?? []
    return first === undefined ? undefined : [first, ...rest]
  }
)

function textsOf(value: unknown): ReadonlyArray<string> | undefined {
  return typeof value === "string" ? [value] : isTexts(value) ? value : undefined
}

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((each) => typeof each === "string")
