/** Longest common subsequences. Indexing goes through `!`: the indexes are loop counters within the length. */

/** Equal tokens have equal numbers, which are faster to compare. */
const numbered = (a: ReadonlyArray<string>, b: ReadonlyArray<string>) => {
  const numbers = new Map<string, number>()
  const number = (token: string): number => {
    const known = numbers.get(token)
    if (known !== undefined) return known
    numbers.set(token, numbers.size)
    return numbers.size - 1
  }
  return [Int32Array.from(a, number), Int32Array.from(b, number)] as const
}

/** Its length, in O(n m) time and O(m) memory. */
export const commonSubsequenceLength = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): number => {
  const [first, second] = numbered(a, b)
  const lengths = new Int32Array(second.length + 1)
  for (const token of first) nextRow(token, second, lengths)
  return lengths[second.length]!
}

/** From the lengths for the tokens before this one to those with it. Tells of each step from which side it came. */
const nextRow = (
  token: number,
  second: Int32Array,
  lengths: Int32Array,
  fromLeft?: (place: number) => void
): void => {
  let diagonal = 0
  for (let j = 0; j < second.length; j++) {
    const above = lengths[j + 1]!
    const left = lengths[j]!
    if (token === second[j]!) lengths[j + 1] = diagonal + 1
    else if (left > above) {
      lengths[j + 1] = left
      fromLeft?.(j)
    }
    diagonal = above
  }
}

/**
 * One of the longest ones, as indexes into `a`. Where several are equally long, it is the one found by going back from the
 * ends and dropping the last token of `a` in a draw, as rouge-score does. Takes O(n m) time and n m bits.
 */
export const commonSubsequence = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): Array<number> => {
  const [first, second] = numbered(a, b)
  const width = second.length
  const lengths = new Int32Array(width + 1)
  const fromLeft = new Uint8Array(Math.ceil(first.length * width / 8))
  first.forEach((token, i) =>
    nextRow(token, second, lengths, (j) => {
      const bit = i * width + j
      fromLeft[Math.floor(bit / 8)]! |= 1 << (bit % 8)
    })
  )
  const indexes: Array<number> = []
  let i = first.length - 1
  let j = width - 1
  while (i >= 0 && j >= 0) {
    const bit = i * width + j
    if (first[i] === second[j]) {
      indexes.push(i)
      i--
      j--
    } else if ((fromLeft[Math.floor(bit / 8)]! >> (bit % 8)) & 1) j--
    else i--
  }
  return indexes.toReversed()
}
