/** What somebody means who writes a name that is not there. */
import { distance } from "fastest-levenshtein"

/** Names of one word or two, however they are written. */
export const plain = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, "")

/** The one of these names that is meant, if another one looks as if it was. */
export const meantOf = (name: string, names: ReadonlyArray<string>): string | undefined => {
  const written = plain(name)
  if (written === "") return undefined
  const near = names.map((candidate) => ({ candidate, edits: distance(written, plain(candidate)) }))
    .filter(({ candidate, edits }) => edits === 0 || edits <= Math.min(2, candidate.length / 4))
  return near.sort((a, b) => a.edits - b.edits)[0]?.candidate
}
