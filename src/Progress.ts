/**
 * Shows how far a run is. The engine does not push: whoever shows progress looks when it likes, so that showing costs
 * nothing per row. The default shows nothing.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type * as Experiment from "./Experiment.ts"
import { liveLines, meansLine, PaceMeter, progressLine, slowLine } from "./internal/values/progressText.ts"

/**
 * How far a run is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Snapshot {
  readonly status: "running" | Experiment.Status
  /** Rows that are done. */
  readonly done: number
  /** Rows in all, where the dataset knows its size. */
  readonly total: number | undefined
  /** Rows in which the target or an evaluator failed or timed out. */
  readonly failed: number
  /** Rows whose runs were taken over from experiments that this one resumes. */
  readonly reused: number
  /** Milliseconds since the run began. */
  readonly elapsedMillis: number
  /** The mean of every key that has scores, so far. */
  readonly means: ReadonlyArray<{ readonly key: string; readonly mean: number; readonly count: number }>
  /** What is being worked on, longest first. */
  readonly inFlight: ReadonlyArray<InFlight>
}

/**
 * A row being worked on.
 *
 * @category models
 * @since 0.1.0
 */
export interface InFlight {
  readonly exampleId: string
  readonly repetition: number
  /** What it waits for or does: a free place, the target, or the evaluators. */
  readonly stage: "waiting" | "target" | "evaluators"
  /** Milliseconds since the row was begun. */
  readonly millis: number
}

/**
 * Somebody who shows progress: told when a run begins, and then free to look. What it starts belongs to the scope, which
 * closes when the run has ended; a last look then shows how.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reporter {
  readonly start: (
    header: Experiment.Header,
    look: () => Snapshot
  ) => Effect.Effect<void, never, Scope.Scope>
}

/**
 * Shows nothing.
 *
 * @category reporters
 * @since 0.1.0
 */
export const silent: Reporter = { start: () => Effect.void }

/**
 * The reporter in use. By default nothing is shown.
 *
 * @category services
 * @since 0.1.0
 */
export const Progress: Context.Reference<Reporter> = Context.Reference<Reporter>("effect-evals/Progress", {
  defaultValue: () => silent
})

/**
 * Several reporters at once. For the layers of this module there is `layerAll`.
 *
 * @category reporters
 * @since 0.1.0
 */
export const all = (...reporters: ReadonlyArray<Reporter>): Reporter => ({
  start: (header, look) => Effect.forEach(reporters, (reporter) => reporter.start(header, look), { discard: true })
})

/** Looks now and then until the scope closes, and once more after that. */
const lookEvery = (every: Duration.Input, onLook: Effect.Effect<void>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    yield* Effect.addFinalizer(() => onLook)
    yield* onLook.pipe(Effect.repeat(Schedule.spaced(every)), Effect.delay(every), Effect.forkScoped)
  })

const writerOf = (stdio: Stdio.Stdio) => (text: string): Effect.Effect<void> =>
  // Progress that cannot be shown is no reason to stop.
  Effect.ignore(Stream.run(Stream.make(text), stdio.stderr({ endOnDone: false })))

/**
 * A line on standard error every few seconds (5 by default): for CI logs.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerLines = (
  options: { readonly every?: Duration.Input | undefined } = {}
): Layer.Layer<never, never, Stdio.Stdio> =>
  Layer.effect(Progress, Effect.map(Stdio.Stdio, (stdio) => linesReporter(writerOf(stdio), options.every)))

const linesReporter = (
  write: (text: string) => Effect.Effect<void>,
  every: Duration.Input = Duration.seconds(5)
): Reporter => ({
  start: (header, look) =>
    Effect.suspend(() => {
      const pace = new PaceMeter()
      return lookEvery(
        every,
        Effect.suspend(() => {
          const snapshot = look()
          const slow = slowLine(snapshot)
          const parts = [
            `${header.name}: ${progressLine(snapshot, pace.add(snapshot))}`,
            meansLine(snapshot),
            slow === "" ? "" : `longest: ${slow}`
          ]
          return write(parts.filter((part) => part !== "").join(" | ") + "\n")
        })
      )
    })
})

/**
 * A live display on standard error if that is a terminal, a line every few seconds otherwise.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTerminal = (
  options: {
    /** How often to redraw. Default: ten times a second. */
    readonly every?: Duration.Input | undefined
    /** The width of the terminal. Default: what it says, else 80. */
    readonly width?: number | undefined
  } = {}
): Layer.Layer<never, never, Stdio.Stdio> =>
  Layer.effect(
    Progress,
    Effect.gen(function*() {
      const stdio = yield* Stdio.Stdio
      const write = writerOf(stdio)
      return (yield* stdio.stderrIsTerminal)
        ? liveReporter(write, options.every, () => options.width ?? (globalThis.process.stderr.columns || defaultWidth))
        : linesReporter(write)
    })
  )

/** Also for a terminal that says it has no columns at all. */
const defaultWidth = 80

