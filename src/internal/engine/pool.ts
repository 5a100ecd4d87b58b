/**
 * The kernel: works on the elements of a stream, so many at once, and emits what comes of them.
 *
 * It has one fiber that pulls the source. Work is begun by a plain call and tells by a plain call how it ended, so that an
 * element costs no fiber but those that the work itself needs; `Stream.mapEffect` has a fiber and two queue hops for each.
 * No more than a window of elements is begun ahead of what the consumer has taken, and the event loop turns between
 * batches, so timers and signals are served however fast the elements are.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { AsyncLocalStorage } from "node:async_hooks"
import { Bag } from "../values/bag.ts"
import type { Interruptible } from "./attempts.ts"

export interface Options {
  /** How many elements are worked on at once, not counting those that have given their place back. */
  readonly places: number
  /** How many elements there may be at work in all, at least `places`. */
  readonly workers: number
  /** Emit in input order instead of as they finish. */
  readonly ordered: boolean
  /** How many elements may be begun and not yet taken, at least `workers`. */
  readonly window: number
}

/** What work tells the pool. */
export interface Task<B, E> {
  /** What is at work; to be set anew when the work goes over to something else. */
  current: Interruptible | undefined
  /** The work needs its place no longer: the next element may begin. */
  leave(): void
  /** The work is done. */
  done(value: B): void
  /** The work has failed, and with it everything. */
  fail(cause: Cause.Cause<E>): void
}

/** Begins the work on an element. */
export type Begin<A, B, E> = (element: A, index: number, task: Task<B, E>) => void

/** Where finished elements wait for the consumer. */
interface Output<B> {
  /** Gives whether something can be emitted now. */
  readonly put: (index: number, value: B) => boolean
  /** Whatever can be emitted now. */
  readonly drain: () => Array<B>
}

const unorderedOutput = <B>(): Output<B> => {
  let finished: Array<B> = []
  return {
    put: (_index, value) => finished.push(value) > 0,
    drain() {
      const batch = finished
      finished = []
      return batch
    }
  }
}

/** A ring of `window` slots: element `i` waits in slot `i % window` until all before it are there. */
const orderedOutput = <B>(window: number): Output<B> => {
  const slots: Array<{ readonly value: B } | undefined> = new Array(window).fill(undefined)
  let next = 0
  return {
    put(index, value) {
      slots[index % window] = { value }
      return index === next
    },
    drain() {
      const batch: Array<B> = []
      for (let slot = slots[next % window]; slot !== undefined; slot = slots[next % window]) {
        batch.push(slot.value)
        slots[next % window] = undefined
        next++
      }
      return batch
    }
  }
}

/** The work on one element. */
class Work<A, B, E> implements Task<B, E> {
  readonly pool: Pool<A, B, E>
  readonly index: number
  current: Interruptible | undefined = undefined
  hasPlace = true
  slot = 0

  constructor(pool: Pool<A, B, E>, index: number) {
    this.pool = pool
    this.index = index
  }

  leave(): void {
    if (!this.hasPlace) return
    this.hasPlace = false
    this.pool.free++
    this.pool.pumpInContext()
  }

  done(value: B): void {
    this.end()
    if (this.pool.output.put(this.index, value)) this.pool.wake("wakeConsumer")
    this.pool.pumpInContext()
  }

  fail(cause: Cause.Cause<E>): void {
    this.end()
    this.pool.failure ??= cause
    this.pool.stopped = true
    this.pool.wake("wakeConsumer")
    this.pool.wake("wakeSource")
  }

  end(): void {
    this.pool.tasks.delete(this)
    if (this.hasPlace) this.pool.free++
    this.hasPlace = false
  }
}

/** What the pool has to do with, and what is at work. */
class Pool<A, B, E> {
  readonly begin: Begin<A, B, E>
  readonly output: Output<B>
  readonly workers: number
  readonly window: number
  readonly tasks = new Bag<Work<A, B, E>>()
  /** Work is begun in the surroundings of the pool, not in those of whatever work has ended just before. */
  readonly inContext = AsyncLocalStorage.snapshot()
  chunk: ReadonlyArray<A> = []
  position = 0
  free: number
  started = 0
  taken = 0
  ended = false
  failure: Cause.Cause<E> | undefined = undefined
  stopped = false
  pumping = false
  wakeSource: (() => void) | undefined = undefined
  wakeConsumer: (() => void) | undefined = undefined

  constructor(begin: Begin<A, B, E>, options: Options) {
    this.begin = begin
    this.workers = Math.max(options.places, options.workers)
    this.window = Math.max(this.workers, options.window)
    this.output = options.ordered ? orderedOutput(this.window) : unorderedOutput()
    this.free = options.places
  }

