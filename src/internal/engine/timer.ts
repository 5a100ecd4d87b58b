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
  /** Has the deadline expire so many milliseconds after the given time, unless it is dropped before. */
  readonly watch: (deadline: Deadline, from: number, millis: number) => void
  /** The same for a function. */
  readonly deadline: (from: number, millis: number, onExpire: () => void) => Deadline
}

/** A deadline, which is a member of its list itself: there is one for every call. */
export abstract class Deadline {
  list: List | undefined = undefined
  at = 0
  previous: Deadline | undefined = undefined
  next: Deadline | undefined = undefined

  abstract expire(): void

  /** After this it does not expire. */
  drop(): void {
    this.list?.remove(this)
  }
}

class FunctionDeadline extends Deadline {
  readonly expire: () => void

  constructor(onExpire: () => void) {
    super()
    this.expire = onExpire
  }
}

/** Deadlines of one length, the next to expire first. */
class List {
  first: Deadline | undefined = undefined
  last: Deadline | undefined = undefined
  watched = false

  append(deadline: Deadline, at: number): void {
    deadline.list = this
    deadline.at = at
    if (this.last === undefined) this.first = deadline
    else {
      this.last.next = deadline
      deadline.previous = this.last
    }
    this.last = deadline
  }

  remove(deadline: Deadline): void {
    const { next, previous } = deadline
    if (previous === undefined) this.first = next
    else previous.next = next
    if (next === undefined) this.last = previous
    else next.previous = previous
    deadline.list = undefined
    deadline.previous = undefined
    deadline.next = undefined
  }
}

/** The list of a deadline that has none of its own length: a fiber that sleeps for it alone. */
class Alone extends List {
  readonly interrupt: () => void

  constructor(interrupt: () => void) {
    super()
    this.interrupt = interrupt
  }

  override remove(deadline: Deadline): void {
    super.remove(deadline)
    this.interrupt()
  }
}

/** Lengths that have a list. What retries leave of a row's time is of any length; those get a fiber each. */
const maxLists = 32

/** A timer whose fibers live as long as the scope. */
export const make: Effect.Effect<Timer, never, Scope.Scope> = Effect.gen(function*() {
  const clock = yield* Clock.Clock
  const scope = yield* Effect.scope
  const context = yield* Effect.context<never>()
  const run = Effect.runForkWith(context)
  // The clock that spans are timed with, so that a run and the spans in it agree.
  const startMillis = Number(clock.currentTimeNanosUnsafe()) / 1e6
  const startNanos = Number(clock.monotonicTimeNanosUnsafe())
  // As numbers: they count from the start of the machine, so they are exact for a hundred days, and within 2 ns for years.
  const now = () => startMillis + (Number(clock.monotonicTimeNanosUnsafe()) - startNanos) / 1e6
  const lists = new Map<number, List>()

  const expire = (list: List): Effect.Effect<void> =>
    Effect.suspend(() => {
      const time = now()
      for (let deadline = list.first; deadline !== undefined && deadline.at <= time; deadline = list.first) {
        list.remove(deadline)
        deadline.expire()
      }
      if (list.first !== undefined) {
        return Effect.flatMap(Effect.sleep(Math.max(1, list.first.at - time)), () => expire(list))
      }
      list.watched = false
      return Effect.void
    })

  const alone = (deadline: Deadline, millis: number): void => {
    const fiber = run(Effect.andThen(
      Effect.sleep(millis),
      Effect.sync(() => {
        deadline.list = undefined
        deadline.expire()
      })
    ))
    deadline.list = new Alone(() => fiber.interruptUnsafe())
  }

  const watch: Timer["watch"] = (deadline, from, millis) => {
    if (millis === Number.POSITIVE_INFINITY) return
    let list = lists.get(millis)
    if (list === undefined) {
      if (lists.size >= maxLists) return alone(deadline, millis)
      list = new List()
      lists.set(millis, list)
    }
    list.append(deadline, from + millis)
    if (list.watched) return
    list.watched = true
    run(Effect.forkIn(expire(list), scope, { startImmediately: true }))
  }

  return {
    now,
    watch,
    deadline(from, millis, onExpire) {
      const deadline = new FunctionDeadline(onExpire)
      watch(deadline, from, millis)
      return deadline
    }
  }
})
