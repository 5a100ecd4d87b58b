/** One row: the target on one example, then the evaluators on what came of it. This is the hot path. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Attachment from "../Attachment.ts"
import type * as Evaluator from "../Evaluator.ts"
import type * as Example from "../Example.ts"
import * as Outcome from "../Outcome.ts"
import type * as Row from "../Row.ts"
import type * as Run from "../Run.ts"
import type * as Target from "../Target.ts"
import { type Attempted, runAttempts, timeoutMessage } from "./attempts.ts"
import { causeLine } from "./causes.ts"
import { mutableCopy, snapshot } from "./clone.ts"
import type { TooManyFailures } from "./evaluationErrors.ts"
import { type Decoded, decodeReturned } from "./results.ts"
import { emptyTree, type Tree } from "./runTree.ts"
import type { Session } from "./session.ts"
import { Abort, fromReturned, isImmediate } from "./userCode.ts"

/** An example to run, and which repetition of it. */
export interface Planned {
  readonly example: Example.Example
  readonly repetition: number
}

/**
 * Makes a row of an example. To be called when the row is to begin: it takes its place at once, and what it gives is the
 * rest.
 */
export const makeRowWorker = <R>(session: Session<R>) => {
  const { inFlight, target, targetLane: lane, timer } = session
  return (planned: Planned, index: number, leave: () => void): Effect.Effect<Row.Row, TooManyFailures> => {
    const { example, repetition } = planned
    const entry = inFlight.enter(example.id, repetition, timer.now())
    const judged = (run: Run.Run): Effect.Effect<Row.Row, TooManyFailures> => {
      entry.stage = "evaluators"
      return judge(session, index, example, run, leave, () => inFlight.leave(entry))
    }
    const recorded = target.recordedRun?.(example, repetition)
    if (recorded !== undefined) return judged(recorded)
    const begin = () => {
      entry.stage = "target"
      return runTarget(session, planned, judged)
    }
    return lane.tryEnter() ? begin() : Effect.flatMap(lane.enter, begin)
  }
}

// -----------------------------------------------------------------------------
// the target
// -----------------------------------------------------------------------------

class TargetContext extends Abort implements Target.TargetContext {
  readonly example: Example.Example
  readonly repetition: number
  readonly attempt: number

  constructor({ example, repetition }: Planned, attempt: number) {
    super()
    this.example = example
    this.repetition = repetition
    this.attempt = attempt
  }

  get attachments(): Attachment.Attachments {
    return this.example.attachments
  }

  get metadata(): unknown {
    return this.example.metadata
  }
}

/** Runs the target, which has its place, and goes on with its run. */
const runTarget = <R, A, E>(
  session: Session<R>,
  planned: Planned,
  next: (run: Run.Run) => Effect.Effect<A, E>
): Effect.Effect<A, E> => {
  const { target, targetLane: lane } = session
  const scope = session.tracer?.start(session.targetName, session.clock.currentTimeNanosUnsafe(), planned)
  const attempts = runAttempts(
    (attempt) => {
      const context = new TargetContext(planned, attempt)
      return {
        // A copy of its own for each attempt: a target that changes its inputs changes nobody else's.
        effect: Effect.suspend(() => target.run(mutableCopy(planned.example.inputs), context)),
        abort: context
      }
    },
    scope?.context ?? session.context,
    lane.limits,
    session.timer,
    lane.controller
  )
  return Effect.flatMap(attempts, (attempted) => {
    lane.leave()
    const tree = scope?.end(session.clock.currentTimeNanosUnsafe(), attempted.exit) ?? emptyTree
    return next(toRun(session, planned, attempted, tree))
  })
}

const noMetadata: Run.Run["metadata"] = Object.freeze({})

const toRun = <R>(
  session: Session<R>,
  { example, repetition }: Planned,
  attempted: Attempted<unknown, unknown>,
  tree: Tree
): Run.Run => {
  const outcome = targetOutcome(attempted)
  return {
    id: session.runId(attempted.startTime),
    name: session.targetName,
    runType: "chain",
    exampleId: example.id,
    repetition,
    inputs: example.inputs,
    outputs: outcome._tag === "Succeeded" ? outcome.outputs : undefined,
    outcome,
    error: outcome._tag === "Succeeded" ? undefined : outcome.message,
    startTime: attempted.startTime,
    endTime: attempted.endTime,
    tags: session.tags,
    metadata: tree.dropped === 0 ? noMetadata : { droppedChildRuns: tree.dropped },
    attempts: attempted.attempts,
    childRuns: tree.childRuns,
    usage: tree.usage
  }
}

