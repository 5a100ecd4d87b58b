/** One row: the target on one example, then the evaluators on what came of it. This is the hot path. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import type * as Attachment from "../../Attachment.ts"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Example from "../../Example.ts"
import * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import type * as Target from "../../Target.ts"
import { causeLine } from "../values/causes.ts"
import { mutableCopy, snapshot } from "../values/clone.ts"
import { isTracing } from "./asyncScope.ts"
import { type Attempted, beginAttempts, runAttempts, type Timeout } from "./attempts.ts"
import type { TooManyFailures } from "./evaluationErrors.ts"
import { type Begin, guard, type Task } from "./pool.ts"
import { type Decoded, decodeReturned, type Source } from "./results.ts"
import type { Reused } from "./reuse.ts"
import { emptyTree, type Tree } from "./runTree.ts"
import type { Session } from "./session.ts"
import { functionOf } from "./target.ts"
import { Abort, fromReturned, isImmediate } from "./userCode.ts"

/** An example to run, and which repetition of it. */
export interface Planned {
  readonly example: Example.Example
  readonly repetition: number
}

/** Makes rows of examples, in a pool. */
export const makeRowWorker = <R>(session: Session<R>): Begin<Planned, Row.Row, TooManyFailures> => {
  const { inFlight, targetLane: lane, timer } = session
  const fork = Effect.runForkWith(session.context)
  // A tracer that follows fibers must see one around the target.
  const run = session.tracer?.followsFibers === true ? session.target.run : functionOf(session.target.run)

  return (planned, index, task) => {
    const { example, repetition } = planned
    const startTime = timer.now()
    const entry = inFlight.enter(example.id, repetition, startTime)

    /** What needs waiting for gets a fiber of its own. */
    const wait = <A>(effect: Effect.Effect<A, TooManyFailures>, next: (value: A) => void) => {
      const fiber = fork(effect)
      task.interrupt = Fiber.interrupt(fiber)
      fiber.addObserver((exit) => Exit.isSuccess(exit) ? guard(task, () => next(exit.value)) : task.fail(exit.cause))
    }
    const finish = (row: Row.Row) => {
      inFlight.leave(entry)
      const rest = session.finish(row)
      if (rest === undefined) task.done(row)
      else wait(rest, () => task.done(row))
    }
    const judged = (run: Run.Run, time: number, there: Reused["evaluations"] = nothing) => {
      entry.stage = "evaluators"
      const row = judge(session, index, example, run, time, there)
      if (!Effect.isEffect(row)) return finish(row)
      // Others may run while this one is judged.
      task.leave()
      wait(row, finish)
    }
    const begin = (time: number) => {
      entry.stage = "target"
      const interrupt = runTarget(session, run, planned, time, task, judged, wait)
      // If the target has ended at once, what followed has set its own.
      if (interrupt !== undefined) task.interrupt = interrupt
    }

    const reused = session.reuse?.take(example, repetition)
    const recorded = reused === undefined ? recordedRun(session, planned, startTime) : reused.run
    if (recorded !== undefined) judged(recorded, startTime, reused?.evaluations)
    else if (lane.tryEnter()) begin(startTime)
    else wait(lane.enter, () => begin(timer.now()))
  }
}

const nothing: Reused["evaluations"] = []

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

/** The run that the target has already, if it has one. */
const recordedRun = <R>(session: Session<R>, planned: Planned, time: number): Run.Run | undefined => {
  const recorded = lookUp(session.target, planned)
  return Exit.isExit(recorded)
    ? toRun(
      session,
      planned,
      { startTime: time, endTime: time, exit: recorded, timeout: undefined, attempts: [] },
      emptyTree
    )
    : recorded
}

const lookUp = <R>(target: Session<R>["target"], { example, repetition }: Planned) => {
  try {
    return target.recordedRun?.(example, repetition)
  } catch (error) {
    return Exit.die(error)
  }
}

