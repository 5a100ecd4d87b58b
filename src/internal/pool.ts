/**
 * Runs an effect for every element of a stream with a fixed number of long-lived fibers over one shared pull, in place of
 * a fiber and two queue hops for every element as `Stream.mapEffect` has it. It starts no more than a window of elements
 * ahead of what the consumer has taken, and lets the event loop turn between batches, so timers and signals are served
 * however fast the elements are.
 */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"

export interface Options {
  /** How many elements are worked on at once, not counting those that have given their place back. */
  readonly places: number
  /** How many elements there may be at work in all, at least `places`. */
  readonly workers: number
  /** Emit in input order instead of as they finish. */
  readonly ordered: boolean
  /** How many elements may be started and not yet taken, at least `workers`. */
  readonly window: number
}

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

/**
 * The stream of what `f` makes of the elements. A failure of `f` stops everything at once; when the source fails, what
 * was begun is finished and emitted before the failure. With `leave`, `f` may say before its end that it needs its place
 * no longer, so that the next element begins.
 */
export const mapPool = <A, E, R, B, E2, R2>(
  self: Stream.Stream<A, E, R>,
  f: (element: A, index: number, leave: () => void) => Effect.Effect<B, E2, R2>,
  options: Options
): Stream.Stream<B, E | E2, R | R2> =>
  Stream.transformPullBracket(self, (pull, _scope, forkedScope) => {
    const workers = Math.max(options.places, options.workers)
    const window = Math.max(workers, options.window)
    const output: Output<B> = options.ordered ? orderedOutput(window) : unorderedOutput()
    let chunk: ReadonlyArray<A> = []
    let position = 0
    let source: "open" | "pulling" | "ended" = "open"
    let sourceFailure: Cause.Cause<E> | undefined
    let free = options.places
    let started = 0
    let taken = 0
    const idle: Array<() => void> = []
    let consumer: (() => void) | undefined
    let exit: Exit.Exit<void, E2> | undefined

    const wakeWorkers = (count: number) => {
      for (let i = 0; i < count; i++) idle.pop()?.()
    }
    const wakeConsumer = () => {
      const wake = consumer
      consumer = undefined
      wake?.()
    }
    const end = (failure: Cause.Cause<E> | undefined) => {
      source = "ended"
      sourceFailure = failure
      wakeWorkers(idle.length)
      return Effect.void
    }

    const pullMore: Effect.Effect<void, never, R> = Pull.matchEffect(pull, {
      onSuccess(elements) {
        chunk = elements
        position = 0
        source = "open"
        wakeWorkers(elements.length - 1)
        return Effect.void
      },
      onFailure: end,
      onDone: () => end(undefined)
    })
    const rest = Effect.callback<void>((resume) => {
      idle.push(() => resume(Effect.void))
    })

    const step = (): Effect.Effect<void, E2, R | R2> => {
      if (free > 0 && position < chunk.length && started - taken < window) {
        const index = started++
        const element = chunk[position++] as A
        let inside = true
        free--
        const leave = () => {
          inside = false
          free++
          wakeWorkers(1)
        }
        return Effect.map(f(element, index, leave), (value) => {
          if (inside) free++
          if (output.put(index, value)) wakeConsumer()
        })
      }
      if (position >= chunk.length && source === "open") {
        source = "pulling"
        return pullMore
      }
      return rest
    }
    const worker: Effect.Effect<void, E2, R | R2> = Effect.whileLoop({
      while: () => position < chunk.length || source !== "ended",
      body: step,
      step: () => {}
    })

    const finish = (result: Exit.Exit<void, E2>): Pull.Pull<never, E | E2> => {
      if (Exit.isFailure(result)) return Effect.failCause(result.cause)
      return sourceFailure === undefined ? Cause.done() : Effect.failCause(sourceFailure)
    }
    const emit: Pull.Pull<Arr.NonEmptyReadonlyArray<B>, E | E2> = Effect.suspend(() => {
      const batch = output.drain()
      if (Arr.isArrayNonEmpty(batch)) {
        taken += batch.length
        wakeWorkers(batch.length)
        return Effect.succeed(batch)
      }
      if (exit !== undefined) return finish(exit)
      return Effect.flatMap(
        Effect.callback<void>((resume) => {
          consumer = () => resume(Effect.void)
        }),
        // Whatever finishes in this turn of the event loop joins the batch.
        () => Effect.flatMap(Effect.yieldNow, () => emit)
      )
    })

    return Effect.forEach(Arr.makeBy(workers, () => worker), (worker) => worker, {
      concurrency: "unbounded",
      discard: true
    }).pipe(
      Effect.onExit((result) =>
        Effect.sync(() => {
          exit = result
          wakeConsumer()
        })
      ),
      Effect.forkIn(forkedScope),
      Effect.as(emit)
    )
  })