const targetOutcome = (attempted: Attempted<unknown, unknown>): Run.RunOutcome<unknown, unknown> =>
  Exit.isSuccess(attempted.exit)
    ? { _tag: "Succeeded", outputs: snapshot(attempted.exit.value) }
    : unsuccessful(attempted.exit.cause, attempted.timedOutAfter)

/** What user code came to that did not succeed. */
const unsuccessful = (cause: Cause.Cause<unknown>, timedOutAfter: number | undefined) => {
  if (timedOutAfter !== undefined) {
    return { _tag: "TimedOut" as const, afterMillis: timedOutAfter, message: timeoutMessage(timedOutAfter) }
  }
  return Cause.hasInterruptsOnly(cause)
    ? { _tag: "Cancelled" as const, message: "interrupted itself" }
    : { _tag: "Failed" as const, cause, message: causeLine(cause) }
}

// -----------------------------------------------------------------------------
// the evaluators
// -----------------------------------------------------------------------------

type Member<R> = Session<R>["evaluators"][number]

/** Runs the evaluators of a row in parallel and hands the row over. Those whose result is there at once need no fiber. */
const judge = <R>(
  session: Session<R>,
  index: number,
  example: Example.Example,
  run: Run.Run,
  leave: () => void,
  onEnd: () => void
): Effect.Effect<Row.Row, TooManyFailures> => {
  const { evaluators } = session
  const evaluations: Array<Run.EvaluatorRun> = new Array(evaluators.length)
  const row: Row.Row = { index, example, run, evaluations }
  let pending: Array<Effect.Effect<void>> | undefined
  // Each evaluator that is there at once begins where the one before it ended.
  let time = session.timer.now()
  for (let position = 0; position < evaluators.length; position++) {
    const begun = begin(session, evaluators[position] as Member<R>, run, argsOf(run, example), time)
    if (Effect.isEffect(begun)) {
      pending ??= []
      pending.push(Effect.map(begun, (evaluation) => {
        evaluations[position] = evaluation
      }))
    } else {
      evaluations[position] = begun
      time = begun.endTime
    }
  }
  const finish = (): Effect.Effect<Row.Row, TooManyFailures> => {
    onEnd()
    const wait = session.finish(row)
    return wait === undefined ? Effect.succeed(row) : Effect.as(wait, row)
  }
  if (pending === undefined) return finish()
  // Others may run while this one is judged.
  leave()
  return Effect.forEach(pending, (evaluation) => evaluation, { concurrency: "unbounded", discard: true }).pipe(
    // The target has been paid for: if the whole run is interrupted now, the row is kept without the missing scores.
    Effect.onInterrupt(() => {
      const now = session.timer.now()
      for (const [position, { evaluator }] of evaluators.entries()) {
        evaluations[position] ??= evaluatorRun(evaluator.name, now, now, cancelled, [], emptyTree)
      }
      return Effect.ignore(session.finish(row) ?? Effect.void)
    }),
    Effect.flatMap(finish)
  )
}

const cancelled: Outcome.Outcome = { _tag: "Cancelled", message: "the run was interrupted" }

/** Made for each evaluator anew, so that none can spoil the next one's. */
const argsOf = (run: Run.Run, example: Example.Example): Evaluator.EvaluatorArgs => ({
  id: run.id,
  name: run.name,
  runType: run.runType,
  exampleId: run.exampleId,
  repetition: run.repetition,
  error: run.error,
  startTime: run.startTime,
  endTime: run.endTime,
  tags: run.tags,
  attempts: run.attempts,
  childRuns: run.childRuns,
  usage: run.usage,
  run,
  example,
  inputs: example.inputs,
  outputs: run.outputs,
  referenceOutputs: example.referenceOutputs,
  attachments: example.attachments,
  metadata: example.metadata
})

const evaluatorRun = (
  evaluator: string,
  startTime: number,
  endTime: number,
  outcome: Outcome.Outcome,
  attempts: ReadonlyArray<Run.Attempt>,
  tree: Tree
): Run.EvaluatorRun => ({
  evaluator,
  outcome,
  startTime,
  endTime,
  attempts,
  childRuns: tree.childRuns,
  usage: tree.usage
})

