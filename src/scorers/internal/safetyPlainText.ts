/** The plain form of a text, in which phrases cannot hide. */
import { isInvisible } from "./safetyInvisible.ts"

/** A text in plain letters, and for each of its UTF-16 units the place in the original. */
export interface Plain {
  readonly text: string
  readonly places: Int32Array
}

/**
 * Without invisible characters, compatibility forms (full-width, styled letters) replaced by plain ones, lower case,
 * and space of any kind and length as one space: the ways in which phrases are hidden.
 */
export const plainOf = (text: string): Plain => {
  let out = ""
  const places: Array<number> = []
  let at = 0
  let afterSpace = false
  for (const character of text) {
    const start = at
    at += character.length
    const code = character.codePointAt(0) ?? 0
    const plain: string = /\s/.test(character)
      ? (afterSpace ? "" : " ")
      : isInvisible(code)
      ? ""
      : (code < 0x80 ? character : character.normalize("NFKC")).toLowerCase()
    if (plain !== "") afterSpace = plain === " "
    out += plain
    for (let i = 0; i < plain.length; i++) places.push(start)
  }
  places.push(text.length)
  return { text: out, places: Int32Array.from(places) }
}