  get exhausted(): boolean {
    return this.position >= this.chunk.length
  }

  get canBegin(): boolean {
    return this.free > 0 && !this.exhausted && this.tasks.size < this.workers &&
      this.started - this.taken < this.window && !this.stopped
  }

  /** Begins what can be begun; asks for more when there is nothing left to begin. */
  pump(): void {
    // Work that ends at once calls back in here; it is the call below that goes on.
    if (this.pumping) return
    this.pumping = true
    while (this.canBegin) this.beginNext()
    this.pumping = false
    if (this.exhausted) this.wake("wakeSource")
  }

  /** The same for whoever calls back from somewhere else. */
  pumpInContext(): void {
    if (!this.pumping && (this.canBegin || this.exhausted)) this.inContext(pump, this)
  }

  beginNext(): void {
    const index = this.started++
    const element = this.chunk[this.position++] as A
    this.free--
    const work = new Work(this, index)
    this.tasks.add(work)
    try {
      this.begin(element, index, work)
    } catch (error) {
      work.fail(Cause.die(error))
    }
  }

  wake(who: "wakeSource" | "wakeConsumer"): void {
    const wake = this[who]
    this[who] = undefined
    wake?.()
  }

  /** Waits to be woken. */
  wait(who: "wakeSource" | "wakeConsumer"): Effect.Effect<void> {
    return Effect.callback((resume) => {
      this[who] = () => resume(Effect.void)
    })
  }

  /** Interrupts all that is at work and waits for it. */
  readonly interruptAll: Effect.Effect<void> = Effect.suspend(() => {
    this.stopped = true
    return Effect.forEach(this.tasks.toArray(), ({ current }) => current?.interrupt() ?? Effect.void, {
      concurrency: "unbounded",
      discard: true
    })
  })
}

/** Instant work leaves the event loop no turn of its own; after so many elements, timers and signals get theirs. */
const rowsPerTurn = 500

const pump = (pool: { pump(): void }): void => pool.pump()

/** Calls a part of the work. Should it throw, everything fails; what is thrown must not get lost in whoever calls back. */
export const guard = <B, E>(task: Task<B, E>, part: () => void): void => {
  try {
    part()
  } catch (error) {
    task.fail(Cause.die(error))
  }
}

/**
 * The stream of what comes of the elements. A failure of the work stops everything at once; when the source fails, what
 * was begun is finished and emitted before the failure. When the stream ends early, what is at work is interrupted.
 */
export const mapPool = <A, E, R, B, E2>(
  self: Stream.Stream<A, E, R>,
  begin: Begin<A, B, E2>,
  options: Options
): Stream.Stream<B, E | E2, R> =>
  Stream.transformPullBracket(self, (pull, _scope, forkedScope) =>
    Effect.gen(function*() {
      const pool = new Pool<A, B, E2>(begin, options)

      const end = (failure: Cause.Cause<E> | undefined) => {
        pool.ended = true
        // The failure of the source comes after what was begun before it.
        if (failure !== undefined) sourceFailure = failure
        pool.wake("wakeConsumer")
        return Effect.void
      }
      let sourceFailure: Cause.Cause<E> | undefined
      let sinceTurn = 0
      const pullAll: Effect.Effect<void, never, R> = Effect.whileLoop({
        while: () => !pool.ended && !pool.stopped,
        body: () =>
          pool.exhausted
            ? Pull.matchEffect(pull, {
              onSuccess(elements) {
                pool.chunk = elements
                pool.position = 0
                pool.pump()
                return Effect.void
              },
              onFailure: end,
              onDone: () => end(undefined)
            })
            : pool.wait("wakeSource"),
        step: () => {}
      })

      const emit: Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E | E2> = Effect.suspend(() => {
        const batch = pool.output.drain()
        if (Arr.isArrayNonEmpty(batch)) {
          pool.taken += batch.length
          pool.pump()
          sinceTurn += batch.length
          if (sinceTurn < rowsPerTurn) return Effect.succeed(batch)
          sinceTurn = 0
          return Effect.as(Effect.yieldNow, batch)
        }
        if (pool.failure !== undefined) return Effect.failCause(pool.failure)
        if (pool.ended && pool.tasks.size === 0 && pool.exhausted) {
          return sourceFailure === undefined ? Cause.done() : Effect.failCause(sourceFailure)
        }
        return Effect.flatMap(
          pool.wait("wakeConsumer"),
          // Whatever finishes in this turn of the event loop joins the batch.
          () => Effect.flatMap(Effect.yieldNow, () => emit)
        )
      })

      yield* Effect.addFinalizer(() => pool.interruptAll).pipe(Effect.provideService(Scope.Scope, forkedScope))
      yield* Effect.forkIn(pullAll, forkedScope)
      return emit
    }))
