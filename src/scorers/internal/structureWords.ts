/** Words and numbers in the comments of scorers. */

/** Such as `1 call`, `3 calls`. */
export const countOf = (count: number, one: string, many: string = `${one}s`): string =>
  `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`

/** At most four digits after the point. */
export const roundedTo4 = (value: number): string => String(Number(value.toFixed(4)))

/** The first few, and how many more there are; `none` if there are none. */
export const listOf = (items: ReadonlyArray<string>, limit = 5): string => {
  if (items.length === 0) return "none"
  const shown = items.slice(0, limit).join(", ")
  return items.length > limit ? `${shown} and ${items.length - limit} more` : shown
}
