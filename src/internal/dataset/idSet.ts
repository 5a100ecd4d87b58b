/**
 * Finds ids that occur twice in a stream of any length, without holding the ids themselves: a hash table with open
 * addressing, at most 70 % full, holds 64 bits of hash and the position where the id came first, 12 bytes in all.
 *
 * Two different ids share a 64-bit hash once in 2^64 pairs: for ten million ids the chance of one false alarm in the
 * whole run is below 1 in 100,000.
 */
export interface IdSet {
  /** Adds an id; gives the position where it came first, if it is not new. Positions count from 0. */
  readonly add: (id: string, position: number) => number | undefined
}

const maxLoad = 0.7

/** An empty set. */
export const make = (): IdSet => {
  let capacity = 64
  let size = 0
  let high = new Uint32Array(capacity)
  let low = new Uint32Array(capacity)
  // Position plus one, so that 0 marks a free slot.
  let positions = new Uint32Array(capacity)

  const slotOf = (h: number, l: number): number => {
    let slot = l & (capacity - 1)
    while (positions[slot] !== 0 && !(high[slot] === h && low[slot] === l)) slot = (slot + 1) & (capacity - 1)
    return slot
  }

  const grow = () => {
    const old = { high, low, positions }
    capacity *= 2
    high = new Uint32Array(capacity)
    low = new Uint32Array(capacity)
    positions = new Uint32Array(capacity)
    for (let i = 0; i < old.positions.length; i++) {
      const position = old.positions[i]
      if (position === undefined || position === 0) continue
      put(old.high[i] ?? 0, old.low[i] ?? 0, position)
    }
  }

  const put = (h: number, l: number, position: number) => {
    const slot = slotOf(h, l)
    high[slot] = h
    low[slot] = l
    positions[slot] = position
  }

  return {
    add(id, position) {
      const [h, l] = hash64(id)
      const found = positions[slotOf(h, l)]
      if (found !== undefined && found !== 0) return found - 1
      if (size + 1 > capacity * maxLoad) grow()
      put(h, l, position + 1)
      size++
      return undefined
    }
  }
}

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