/** Runs the target, which has its place, and goes on with its run. What it returns interrupts the target. */
const runTarget = <R>(
  session: Session<R>,
  run: (inputs: unknown, context: Target.TargetContext) => unknown,
  planned: Planned,
  startTime: number,
  task: Task<Row.Row, TooManyFailures>,
  next: (run: Run.Run, time: number) => void,
  wait: <A>(effect: Effect.Effect<A>, next: (value: A) => void) => void
): Effect.Effect<void> | undefined => {
  const lane = session.targetLane
  const runId = session.runId(startTime)
  const scope = session.tracer?.start(session.targetName, session.clock.currentTimeNanosUnsafe(), planned, {
    id: runId,
    startTime
  })
  const end = (attempted: Attempted<unknown, unknown>) =>
    guard(task, () => {
      lane.leave()
      const tree = scope?.end(session.clock.currentTimeNanosUnsafe(), attempted.exit) ?? emptyTree
      const run = toRun(session, planned, attempted, tree, runId)
      scope?.ran(run)
      next(run, attempted.endTime)
    })
  return beginAttempts(
    (attempt) => {
      const context = new TargetContext(planned, attempt)
      return {
        // A copy of its own for each attempt: a target that changes its inputs changes nobody else's.
        call: () => run(mutableCopy(planned.example.inputs), context),
        abort: context
      }
    },
    scope?.context ?? session.context,
    lane.limits,
    session.timer,
    startTime,
    lane.controller,
    end,
    (rest) => wait(rest, end)
  )
}

const noMetadata: Run.Run["metadata"] = Object.freeze({})

