/** The least number of edits between two texts or lists, 32 comparisons at once. */

/**
 * The Levenshtein distance of two texts, unit by unit. All units are below `alphabet`. Takes time with the length of
 * the longer one times the distance, and at most with the product of both, each over 32.
 */
export const textDistance = (a: string, b: string, alphabet: number): number => {
  if (a === b) return 0
  // What both begin and end with costs nothing, and answers that are nearly right share most of what they are.
  let start = 0
  let endA = a.length
  let endB = b.length
  while (start < endA && start < endB && a.charCodeAt(start) === b.charCodeAt(start)) start++
  while (endA > start && endB > start && a.charCodeAt(endA - 1) === b.charCodeAt(endB - 1)) {
    endA--
    endB--
  }
  if (start === endA || start === endB) return Math.max(endA, endB) - start
  // Bands of rows are along the shorter one, so that there are as few as can be.
  const [rows, endRows, columns, endColumns] = endA < endB ? [a, endA, b, endB] : [b, endB, a, endA]
  const work = spaceFor(endRows - start, endColumns - start, alphabet)
  for (let i = start; i < endRows; i++) work.rows[i - start] = rows.charCodeAt(i)
  for (let i = start; i < endColumns; i++) work.columns[i - start] = columns.charCodeAt(i)
  return distanceIn(work, endRows - start, endColumns - start)
}

/** The same of two lists. */
export const listDistance = <A>(a: ReadonlyArray<A>, b: ReadonlyArray<A>): number => {
  const [rows, columns] = a.length < b.length ? [a, b] : [b, a]
  const numbers = new Map<A, number>()
  for (const item of rows) if (!numbers.has(item)) numbers.set(item, numbers.size + 1)
  const work = spaceFor(rows.length, columns.length, numbers.size + 1)
  for (let i = 0; i < rows.length; i++) work.rows[i] = numbers.get(rows[i]!)!
  // What is not in the rows is 0, which is in none of them.
  for (let i = 0; i < columns.length; i++) work.columns[i] = numbers.get(columns[i]!) ?? 0
  return distanceIn(work, rows.length, columns.length)
}

interface Space {
  readonly rows: Int32Array
  readonly columns: Int32Array
  /** How much further it is to each column than to the one before it: 1, 0 or -1. */
  readonly steps: Int8Array
  /** In which rows of a band each symbol is, a bit for each; all 0 between two calls. */
  readonly places: Int32Array
}

const makeSpace = (length: number, alphabet: number): Space => ({
  rows: new Int32Array(length),
  columns: new Int32Array(length),
  steps: new Int8Array(length),
  places: new Int32Array(alphabet)
})

/** Up to these the space is kept: making it takes as long as comparing two sentences. */
const kept = { length: 4096, alphabet: 1024 }

let keptSpace: Space | undefined

const spaceFor = (rows: number, columns: number, alphabet: number): Space =>
  rows <= kept.length && columns <= kept.length && alphabet <= kept.alphabet
    ? keptSpace ??= makeSpace(kept.length, kept.alphabet)
    : makeSpace(Math.max(rows, columns), alphabet)

const bits = 32

/**
 * Looks close to the diagonal first (E. Ukkonen, "Algorithms for Approximate String Matching", 1985): a way of
 * `distance` edits strays from it by half of those at most, and what is found is never less than the distance.
 */
const distanceIn = (space: Space, height: number, width: number): number => {
  let strays = bits
  while (true) {
    const found = distanceNear(space, height, width, strays)
    const least = Math.ceil((found - (width - height)) / 2)
    if (least <= strays) return found
    strays = Math.min(strays * 4, least)
  }
}

/**
 * The distance if the shortest way strays from the diagonal by so many rows at most, or else the length of a longer way.
 *
 * The table of distances is computed in bands of 32 rows. Within a column of a band, neighbours differ by 1, 0 or -1, so
 * two words of 32 bits hold all of it (G. Myers, 1999; for bands below one another as in H. Hyyrö, "A Bit-Vector Algorithm
 * for Computing Levenshtein and Damerau Edit Distances", 2003). What goes from one band to the next are the differences
 * along its lowest row, one for each column. Where a band is not looked at, the way goes straight on.
 */
const distanceNear = (space: Space, height: number, width: number, strays: number): number => {
  const { places, rows, steps } = space
  steps.fill(1, 0, width)
  // What is left of the first column that is looked at.
  let distance = 0
  let first = 0
  for (let start = 0; start < height; start += bits) {
    const end = Math.min(start + bits, height)
    for (const from = start - strays; first < from; first++) distance += steps[first]!
    for (let i = start; i < end; i++) places[rows[i]!]! |= 1 << i
    walkBand(space, first, Math.min(width, end + width - height + strays), end - 1 - start)
    for (let i = start; i < end; i++) places[rows[i]!] = 0
    distance += end - start
  }
  for (let i = first; i < width; i++) distance += steps[i]!
  return distance
}

/** Takes `steps` from the row above a band to its lowest row, which is `last` rows below its first one. */
const walkBand = ({ columns, places, steps }: Space, from: number, to: number, last: number): void => {
  // The rows in which the distance is one more, and one less, than in the row above them.
  let more = -1
  let less = 0
  for (let i = from; i < to; i++) {
    const same = places[columns[i]!]!
    const step = steps[i]!
    const shorter = step >>> 31
    const start = same | shorter
    const level = (start & more) + more ^ more | start
    const wider = less | ~(level | more)
    const narrower = more & level
    steps[i] = (wider >>> last & 1) - (narrower >>> last & 1)
    const grown = wider << 1 | (step + 1 >>> 1)
    more = narrower << 1 | shorter | ~(same | less | grown)
    less = grown & (same | less)
  }
}
