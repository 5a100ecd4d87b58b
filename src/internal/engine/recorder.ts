/**
 * Between the engine and one tracing client: a bounded buffer, and a fiber that writes it in batches. Rows wait for room
 * after they are in the buffer, so it holds at most as many more as are worked on.
 */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type * as Experiment from "../../Experiment.ts"
import type * as Row from "../../Row.ts"
import type * as TracingClient from "../../TracingClient.ts"
import { causeLine, errorOf } from "../values/causes.ts"
import { TracingError } from "./tracingError.ts"

export interface Recorder {
  /**
   * Takes a row. If the buffer is full now, it gives what to wait for before there are more rows: the row itself is taken
   * in any case, so that nobody who is interrupted while waiting loses it.
   */
  readonly add: (row: Row.Row) => Effect.Effect<void> | undefined
  /** Writes what is left and tells what could not be written. */
  readonly flush: Effect.Effect<ReadonlyArray<Failure>>
  /** Writes the end. */
  readonly end: (footer: Experiment.Footer) => Effect.Effect<ReadonlyArray<Failure>>
}

type Failure = Experiment.Footer["tracingFailures"][number]

/** A batch, and how many rows are in it. */
interface Filled {
  readonly batch: TracingClient.Batch
  rows: number
}

const defaultBatchSize = 100
const defaultBufferSize = 500
const defaultWriteTimeout = Duration.seconds(30)
const defaultFlushTimeout = Duration.seconds(60)
/** After so many writes in a row without an answer in time, nothing more is given to a client but the end. */
const maxTimeouts = 2
/** How many different messages are kept; the rows are counted in any case. */
const maxMessages = 10

