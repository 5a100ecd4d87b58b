/** Where a text marks its answer. Every function reads the text a fixed number of times. */

/** A part of a text. */
export interface Span {
  readonly index: number
  readonly text: string
}

/** What stands after the last `####`, else in the last box, else after the last "answer is" or "answer:". */
export const answerSpan = (text: string): Span | undefined =>
  afterLast(text, "####") ?? boxSpan(text) ?? afterPhrase(text)

const afterLast = (text: string, mark: string): Span | undefined => {
  const at = text.lastIndexOf(mark)
  return at === -1 ? undefined : { index: at + mark.length, text: text.slice(at + mark.length) }
}

const afterPhrase = (text: string): Span | undefined => {
  let last: RegExpExecArray | undefined
  for (const match of text.matchAll(/\banswer(?:\s{0,3}\*{0,3}:\*{0,3}|\s{1,3}is\b:?)/gi)) last = match
  return last === undefined
    ? undefined
    : { index: last.index + last[0].length, text: text.slice(last.index + last[0].length) }
}

/** What is in the last box, unless it is not closed. */
export const boxSpan = (text: string): Span | undefined => {
  const at = Math.max(text.lastIndexOf("\\boxed{"), text.lastIndexOf("\\fbox{"))
  if (at === -1) return undefined
  const start = text.indexOf("{", at) + 1
  let depth = 1
  for (let i = start; i < text.length; i++) {
    const character = text.charAt(i)
    // An escaped brace is a sign in the text, not a bracket.
    if (character === "\\") i++
    else if (character === "{") depth++
    else if (character === "}" && --depth === 0) return { index: start, text: text.slice(start, i) }
  }
  return undefined
}