/** Calls an evaluator; gives its run if the result is there at once, else an effect that waits for it. */
const begin = <R>(
  session: Session<R>,
  member: Member<R>,
  run: Run.Run,
  args: Evaluator.EvaluatorArgs,
  startTime: number
): Run.EvaluatorRun | Effect.Effect<Run.EvaluatorRun> => {
  const { evaluator, lane } = member
  if (evaluator.judges === "succeeded" && run.outcome._tag !== "Succeeded") {
    return evaluatorRun(
      evaluator.name,
      startTime,
      startTime,
      Outcome.skipped(`the target has no outputs: ${run.error}`),
      [],
      emptyTree
    )
  }
  try {
    if (evaluator.when !== undefined && !evaluator.when(args)) {
      return evaluatorRun(
        evaluator.name,
        startTime,
        startTime,
        Outcome.skipped("not for this run (when)"),
        [],
        emptyTree
      )
    }
  } catch (error) {
    return immediate(session, member, startTime, Exit.die(error))
  }
  if (!lane.tryEnter()) {
    return Effect.andThen(lane.enter, Effect.suspend(() => attempt(session, member, args, undefined)))
  }
  const context = new Abort()
  let exit: Exit.Exit<Decoded, unknown>
  try {
    const returned: unknown = evaluator.call(args, context)
    if (!isImmediate(returned)) {
      return attempt(session, member, args, { effect: decoding(member, fromReturned(returned)), abort: context })
    }
    exit = toExit(decodeReturned(returned, sourceOf(member)))
  } catch (error) {
    exit = Exit.die(error)
  }
  if (Exit.isFailure(exit) && lane.limits.retry !== undefined) {
    return attempt(session, member, args, { effect: exit, abort: context })
  }
  lane.leave()
  return immediate(session, member, startTime, exit)
}

/** The run of an evaluator whose result was there at once. */
const immediate = <R>(
  session: Session<R>,
  { evaluator }: Member<R>,
  startTime: number,
  exit: Exit.Exit<Decoded, unknown>
): Run.EvaluatorRun => {
  const endTime = session.timer.now()
  const error = Exit.isFailure(exit) ? causeLine(exit.cause) : undefined
  session.tracer?.mark(evaluator.name, startTime, endTime, exit)
  return evaluatorRun(
    evaluator.name,
    startTime,
    endTime,
    evaluatorOutcome(exit, undefined),
    [{ startTime, endTime, error }],
    emptyTree
  )
}

interface Begun<R> {
  readonly effect: Effect.Effect<Decoded, unknown, R>
  readonly abort: Abort
}

/** Runs an evaluator under its limits. It has its place already; `first` is what its first call has given, if it was called. */
const attempt = <R>(
  session: Session<R>,
  member: Member<R>,
  args: Evaluator.EvaluatorArgs,
  first: Begun<R> | undefined
): Effect.Effect<Run.EvaluatorRun> =>
  Effect.suspend(() => {
    const { evaluator, lane } = member
    const scope = session.tracer?.start(evaluator.name, session.clock.currentTimeNanosUnsafe(), undefined)
    const attempts = runAttempts(
      (number): Begun<R> => {
        if (number === 1 && first !== undefined) return first
        const abort = new Abort()
        const call = Effect.suspend(() => fromReturned(evaluator.call(args, abort)))
        return { effect: decoding(member, call), abort }
      },
      scope?.context ?? session.context,
      lane.limits,
      session.timer,
      lane.controller
    )
    return Effect.map(attempts, ({ attempts, endTime, exit, startTime, timedOutAfter }) => {
      lane.leave()
      const tree = scope?.end(session.clock.currentTimeNanosUnsafe(), exit) ?? emptyTree
      return evaluatorRun(evaluator.name, startTime, endTime, evaluatorOutcome(exit, timedOutAfter), attempts, tree)
    })
  })

const sourceOf = <R>({ evaluator }: Member<R>) => ({
  evaluator: evaluator.name,
  key: evaluator.key,
  feedbackConfig: evaluator.feedbackConfig
})

const decoding = <R, R2>(member: Member<R>, effect: Effect.Effect<unknown, unknown, R2>) =>
  Effect.flatMap(effect, (returned) => Effect.fromResult(decodeReturned(returned, sourceOf(member))))

const toExit = <A, E>(result: Result.Result<A, E>): Exit.Exit<A, E> =>
  Result.isSuccess(result) ? Exit.succeed(result.success) : Exit.fail(result.failure)

const evaluatorOutcome = (exit: Exit.Exit<Decoded, unknown>, timedOutAfter: number | undefined): Outcome.Outcome => {
  if (Exit.isFailure(exit)) return unsuccessful(exit.cause, timedOutAfter)
  return exit.value._tag === "Skip" ? Outcome.skipped(exit.value.reason) : Outcome.scored(exit.value.results)
}
