/** What detectors find in a text. */
import { type Plain, plainOf } from "./safetyPlainText.ts"

/** A place in a text, from `start` (the first UTF-16 unit) to before `end`. */
export interface Place {
  readonly kind: string
  readonly start: number
  readonly end: number
}

/**
 * Finds the places of one kind. Its time has to be linear in the length of the text. The plain form of the text is made
 * when the first detector asks for it.
 */
export type Detector = (
  text: string,
  plain: () => Plain
) => Iterable<{ readonly start: number; readonly end: number }>

/** A detector from a regular expression without catastrophic backtracking; it has the flag `g`. */
export const byPattern = (pattern: RegExp, accept: (match: string) => boolean = () => true): Detector =>
  function*(text) {
    for (const match of text.matchAll(pattern)) {
      if (accept(match[0])) yield { start: match.index, end: match.index + match[0].length }
    }
  }

/** What all detectors find, by place; what lies within a longer find is left out. */
export const detectAll = (
  text: string,
  detectors: { readonly [kind: string]: Detector },
  kinds: ReadonlyArray<string>
): ReadonlyArray<Place> => {
  const found: Array<Place> = []
  let made: Plain | undefined
  const plain = () => made ??= plainOf(text)
  for (const kind of kinds) {
    const detect = Object.hasOwn(detectors, kind) ? detectors[kind] : undefined
    if (detect !== undefined) { for (const { end, start } of detect(text, plain)) found.push({ kind, start, end }) }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end)
  let reached = -1
  return found.filter(({ end }) => {
    if (end <= reached) return false
    reached = end
    return true
  })
}

/** The first two characters and how many there are: enough to find it, too little to use it. */
export const redact = (found: string): string => {
  const characters = Array.from(found)
  return characters.length <= 4
    ? `${"*".repeat(characters.length)} (${characters.length} characters)`
    : `${characters.slice(0, 2).join("")}… (${characters.length.toLocaleString("en-US")} characters)`
}
