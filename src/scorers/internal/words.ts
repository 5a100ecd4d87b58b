/** Numbers in comments. */

/** Such as `3 words`, `1 word`. */
export const counted = (count: number, one: string, many: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

/** At most four digits after the point, without zeros at the end. */
export const rounded = (value: number): string => String(Number(value.toFixed(4)))

/** Texts in quotes, cut to what fits into a line: at most so many. */
export const quoted = (texts: ReadonlyArray<string>, limit = 5): string => {
  const shown = texts.slice(0, limit).map((text) => JSON.stringify(cut(text))).join(", ")
  return texts.length > limit ? `${shown} and ${texts.length - limit} more` : shown
}

const longest = 60

export const cut = (text: string): string =>
  // Half of a surrogate pair is no character.
  text.length <= longest ? text : text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, "") + "…"
