/** Where in a text JSON may be. Every function reads the text once. */

/** The contents of blocks between lines of three backticks; what follows the backticks on their line is the language. */
export const fencedBlocks = function*(text: string): Iterable<string> {
  let at = text.indexOf(fence)
  let line = -1
  while (at !== -1) {
    // The search goes on from where it got, or many fences in one long line would each look for its end.
    if (line < at) line = text.indexOf("\n", at)
    if (line === -1) return
    const next = text.indexOf(fence, at + fence.length)
    if (next === -1) return
    // Inline code is not a block: the line with the backticks has to end without more of them.
    if (next > line) yield text.slice(line + 1, next)
    at = text.indexOf(fence, next + fence.length)
  }
}

const fence = "```"

/** From where to where a pair of brackets reaches. */
export type Span = readonly [start: number, end: number]

/** Every pair of matching brackets, the longest first. */
export const bracketSpans = (text: string): ReadonlyArray<Span> =>
  scan(text).spans.sort(([startA, endA], [startB, endB]) => endB - startB - (endA - startA) || startA - startB)

/** Where the first bracket is that is never closed. */
export const unclosedStart = (text: string): number | undefined => scan(text).open[0]

const opening: { readonly [closing: number]: number } = { 0x5d: 0x5b, 0x7d: 0x7b }

const scan = (text: string): { readonly spans: Array<Span>; readonly open: ReadonlyArray<number> } => {
  const spans: Array<Span> = []
  const open: Array<number> = []
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (quoted) {
      if (code === 0x5c) i++
      // JSON has no line breaks in texts; without this, one quotation mark in prose would hide all that follows.
      else if (code === 0x22 || code === 0x0a) quoted = false
    } else if (code === 0x22) quoted = open.length > 0
    else if (code === 0x5b || code === 0x7b) open.push(i)
    else if (code === 0x5d || code === 0x7d) {
      const start = open.at(-1)
      if (start !== undefined && text.charCodeAt(start) === opening[code]) {
        open.pop()
        spans.push([start, i + 1])
      }
    }
  }
  return { spans, open }
}
