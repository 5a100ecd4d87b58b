/**
 * Places for so many at once, first come first served. Unlike a semaphore it can be tried without suspending, and the
 * number of places can change while it is in use.
 */
import * as Effect from "effect/Effect"

export class Places {
  limit: number
  active = 0
  /** The most that were in use at once since somebody last looked. */
  peak = 0
  readonly #waiting = new Set<() => void>()

  constructor(limit: number) {
    this.limit = limit
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Takes a place if one is free. */
  tryEnter(): boolean {
    if (this.active >= this.limit || this.#waiting.size > 0) return false
    this.#take()
    return true
  }

  /** Takes a place, waiting for one if need be. */
  readonly enter: Effect.Effect<void> = Effect.callback<void>((resume) => {
    if (this.tryEnter()) return resume(Effect.void)
    const admit = () => resume(Effect.void)
    this.#waiting.add(admit)
    return Effect.sync(() => {
      this.#waiting.delete(admit)
    })
  })

  /** Gives a place back. */
  leave(): void {
    this.active--
    this.#admit()
  }

  /** Changes the number of places. Who is inside stays inside. */
  resize(limit: number): void {
    this.limit = limit
    this.#admit()
  }

  #take(): void {
    this.active++
    if (this.active > this.peak) this.peak = this.active
  }

  #admit(): void {
    if (this.#waiting.size === 0) return
    for (const admit of this.#waiting) {
      if (this.active >= this.limit) return
      this.#waiting.delete(admit)
      this.#take()
      admit()
    }
  }
}
