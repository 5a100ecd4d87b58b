/** Where the chance in bootstraps and permutation tests comes from. */

/**
 * xoshiro128** (D. Blackman and S. Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021; public domain): 128
 * bits of state, a period of 2^128 - 1, and nothing but 32-bit integers, so it gives the same numbers everywhere.
 */
export class Generator {
  #a: number
  #b: number
  #c: number
  #d: number

  /** Four 32-bit integers, not all of them 0. */
  constructor(state: readonly [number, number, number, number]) {
    const [a, b, c, d] = state
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }

  /** Fills the target with whole numbers from 0 to below the bound, all equally likely. A bound of 2^32 gives 32 random bits each. */
  draw(target: Uint32Array, bound: number): void {
    let a = this.#a
    let b = this.#b
    let c = this.#c
    let d = this.#d
    // The numbers fall into `bound` ranges of the same width; what is left over at the top is drawn again.
    const width = Math.floor(4294967296 / bound)
    const limit = width * bound
    for (let i = 0; i < target.length;) {
      const scrambled = Math.imul(b, 5)
      const drawn = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
      const shifted = b << 9
      c ^= a
      d ^= b
      b ^= c
      a ^= d
      c ^= shifted
      d = (d << 11) | (d >>> 21)
      // A typed array drops the fraction.
      if (drawn < limit) target[i++] = drawn / width
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }
}

export const seeded = (seed: number | string): Generator => {
  const next = splitMix(hash(String(seed)))
  return new Generator([next(), next(), next(), next()])
}

/** FNV-1a over the UTF-16 code units (G. Fowler, L. C. Noll and K.-P. Vo, 1991). */
const hash = (text: string): number => {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    state = Math.imul(state ^ (unit & 0xff), 0x01000193)
    state = Math.imul(state ^ (unit >>> 8), 0x01000193)
  }
  return state
}

/**
 * SplitMix (G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators", 2014) with 32 bits
 * and the finaliser of MurmurHash3: what the authors of xoshiro advise for filling its state. It gives no four zeros in
 * a row, the one state that is not allowed.
 */
const splitMix = (seed: number) => {
  let state = seed | 0
  return (): number => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return mixed ^ (mixed >>> 16)
  }
}
