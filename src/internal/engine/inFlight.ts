/** The rows that are being worked on, for who asks what takes so long. */
import type * as Progress from "../../Progress.ts"
import { Bag } from "../values/bag.ts"

export interface Entry {
  slot: number
  readonly planned: { readonly example: { readonly id: string }; readonly repetition: number }
  readonly startTime: number
  readonly stage: Progress.InFlight["stage"]
}

export class InFlight {
  readonly #entries = new Bag<Entry>()

  enter(entry: Entry): void {
    this.#entries.add(entry)
  }

  leave(entry: Entry): void {
    this.#entries.delete(entry)
  }

  /** Longest first. */
  list(now: number): ReadonlyArray<Progress.InFlight> {
    return this.#entries.toArray().map(({ planned: { example, repetition }, stage, startTime }) => ({
      exampleId: example.id,
      repetition,
      stage,
      millis: now - startTime
    })).sort((a, b) => b.millis - a.millis)
  }
}