/** Opens the client for an experiment. It never fails: a client that cannot be opened has failed to write every row. */
export const makeRecorder = Effect.fnUntraced(function*(
  client: TracingClient.Client,
  header: Experiment.Header
): Effect.fn.Return<Recorder, never, Scope.Scope> {
  const failures = new Map<string, number>()
  /** Counts rows that are not written, and gives what says so. */
  const lose = (given: number, cause: Cause.Cause<unknown>): Effect.Effect<void> => {
    const error = errorOf(cause)
    const rows = error instanceof TracingError && error.rows !== undefined ? error.rows : given
    const line = causeLine(cause)
    const message = failures.has(line) || failures.size < maxMessages ? line : "more failures of other kinds"
    const isNew = !failures.has(message)
    failures.set(message, (failures.get(message) ?? 0) + rows)
    return isNew ? Effect.logWarning(`Tracing to ${client.name} failed: ${line}`) : Effect.void
  }
  const fail = (rows: number) => (cause: Cause.Cause<unknown>) => Effect.suspend(() => lose(rows, cause))
  const takeFailures = Effect.sync(() => {
    const taken = Array.from(failures, ([message, rows]): Failure => ({ client: client.name, rows, message }))
    failures.clear()
    return taken
  })
  const timeout = Duration.fromInputUnsafe(client.writeTimeout ?? defaultWriteTimeout)
  const flushTimeout = Duration.fromInputUnsafe(client.flushTimeout ?? defaultFlushTimeout)
  const givenUp = Cause.fail(
    new Cause.TimeoutError(`given up after ${maxTimeouts} writes in a row without an answer`)
  )
  let timeoutsInRow = 0
  /** Client code, at most so long, even where the caller cannot be interrupted; whatever goes wrong is counted. */
  const guarded = <A, E, R>(
    call: () => Effect.Effect<A, E, R>,
    rows: number,
    duration: Duration.Duration = timeout
  ): Effect.Effect<A | undefined, never, R> => {
    let noAnswer: Cause.TimeoutError | undefined
    return Effect.interruptible(Effect.suspend(call)).pipe(
      Effect.timeoutOrElse({
        duration,
        orElse: () => {
          // Not before: an error takes longer to make than most writes take to give.
          noAnswer = new Cause.TimeoutError(`no answer within ${Duration.format(duration)}`)
          return Effect.fail(noAnswer)
        }
      }),
      Effect.matchCauseEffect({
        onSuccess: (value) => {
          timeoutsInRow = 0
          return Effect.succeed(value)
        },
        onFailure: (cause) => {
          timeoutsInRow = noAnswer !== undefined && Cause.squash(cause) === noAnswer ? timeoutsInRow + 1 : 0
          return Effect.as(fail(rows)(cause), undefined)
        }
      })
    )
  }

  const session = yield* guarded(() => client.open(header), 0)
  if (session === undefined) return lost(client, takeFailures)

  const newBatch = session.batch ?? (() => batchOf(session))
  const batchSize = client.batchSize ?? defaultBatchSize
  const bufferSize = client.bufferSize ?? defaultBufferSize
  const delayMillis = Duration.toMillis(Duration.fromInputUnsafe(client.batchDelay ?? Duration.zero))
  /**
   * What is to be written; the last one is being filled. In arrays that are let go of as a whole: a queue of linked parts
   * keeps what went through it as long as a part of it that is in V8's old generation is not collected.
   */
  const batches: Array<Filled> = []
  let waiting = 0
  let whenRoom: Array<() => void> = []
  const room = Effect.callback<void>((resume) => {
    whenRoom.push(() => resume(Effect.void))
  })
  let ended = false
  // In real time, whatever the `Clock`: clients write to servers and disks, which know nothing of a test's clock.
  let lastWrite = Number.NEGATIVE_INFINITY
  /** There while the writer waits for rows. */
  let gate: { readonly open: () => void; readonly openInTime: () => void } | undefined
  const due = Effect.callback<void>((resume) => {
    let timer: NodeJS.Timeout | undefined
    const open = () => {
      gate = undefined
      clearTimeout(timer)
      resume(Effect.void)
    }
    // Where rows come slowly, each is written as it comes.
    const openInTime = () => {
      timer = setTimeout(open, Math.max(0, lastWrite + delayMillis - performance.now()))
    }
    if (ended || waiting >= batchSize) return open()
    if (waiting > 0) openInTime()
    gate = { open, openInTime }
    return Effect.sync(() => clearTimeout(timer))
  })
  const write = ({ batch, rows }: Filled) =>
    timeoutsInRow < maxTimeouts ? guarded(() => batch.write, rows) : fail(rows)(givenUp)
  const writeNext = Effect.suspend(() => {
    const next = batches.shift()
    if (next === undefined) return Effect.void
    return Effect.map(write(next), () => {
      lastWrite = performance.now()
      waiting -= next.rows
      if (waiting > bufferSize) return
      const awaiting = whenRoom
      whenRoom = []
      for (const resume of awaiting) resume()
    })
  })
  const writer = yield* Effect.whileLoop({
    while: () => !ended || batches.length > 0,
    body: () => Effect.andThen(due, writeNext),
    step: () => {}
  }).pipe(Effect.ignoreCause, Effect.forkScoped)
  const giveUp = Effect.suspend(() =>
    fail(waiting)(Cause.fail(new Cause.TimeoutError(`not written within ${Duration.format(flushTimeout)} of the end`)))
  )
  return {
    add(row) {
      try {
        const last = batches.at(-1)
        const filled = last !== undefined && last.rows < batchSize ? last : { batch: newBatch(), rows: 0 }
        filled.batch.add(row)
        if (filled.rows++ === 0) batches.push(filled)
      } catch (error) {
        return lose(1, Cause.die(error))
      }
      waiting++
      if (waiting === batchSize) gate?.open()
      else if (waiting === 1) gate?.openInTime()
      return waiting > bufferSize ? room : undefined
    },
    flush: Effect.sync(() => {
      ended = true
      gate?.open()
    }).pipe(
      Effect.andThen(Effect.interruptible(Fiber.await(writer))),
      Effect.timeoutOrElse({ duration: flushTimeout, orElse: () => Effect.andThen(Fiber.interrupt(writer), giveUp) }),
      Effect.andThen(Effect.suspend(() => {
        const { flush } = session
        return flush === undefined ? Effect.void : guarded(() => flush, 0, flushTimeout)
      })),
      Effect.andThen(takeFailures)
    ),
    end: (footer) => Effect.andThen(guarded(() => session.end(footer), 0), takeFailures)
  }
})

/** For clients that take rows as they are. */
const batchOf = (session: TracingClient.Session): TracingClient.Batch => {
  const rows: Array<Row.Row> = []
  return { add: (row) => void rows.push(row), write: Effect.suspend(() => session.record(rows)) }
}

/** Stands for a client that could not be opened: it counts the rows. */
const lost = (client: TracingClient.Client, openFailures: Effect.Effect<ReadonlyArray<Failure>>): Recorder => {
  let rows = 0
  return {
    add() {
      rows++
      return undefined
    },
    flush: Effect.map(
      openFailures,
      (failures) => failures.map((failure) => ({ ...failure, client: client.name, rows }))
    ),
    end: () => Effect.succeed([])
  }
}
