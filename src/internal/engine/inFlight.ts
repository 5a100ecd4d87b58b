/** The rows that are being worked on, for who asks what takes so long. */
import type * as Progress from "../../Progress.ts"
import { Bag } from "../values/bag.ts"

export interface Entry {
  slot: number
  readonly exampleId: string
  readonly repetition: number
  readonly startTime: number
  stage: Progress.InFlight["stage"]
}

export class InFlight {
  readonly #entries = new Bag<Entry>()

  enter(exampleId: string, repetition: number, startTime: number): Entry {
    const entry: Entry = { slot: 0, exampleId, repetition, startTime, stage: "waiting" }
    this.#entries.add(entry)
    return entry
  }

  leave(entry: Entry): void {
    this.#entries.delete(entry)
  }

  /** Longest first. */
  list(now: number): ReadonlyArray<Progress.InFlight> {
    return this.#entries.toArray().map(({ exampleId, repetition, stage, startTime }) => ({
      exampleId,
      repetition,
      stage,
      millis: now - startTime
    })).sort((a, b) => b.millis - a.millis)
  }
}
