/**
 * Options that nobody reads are refused: where no type check ran, in JavaScript or behind an `any`, a misspelt one would
 * otherwise be ignored without a word. Asked when something is made or begun, never for a row.
 */
import { meantOf, plain } from "./meantOf.ts"
import type { Problem } from "./schemaMessage.ts"

type KeysOf<Options> = Options extends unknown ? Exclude<keyof Options, symbol | number> : never

/** The names of options; the compiler sees that it is all of them, and no other. */
export const optionNames = <Options>(
  names: { readonly [Name in KeysOf<Options>]-?: true }
): ReadonlyArray<string> => Object.keys(names)

/** What other libraries call it. */
const elsewhere: { readonly [name: string]: string } = {
  dataset: "data",
  experimentprefix: "name",
  feedbackkey: "key",
  retries: "retry",
  maxretries: "retry",
  scorers: "evaluators",
  scores: "evaluators",
  task: "target"
}

/** The option that is meant by a name that is none, if one looks as if it was: misspelt, or with words before or after. */
const optionMeant = (name: string, names: ReadonlyArray<string>): string | undefined => {
  const written = plain(name)
  const other = elsewhere[written]
  return meantOf(name, names) ??
    (other !== undefined && names.includes(other) ? other : undefined) ??
    names.find((candidate) => candidate.length > 3 && written.includes(plain(candidate)))
}

const maxListed = 12

const advice = (name: string, names: ReadonlyArray<string>): string => {
  const meant = optionMeant(name, names)
  if (meant !== undefined) return `did you mean ${meant}?`
  return names.length > maxListed ? "" : names.length === 0 ? "there are none" : `there are ${names.join(", ")}`
}

/** The names that are no options; one that is `undefined` was left out by whoever wrote it. */
const unknownNames = (options: unknown, names: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (typeof options !== "object" || options === null) return []
  const prototype: unknown = Object.getPrototypeOf(options)
  // An object of a class has fields of its own, which are nobody's mistake.
  if (prototype !== Object.prototype && prototype !== null) return []
  return Object.entries(options).flatMap(([name, value]) => value === undefined || names.includes(name) ? [] : [name])
}

/** What is wrong with options that have names which nobody reads; `path` is where they stand, with its dot. */
export const unknownOptions = (options: unknown, names: ReadonlyArray<string>, path = ""): ReadonlyArray<Problem> =>
  unknownNames(options, names).map((name) => {
    const more = advice(name, names)
    return { path: `${path}${name}`, expected: more === "" ? "no such option" : `no such option (${more})` }
  })

/** Throws where options have names which nobody reads: the program is wrong. `of` is what was called, as it was written. */
export const refuseUnknown = (of: string, options: unknown, names: ReadonlyArray<string>): void => {
  const unknown = unknownNames(options, names)
  if (unknown.length === 0) return
  const sentences = unknown.map((name) => {
    const more = advice(name, names)
    return more === "" ? `the option ${name}` : `the option ${name} (${more})`
  })
  throw new TypeError(`${of} does not know ${sentences.join(", nor ")}.`)
}
