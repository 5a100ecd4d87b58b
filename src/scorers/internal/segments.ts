/** Graphemes and words. The locale is fixed, so that scores do not depend on the machine. */

// No two characters before the first combining one belong to one grapheme, but a carriage return and a line feed.
const mayCombine = /[\u0300-\uffff]/

let graphemeSegmenter: Intl.Segmenter | undefined
let wordSegmenter: Intl.Segmenter | undefined

// Made once, when first needed: making one takes longer than reading most texts. They have no state to share.
const graphemesOf = (text: string) => (graphemeSegmenter ??= new Intl.Segmenter("en")).segment(text)
const wordsOf = (text: string) => (wordSegmenter ??= new Intl.Segmenter("en", { granularity: "word" })).segment(text)

/** Whether each UTF-16 unit of the text is a grapheme. */
export const isSimple = (text: string): boolean => !mayCombine.test(text) && !text.includes("\r")

export const graphemes = (text: string): Array<string> =>
  isSimple(text) ? text.split("") : Array.from(graphemesOf(text), ({ segment }) => segment)

export const graphemeCount = (text: string): number => {
  if (isSimple(text)) return text.length
  let count = 0
  for (const _ of graphemesOf(text)) count++
  return count
}

export const wordCount = (text: string): number => {
  let count = 0
  for (const { isWordLike } of wordsOf(text)) if (isWordLike === true) count++
  return count
}
