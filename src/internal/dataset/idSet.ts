/**
 * Finds ids that occur twice in a stream of any length, without holding the ids themselves. What is kept of an id, 64 bits of
 * hash and the position where it came first, is appended to a list; a hash table with open addressing, at most 70 % full,
 * says where in the list to look. Only the table is made anew when it grows: 18 to 24 bytes for each id in all.
 *
 * Two different ids share a 64-bit hash once in 2^64 pairs: for ten million ids the chance of one false alarm in the
 * whole run is below 1 in 100,000.
 */
export interface IdSet {
  /** Adds an id; gives the position where it came first, if it is not new. Positions count from 0. */
  readonly add: (id: string, position: number) => number | undefined
}

const maxLoad = 0.7
const partBits = 12
const partMask = (1 << partBits) - 1

/** An empty set. */
export const make = (): IdSet => {
  let size = 0
  // The number of the entry plus one, so that 0 marks a free slot.
  let table = new Uint32Array(64)
  const parts: Array<Part> = []

  /** Where the entry with this hash is, or would be. */
  const slotOf = (high: number, low: number): number => {
    const mask = table.length - 1
    let slot = low & mask
    for (let entry = table[slot] ?? 0; entry !== 0; entry = table[slot] ?? 0) {
      const part = parts[(entry - 1) >>> partBits]
      const at = (entry - 1) & partMask
      if (part === undefined || (part.low[at] === low && part.high[at] === high)) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  const grow = () => {
    table = new Uint32Array(table.length * 2)
    const mask = table.length - 1
    for (let entry = 0; entry < size; entry++) {
      // All are different, so there is nothing to compare.
      let slot = (parts[entry >>> partBits]?.low[entry & partMask] ?? 0) & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = entry + 1
    }
  }

  return {
    add(id, position) {
      const [high, low] = hash64(id)
      let slot = slotOf(high, low)
      const known = table[slot] ?? 0
      if (known !== 0) return parts[(known - 1) >>> partBits]?.positions[(known - 1) & partMask]
      if (size + 1 > table.length * maxLoad) {
        grow()
        slot = slotOf(high, low)
      }
      let part = parts[size >>> partBits]
      if (part === undefined) {
        part = makePart()
        parts.push(part)
      }
      const at = size & partMask
      part.high[at] = high
      part.low[at] = low
      part.positions[at] = position
      size++
      table[slot] = size
      return undefined
    }
  }
}

interface Part {
  readonly high: Uint32Array
  readonly low: Uint32Array
  readonly positions: Uint32Array
}

const makePart = (): Part => ({
  high: new Uint32Array(1 << partBits),
  low: new Uint32Array(1 << partBits),
  positions: new Uint32Array(1 << partBits)
})

/** Two independent 32-bit lanes with a final avalanche, after MurmurHash3's mixing steps (public domain, A. Appleby). */
const hash64 = (text: string): [high: number, low: number] => {
  let a = 0xdeadbeef ^ text.length
  let b = 0x41c6ce57 ^ text.length
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x85ebca6b)
    a = (a << 13) | (a >>> 19)
    b = Math.imul(b ^ c, 0xc2b2ae35)
    b = (b << 15) | (b >>> 17)
  }
  const high = avalanche(a)
  return [high, avalanche((b + high) | 0)]
}

const avalanche = (value: number): number => {
  let h = value ^ (value >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