const liveReporter = (
  write: (text: string) => Effect.Effect<void>,
  every: Duration.Input = Duration.millis(100),
  width: () => number
): Reporter => ({
  start: (header, look) =>
    Effect.suspend(() => {
      const pace = new PaceMeter()
      let drawn = 0
      return lookEvery(
        every,
        Effect.suspend(() => {
          const snapshot = look()
          const lines = liveLines(header.name, snapshot, pace.add(snapshot), width())
          // Back to the first line drawn, and clear from there.
          const rewind = drawn === 0 ? "" : `\u001b[${drawn}A\r\u001b[J`
          drawn = lines.length
          return write(rewind + lines.join("\n") + "\n")
        })
      )
    })
})

/**
 * What happens, for apps that show progress themselves.
 *
 * @category models
 * @since 0.1.0
 */
export type Event =
  | { readonly _tag: "Started"; readonly experiment: Experiment.Header }
  | { readonly _tag: "Progressed"; readonly experiment: Experiment.Header; readonly snapshot: Snapshot }
  | { readonly _tag: "Ended"; readonly experiment: Experiment.Header; readonly snapshot: Snapshot }

/**
 * The events of all runs, from the moment one subscribes. Who is slow misses events in between, not the last one.
 *
 * **Example** (Following a run)
 *
 * ```ts
 * import { Effect, Fiber, Stream } from "effect"
 * import { Dataset, Evaluation, Progress, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const events = yield* Progress.Events
 *   const ended = yield* events.stream.pipe(
 *     Stream.filter((event) => event._tag === "Ended"),
 *     Stream.runHead,
 *     Effect.forkChild({ startImmediately: true })
 *   )
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }])
 *   yield* Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }))
 *   return yield* Fiber.join(ended)
 * })
 * const event = await Effect.runPromise(
 *   program.pipe(Effect.provide([Progress.layerEvents(), TracingClient.layerNone]))
 * )
 * console.log(event._tag === "Some" && event.value._tag === "Ended" && event.value.snapshot.done) // => 2
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Events extends Context.Service<Events, {
  readonly stream: Stream.Stream<Event>
}>()("effect-evals/Progress/Events") {}

/**
 * Publishes progress as a stream of events: when a run starts, every so often (a second by default), and when it has
 * ended.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerEvents = (
  options: { readonly every?: Duration.Input | undefined } = {}
): Layer.Layer<Events> =>
  Layer.effectContext(Effect.gen(function*() {
    const events = yield* PubSub.sliding<Event>(256)
    const reporter: Reporter = {
      start: Effect.fnUntraced(function*(experiment, look) {
        yield* PubSub.publish(events, { _tag: "Started", experiment })
        const look_ = Effect.suspend(() => {
          const snapshot = look()
          const _tag = snapshot.status === "running" ? "Progressed" : "Ended"
          return PubSub.publish(events, { _tag, experiment, snapshot })
        })
        yield* lookEvery(options.every ?? Duration.seconds(1), Effect.asVoid(look_))
      })
    }
    return Context.make(Events, Events.of({ stream: Stream.fromPubSub(events) })).pipe(Context.add(Progress, reporter))
  }))

/**
 * Several layers at once: whatever each of them shows is shown, and the services that they give are there. A reporter of
 * your own takes part as `Layer.succeed(Progress.Progress, reporter)`.
 *
 * **Example** (A display in the terminal, and the events for the app)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Fiber, Layer, Stream } from "effect"
 * import { Dataset, Evaluation, Progress, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const events = yield* Progress.Events
 *   const ended = yield* events.stream.pipe(
 *     Stream.filter((event) => event._tag === "Ended"),
 *     Stream.runHead,
 *     Effect.forkChild({ startImmediately: true })
 *   )
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 1 }, { inputs: 2 }])
 *   yield* Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }))
 *   return yield* Fiber.join(ended)
 * })
 * const progress = Progress.layerAll(Progress.layerTerminal(), Progress.layerEvents()).pipe(
 *   Layer.provide(NodeServices.layer)
 * )
 * const event = await Effect.runPromise(program.pipe(Effect.provide([progress, TracingClient.layerNone])))
 * console.log(event._tag === "Some" && event.value.experiment.evaluation) // => double
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerAll = <const Layers extends ReadonlyArray<Layer.Layer<never, unknown, unknown>>>(
  ...layers: Layers
): Layer.Layer<Layer.Success<Layers[number]>, Layer.Error<Layers[number]>, Layer.Services<Layers[number]>> =>
  // Together they give, fail with and need what any of them does, which a fold cannot say.
  layers.reduce<Layer.Layer<never, unknown, unknown>>(both, Layer.empty) as Layer.Layer<
    Layer.Success<Layers[number]>,
    Layer.Error<Layers[number]>,
    Layer.Services<Layers[number]>
  >

/** Of two layers merged, one reporter would be lost. */
const both = <A, E, R, A2, E2, R2>(first: Layer.Layer<A, E, R>, second: Layer.Layer<A2, E2, R2>) =>
  Layer.flatMap(first, (one) =>
    Layer.flatMap(second, (other) =>
      Layer.succeedContext(
        Context.merge(one, other).pipe(
          Context.add(Progress, all(Context.get(one, Progress), Context.get(other, Progress)))
        )
      )))
