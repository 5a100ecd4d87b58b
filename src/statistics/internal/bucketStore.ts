/**
 * Counters for whole-numbered buckets, at most so many in a row, counted down from the highest bucket there is. What
 * falls below goes into the lowest of them: where that is depends on the highest bucket alone, so the order in which
 * things are added or merged makes no difference.
 */
export class BucketStore {
  total = 0
  /** Numbers of this bucket and of all below it were counted together; `-Infinity` if none were. */
  sharedUpTo = -Infinity
  readonly #limit: number
  #counts = new Float64Array(0)
  #lowest = Infinity
  #highest = -Infinity

  constructor(limit: number) {
    this.#limit = limit
  }

  add(bucket: number, count: number): void {
    if (bucket < this.#lowest || bucket > this.#highest) this.#cover(bucket)
    this.#counts[Math.max(bucket, this.#lowest) - this.#lowest]! += count
    this.total += count
  }

  merge(other: BucketStore): void {
    if (other.total === 0) return
    // A store may be merged into itself, so what is read is fixed before anything is written.
    const counts = other.#counts.slice()
    const lowest = other.#lowest
    const shared = other.sharedUpTo
    this.#cover(other.#highest)
    for (let i = 0; i < counts.length; i++) {
      const count = counts[i]!
      if (count > 0) this.add(lowest + i, count)
    }
    // The other's shared bucket may have been added to one of this store that is not shared.
    if (shared >= this.#lowest) this.#share(shared)
  }

  /** The bucket of the value at an index of all of them sorted from low to high. */
  bucketAt(index: number): number {
    let before = 0
    for (let bucket = this.#lowest; bucket < this.#highest; bucket++) {
      before += this.#counts[bucket - this.#lowest]!
      if (before > index) return bucket
    }
    return this.#highest
  }

  #share(bucket: number): void {
    this.sharedUpTo = Math.max(this.sharedUpTo, bucket)
  }

  /** Moves the ends so that the bucket, or the one that it shares, is between them. */
  #cover(bucket: number): void {
    const highest = Math.max(this.#highest, bucket)
    const floor = highest - this.#limit + 1
    const wanted = Math.min(this.#lowest, bucket)
    const lowest = Math.max(floor, wanted)
    if (wanted < floor) this.#share(floor)
    if (lowest === this.#lowest && highest === this.#highest) return
    const counts = new Float64Array(highest - lowest + 1)
    for (let old = this.#lowest; old <= this.#highest; old++) {
      counts[Math.max(old, lowest) - lowest]! += this.#counts[old - this.#lowest]!
    }
    this.#counts = counts
    this.#lowest = lowest
    this.#highest = highest
  }
}
