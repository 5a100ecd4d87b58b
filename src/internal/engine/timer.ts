/**
 * The time, and deadlines that cost next to nothing while nobody misses them.
 *
 * A timer for every call would be set and cleared for every call. Here all deadlines of one length stand in one list, in
 * order of expiry because they are of one length, and one sleeping fiber a list wakes for the first of them. It sleeps on
 * Effect's `Clock`, so a `TestClock` moves it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

export interface Timer {
  /** Milliseconds since 1970, with fractions; never goes back. */
  readonly now: () => number
  /** Calls `onExpire` so many milliseconds after the given time, unless the deadline is dropped before. */
  readonly deadline: (from: number, millis: number, onExpire: () => void) => Deadline
}

export interface Deadline {
  readonly drop: () => void
}

/** A deadline in a list. Dropping one that is out of the list does nothing. */
class Entry implements Deadline {
  readonly list: List
  readonly at: number
  readonly onExpire: () => void
  previous: Entry | undefined = undefined
  next: Entry | undefined = undefined

  constructor(list: List, at: number, onExpire: () => void) {
    this.list = list
    this.at = at
    this.onExpire = onExpire
  }

  drop(): void {
    const { list } = this
    if (this.previous === undefined && list.first !== this) return
    if (this.previous === undefined) list.first = this.next
    else this.previous.next = this.next
    if (this.next === undefined) list.last = this.previous
    else this.next.previous = this.previous
    this.previous = undefined
    this.next = undefined
  }
}

/** Deadlines of one length, the next to expire first. */
class List {
  first: Entry | undefined = undefined
  last: Entry | undefined = undefined
  watched = false

  append(at: number, onExpire: () => void): Entry {
    const entry = new Entry(this, at, onExpire)
    if (this.last === undefined) this.first = entry
    else {
      this.last.next = entry
      entry.previous = this.last
    }
    this.last = entry
    return entry
  }
}

/** Lengths that have a list. What retries leave of a row's time is of any length; those get a fiber each. */
const maxLists = 32

const never: Deadline = { drop: () => {} }

/** A timer whose fibers live as long as the scope. */
export const make: Effect.Effect<Timer, never, Scope.Scope> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const scope = yield* Effect.scope
  const context = yield* Effect.context<never>()
  const run = Effect.runForkWith(context)
  // The clock that spans are timed with, so that a run and the spans in it agree.
  const startMillis = Number(clock.currentTimeNanosUnsafe()) / 1e6
  const startNanos = clock.monotonicTimeNanosUnsafe()
  const now = () => startMillis + Number(clock.monotonicTimeNanosUnsafe() - startNanos) / 1e6
  const lists = new Map<number, List>()

  const watch = (list: List): Effect.Effect<void> =>
    Effect.suspend(() => {
      const time = now()
      for (let entry = list.first; entry !== undefined && entry.at <= time; entry = list.first) {
        entry.drop()
        entry.onExpire()
      }
      if (list.first !== undefined) {
        return Effect.flatMap(Effect.sleep(Math.max(1, list.first.at - time)), () => watch(list))
      }
      list.watched = false
      return Effect.void
    })

  const alone = (millis: number, onExpire: () => void): Deadline => {
    const fiber = run(Effect.andThen(Effect.sleep(millis), Effect.sync(onExpire)))
    return { drop: () => fiber.interruptUnsafe() }
  }

  return {
    now,
    deadline(from, millis, onExpire) {
      if (millis === Number.POSITIVE_INFINITY) return never
      let list = lists.get(millis)
      if (list === undefined) {
        if (lists.size >= maxLists) return alone(millis, onExpire)
        list = new List()
        lists.set(millis, list)
      }
      const entry = list.append(from + millis, onExpire)
      if (!list.watched) {
        list.watched = true
        run(Effect.forkIn(watch(list), scope, { startImmediately: true }))
      }
      return entry
    }
  }
})
