/** HTML and SVG as text, in which every value is escaped. */

/** Text that is markup already. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What may stand in a template: texts and numbers are escaped, nothing is nothing, lists are one after another. */
export type Part = Markup | string | number | undefined | false | ReadonlyArray<Part>

/** A template whose values are escaped, for elements and for quoted attributes alike. */
export const html = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Markup =>
  new Markup(strings.reduce((text, string, i) => text + render(parts[i - 1]) + string))

export const render = (part: Part): string =>
  part === undefined || part === false ? "" : part instanceof Markup ? part.text : typeof part === "object"
    ? part.map(render).join("")
    : escape(visible(String(part)))

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

export const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? "")

/**
 * Characters that are not seen but do something (turn the reading direction, move the cursor) and halves of surrogate
 * pairs as their code points, such as `⟨U+202E⟩`. Joiners stay: scripts and emoji need them.
 */
export const visible = (text: string): string =>
  text.replace(
    unseen,
    (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`
  )

const unseen = /(?![\n\t\r\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}]/gu
