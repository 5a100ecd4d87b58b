/** The one run that the tests of a suite share: it begins with the first test, and each test waits for its own rows. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Evaluation from "../../Evaluation.ts"
import type * as Evaluator from "../../Evaluator.ts"
import { byExample, type Experiment, type Header } from "../../Experiment.ts"
import { causeLine, errorOf } from "../../internal/values/causes.ts"
import type * as Row from "../../Row.ts"
import type * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import { type Client, TracingClient } from "../../TracingClient.ts"

/** An evaluation whose types have done their work. */
export type AnyEvaluation<R> = Evaluation.Evaluation<unknown, unknown, unknown, unknown, unknown, unknown, R>

/** Options whose types have done their work. */
export interface AnyOptions<R> extends
  Omit<
    Evaluation.Options<
      unknown,
      unknown,
      unknown,
      unknown,
      unknown,
      ReadonlyArray<Evaluator.Input<unknown, unknown, unknown, unknown>>,
      ReadonlyArray<SummaryEvaluator.Input<unknown, unknown, unknown, unknown>>,
      R
    >,
    "resume"
  >
{
  readonly resume?: Evaluation.Resume<unknown> | Effect.Effect<Evaluation.Resume<unknown>, unknown, R> | undefined
}

/** The run ended before it came to what a test waits for. */
export class RunEnded extends Error {
  override readonly name = "RunEnded"
}

export interface SuiteRun<R> {
  readonly begun: () => boolean
  /** Begins to run these examples. */
  readonly start: (services: Effect.Effect<Context.Context<R>, unknown>, picked: Picked<R>) => void
  /** The rows of an example, one for each repetition, in their order. */
  readonly rows: (exampleId: string) => Effect.Effect<ReadonlyArray<Row.Row>, RunEnded>
  /** The experiment, when the run has ended; however it ended, so that it has a status. */
  readonly experiment: Effect.Effect<Experiment, RunEnded>
  /** The services of the run, for whatever is asked about it afterwards. */
  readonly services: Effect.Effect<Context.Context<R>, RunEnded>
  readonly experimentId: () => string | undefined
  /** Waits for the end if all rows are there, else interrupts. Gives the experiment, if there was one. */
  readonly close: Effect.Effect<Experiment | undefined>
}

export interface Picked<R> {
  readonly evaluation: AnyEvaluation<R>
  readonly exampleIds: ReadonlyArray<string>
  readonly metadata: { readonly [key: string]: unknown }
}

export const makeSuiteRun = <R>(options: AnyOptions<R>): SuiteRun<R> => {
  const repetitions = options.repetitions ?? 1
  const slots = new Map<string, Deferred.Deferred<ReadonlyArray<Row.Row>, RunEnded>>()
  const arrived = new Map<string, Array<Row.Row>>()
  let missing = 0
  const ended = Deferred.makeUnsafe<Experiment, RunEnded>()
  const services = Deferred.makeUnsafe<Context.Context<R>, RunEnded>()
  let fiber: Fiber.Fiber<void, unknown> | undefined
  let header: Header | undefined
  let experiment: Experiment | undefined

  const deliver = (row: Row.Row) => {
    const { id } = row.example
    const rows = [...(arrived.get(id) ?? []), row]
    arrived.set(id, rows)
    arriveAll(rows)
  }

  const arriveAll = (rows: ReadonlyArray<Row.Row>) => {
    const id = rows[0]?.example.id
    const slot = id === undefined ? undefined : slots.get(id)
    if (id === undefined || slot === undefined || rows.length < repetitions) return
    arrived.delete(id)
    const sorted = [...rows].sort((a, b) => a.run.repetition - b.run.repetition)
    if (Deferred.doneUnsafe(slot, Exit.succeed(sorted))) missing--
  }

  /** Tells tests which experiment their row is in. */
  const headerClient: Client = {
    name: "vitest",
    open: (begun) =>
      Effect.sync(() => {
        header = begun
        return { record: () => Effect.void, end: () => Effect.void }
      })
  }

  const end = (exit: Exit.Exit<void, unknown>) => {
    // A row that made the run fail is done, but was not streamed any more.
    if (experiment !== undefined) { for (const { rows } of byExample(experiment)) arriveAll(rows) }
    const why = Exit.isFailure(exit)
      ? Cause.hasInterruptsOnly(exit.cause) ? "it was interrupted" : causeLine(exit.cause)
      : "it ended without these rows"
    const failure = (message: string) =>
      Exit.fail(
        // A failure says it all in its message; a defect is only understood from where it was thrown.
        new RunEnded(message, Exit.isFailure(exit) && Cause.hasDies(exit.cause) ? { cause: errorOf(exit.cause) } : {})
      )
    for (const slot of slots.values()) {
      // Those that are done stay as they are.
      Deferred.doneUnsafe(slot, failure(`There is no row for this example: the run ended before it. ${why}`))
    }
    Deferred.doneUnsafe(services, failure(`The run did not begin. ${why}`))
    Deferred.doneUnsafe(
      ended,
      experiment === undefined ? failure(`The run left no experiment. ${why}`) : Exit.succeed(experiment)
    )
  }

  return {
    begun: () => fiber !== undefined,
    start(acquire, { evaluation, exampleIds, metadata }) {
      for (const id of exampleIds) slots.set(id, Deferred.makeUnsafe())
      missing = exampleIds.length
      const program = Effect.gen(function*() {
        const acquired = yield* acquire
        const context = withClient(acquired, headerClient)
        Deferred.doneUnsafe(services, Exit.succeed(context))
        const resume = Effect.isEffect(options.resume)
          ? yield* Effect.provideContext(options.resume, context)
          : options.resume
        const rows = Evaluation.stream(evaluation, {
          ...options,
          keepRows: true,
          metadata: { ...options.metadata, ...metadata },
          resume,
          onEnd: (ended) => {
            experiment = ended
            return options.onEnd?.(ended) ?? Effect.void
          }
        })
        yield* Stream.runForEach(rows, (row) => Effect.sync(() => deliver(row))).pipe(Effect.provideContext(context))
      })
      fiber = Effect.runFork(program)
      fiber.addObserver(end)
    },
    rows: (exampleId) =>
      Effect.suspend(() => {
        const slot = slots.get(exampleId)
        return slot === undefined
          ? Effect.fail(new RunEnded("There is no row for this example: it was not picked when the run began."))
          : Deferred.await(slot)
      }),
    experiment: Effect.suspend(() => Deferred.await(ended)),
    services: Effect.suspend(() => Deferred.await(services)),
    experimentId: () => header?.id,
    close: Effect.suspend(() => {
      if (fiber === undefined) return Effect.undefined
      const wait = missing === 0 ? Effect.asVoid(Fiber.await(fiber)) : Fiber.interrupt(fiber)
      return Effect.map(wait, () => experiment)
    })
  }
}

/**
 * The services of the run, with one more client. Time is real, also where the tests around have a clock of their own:
 * models do not answer in virtual time.
 */
const withClient = <R>(context: Context.Context<R>, client: Client): Context.Context<R | TracingClient> => {
  const clients = Context.getOption(context, TracingClient)
  return Context.omit(Clock.Clock)(context as Context.Context<R | Clock.Clock>).pipe(
    Context.add(TracingClient, {
      clients: [...(clients._tag === "Some" ? clients.value.clients : []), client]
    })
  ) as Context.Context<R | TracingClient>
}