const toRun = <R>(
  session: Session<R>,
  { example, repetition }: Planned,
  attempted: Attempted<unknown, unknown>,
  tree: Tree,
  id: string = session.runId(attempted.startTime)
): Run.Run => {
  const outcome = targetOutcome(attempted)
  return {
    id,
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

const targetOutcome = ({ exit, timeout }: Attempted<unknown, unknown>): Run.RunOutcome<unknown, unknown> => {
  if (Exit.isFailure(exit)) return unsuccessful(exit.cause, timeout)
  try {
    return { _tag: "Succeeded", outputs: snapshot(exit.value) }
  } catch (error) {
    // Reading the outputs ran code of theirs, a getter say, or they are nested beyond reason.
    return unsuccessful(Cause.die(error), undefined)
  }
}

/** What user code came to that did not succeed. */
const unsuccessful = (cause: Cause.Cause<unknown>, timeout: Timeout | undefined) => {
  if (timeout !== undefined) {
    return { _tag: "TimedOut" as const, afterMillis: timeout.afterMillis, message: timeout.message }
  }
  return Cause.hasInterruptsOnly(cause)
    ? { _tag: "Cancelled" as const, message: "interrupted itself" }
    : { _tag: "Failed" as const, cause, message: causeLine(cause) }
}

// -----------------------------------------------------------------------------
// the evaluators
// -----------------------------------------------------------------------------

type Member<R> = Session<R>["evaluators"][number]

/**
 * Runs the evaluators of a row in parallel, but for those whose outcomes are there. Gives the row if all their results are there at once, else an effect that
 * waits for them.
 */
const judge = <R>(
  session: Session<R>,
  index: number,
  example: Example.Example,
  run: Run.Run,
  startTime: number,
  there: Reused["evaluations"]
): Row.Row | Effect.Effect<Row.Row> => {
  const { evaluators } = session
  const evaluations: Array<Run.EvaluatorRun> = new Array(evaluators.length)
  const row: Row.Row = { index, example, run, evaluations }
  let pending: Array<Effect.Effect<void>> | undefined
  // Each evaluator that is there at once begins where the one before it ended.
  let time = startTime
  for (let position = 0; position < evaluators.length; position++) {
    const begun = there[position] ??
      begin(session, evaluators[position] as Member<R>, run, argsOf(run, example), time)
    if (Effect.isEffect(begun)) {
      pending ??= []
      pending.push(Effect.map(begun, (evaluation) => {
        evaluations[position] = evaluation
      }))
    } else {
      evaluations[position] = begun
      // What was there already has times of its own.
      if (there[position] === undefined) time = begun.endTime
    }
  }
  if (pending === undefined) return row
  return Effect.forEach(pending, (evaluation) => evaluation, { concurrency: "unbounded", discard: true }).pipe(
    // The target has been paid for: if the whole run is interrupted now, the row is kept without the missing scores.
    Effect.onInterrupt(() => {
      const now = session.timer.now()
      for (const [position, { evaluator }] of evaluators.entries()) {
        evaluations[position] ??= evaluatorRun(evaluator.name, now, now, cancelled, [], emptyTree)
      }
      return Effect.ignore(session.finish(row) ?? Effect.void)
    }),
    Effect.as(row)
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
    return immediate(session, member, run, startTime, Exit.die(error))
  }
  if (!lane.tryEnter()) {
    return Effect.andThen(lane.enter, Effect.suspend(() => attempt(session, member, args, undefined)))
  }
  // Functions that are traced look for the span of the evaluator, so it has to be there before the call.
  if (isTracing()) return Effect.suspend(() => attempt(session, member, args, undefined))
  const context = new Abort()
  let exit: Exit.Exit<Decoded, unknown>
  try {
    const returned: unknown = evaluator.call(args, context)
    if (!isImmediate(returned)) {
      const effect = decoding(member, fromReturned(returned))
      return attempt(session, member, args, { call: () => effect, abort: context })
    }
    exit = toExit(decodeReturned(returned, sourceOf(member)))
  } catch (error) {
    exit = Exit.die(error)
  }
  if (Exit.isFailure(exit) && lane.limits.retry !== undefined) {
    return attempt(session, member, args, { call: () => exit, abort: context })
  }
  lane.leave()
  return immediate(session, member, run, startTime, exit)
}

/** The run of an evaluator whose result was there at once. */
const immediate = <R>(
  session: Session<R>,
  { evaluator }: Member<R>,
  run: Run.Run,
  startTime: number,
  exit: Exit.Exit<Decoded, unknown>
): Run.EvaluatorRun => {
  const endTime = session.timer.now()
  const error = Exit.isFailure(exit) ? causeLine(exit.cause) : undefined
  const outcome = evaluatorOutcome(exit, undefined)
  session.tracer?.mark(evaluator.name, startTime, endTime, exit, outcome, run)
  return evaluatorRun(evaluator.name, startTime, endTime, outcome, [{ startTime, endTime, error }], emptyTree)
}

interface Begun<R> {
  readonly call: () => Effect.Effect<Decoded, unknown, R>
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
    const { run } = args
    const scope = session.tracer?.start(evaluator.name, session.clock.currentTimeNanosUnsafe(), undefined, run)
    const attempts = runAttempts(
      (number): Begun<R> => {
        if (number === 1 && first !== undefined) return first
        const abort = new Abort()
        const call = Effect.suspend(() => fromReturned(evaluator.call(args, abort)))
        return { call: () => decoding(member, call), abort }
      },
      scope?.context ?? session.context,
      lane.limits,
      session.timer,
      lane.controller
    )
    return Effect.map(attempts, ({ attempts, endTime, exit, startTime, timeout }) => {
      lane.leave()
      const outcome = evaluatorOutcome(exit, timeout)
      const tree = scope?.end(session.clock.currentTimeNanosUnsafe(), exit, outcome) ?? emptyTree
      return evaluatorRun(evaluator.name, startTime, endTime, outcome, attempts, tree)
    })
  })

const sourceOf = <R>({ evaluator }: Member<R>): Source => ({
  kind: "evaluator",
  evaluator: evaluator.name,
  key: evaluator.key,
  feedbackConfig: evaluator.feedbackConfig
})

const decoding = <R, R2>(member: Member<R>, effect: Effect.Effect<unknown, unknown, R2>) =>
  Effect.flatMap(effect, (returned) => Effect.fromResult(decodeReturned(returned, sourceOf(member))))

const toExit = <A, E>(result: Result.Result<A, E>): Exit.Exit<A, E> =>
  Result.isSuccess(result) ? Exit.succeed(result.success) : Exit.fail(result.failure)

const evaluatorOutcome = (exit: Exit.Exit<Decoded, unknown>, timeout: Timeout | undefined): Outcome.Outcome => {
  if (Exit.isFailure(exit)) return unsuccessful(exit.cause, timeout)
  return exit.value._tag === "Skip" ? Outcome.skipped(exit.value.reason) : Outcome.scored(exit.value.results)
}
