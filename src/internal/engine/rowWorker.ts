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
import { type Attempted, beginAttempts, type Code, runAttempts, type Timeout } from "./attempts.ts"
import type { TooManyFailures } from "./evaluationErrors.ts"
import type { Entry } from "./inFlight.ts"
import { type Begin, guard, type Task } from "./pool.ts"
import { type Decoded, decodeReturned, type Decoding } from "./results.ts"
import type { Reused } from "./reuse.ts"
import { emptyTree, type RunScope, type Tree } from "./runTree.ts"
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
  // A tracer that follows fibers must see one around the target.
  const run = session.tracer?.followsFibers === true ? session.target.run : functionOf(session.target.run)
  return (planned, index, task) => new RowWork(session, run, planned, index, task).begin()
}

/** The work on one row. One object that goes the whole way costs a fraction of a closure for each step. */
class RowWork<R> implements Entry, Code<unknown, unknown, R, TargetContext> {
  readonly session: Session<R>
  readonly run: (inputs: unknown, context: Target.TargetContext) => unknown
  readonly planned: Planned
  readonly index: number
  readonly task: Task<Row.Row, TooManyFailures>
  readonly startTime: number
  slot = 0
  stage: Entry["stage"] = "waiting"
  runId = ""
  scope: RunScope<R> | undefined = undefined

  constructor(
    session: Session<R>,
    run: (inputs: unknown, context: Target.TargetContext) => unknown,
    planned: Planned,
    index: number,
    task: Task<Row.Row, TooManyFailures>
  ) {
    this.session = session
    this.run = run
    this.planned = planned
    this.index = index
    this.task = task
    this.startTime = session.timer.now()
  }

  begin(): void {
    const { planned, session, startTime } = this
    session.inFlight.enter(this)
    const reused = session.reuse?.take(planned.example, planned.repetition)
    const recorded = reused === undefined ? recordedRun(session, planned, startTime) : reused.run
    if (recorded !== undefined) this.judge(recorded, startTime, reused?.evaluations)
    else if (session.targetLane.tryEnter()) this.runTarget(startTime)
    else this.enterLane()
  }

  enterLane(): void {
    this.wait(this.session.targetLane.enter, () => this.runTarget(this.timer.now()))
  }

  /** What needs waiting for gets a fiber of its own. */
  wait<A>(effect: Effect.Effect<A, TooManyFailures>, next: (value: A) => void): void {
    const { session, task } = this
    const fiber = Effect.runForkWith(session.context)(effect)
    task.current = { interrupt: () => Fiber.interrupt(fiber) }
    fiber.addObserver((exit) => Exit.isSuccess(exit) ? guard(task, () => next(exit.value)) : task.fail(exit.cause))
  }

  // The target, which has its place.

  runTarget(time: number): void {
    const { planned, session } = this
    this.stage = "target"
    this.runId = session.runId(time)
    this.scope = session.tracer?.start(session.targetName, session.clock.currentTimeNanosUnsafe(), planned, {
      id: this.runId,
      startTime: time
    })
    const current = beginAttempts(this, time)
    // If the target has ended at once, what followed has set its own.
    if (current !== undefined) this.task.current = current
  }

  get context() {
    return this.scope?.context ?? this.session.context
  }

  get limits() {
    return this.session.targetLane.limits
  }

  get listener() {
    return this.session.targetLane.controller
  }

  get timer() {
    return this.session.timer
  }

  makeAbort(attempt: number): TargetContext {
    return new TargetContext(this.planned, attempt)
  }

  call(context: TargetContext): unknown {
    // A copy of its own for each attempt: a target that changes its inputs changes nobody else's.
    return this.run(mutableCopy(this.planned.example.inputs), context)
  }

  end(attempted: Attempted<unknown, unknown>): void {
    const { planned, scope, session } = this
    try {
      session.targetLane.leave()
      const tree = scope?.end(session.clock.currentTimeNanosUnsafe(), attempted.exit) ?? emptyTree
      const run = toRun(session, planned, attempted, tree, this.runId)
      scope?.ran(run)
      this.judge(run, attempted.endTime)
    } catch (error) {
      this.task.fail(Cause.die(error))
    }
  }

  retry(rest: Effect.Effect<Attempted<unknown, unknown>>): void {
    this.wait(rest, (attempted) => this.end(attempted))
  }

  // The evaluators, and the end.

  judge(run: Run.Run, time: number, there: Reused["evaluations"] = nothing): void {
    this.stage = "evaluators"
    const row = judge(this.session, this.index, this.planned.example, run, time, there)
    if (Effect.isEffect(row)) this.finishLater(row)
    else this.finish(row)
  }

  finishLater(row: Effect.Effect<Row.Row>): void {
    // Others may run while this one is judged.
    this.task.leave()
    this.wait(row, (row) => this.finish(row))
  }

  finish(row: Row.Row): void {
    const { session, task } = this
    session.inFlight.leave(this)
    const rest = session.finish(row)
    if (rest === undefined) task.done(row)
    else this.wait(rest, () => task.done(row))
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
      pending.push(placed(begun, evaluations, position))
    } else {
      evaluations[position] = begun
      // What was there already has times of its own.
      if (there[position] === undefined) time = begun.endTime
    }
  }
  return pending === undefined ? row : completed(session, row, evaluations, pending)
}

const placed = (evaluation: Effect.Effect<Run.EvaluatorRun>, into: Array<Run.EvaluatorRun>, position: number) =>
  Effect.map(evaluation, (evaluation) => {
    into[position] = evaluation
  })

/** The row when all its evaluators have ended. */
const completed = <R>(
  session: Session<R>,
  row: Row.Row,
  evaluations: Array<Run.EvaluatorRun>,
  pending: ReadonlyArray<Effect.Effect<void>>
): Effect.Effect<Row.Row> =>
  Effect.forEach(pending, (evaluation) => evaluation, { concurrency: "unbounded", discard: true }).pipe(
    // The target has been paid for: if the whole run is interrupted now, the row is kept without the missing scores.
    Effect.onInterrupt(() => {
      const now = session.timer.now()
      for (const [position, { evaluator }] of session.evaluators.entries()) {
        evaluations[position] ??= evaluatorRun(evaluator.name, now, now, cancelled, [], emptyTree)
      }
      return Effect.ignore(session.finish(row) ?? Effect.void)
    }),
    Effect.as(row)
  )

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
    return failed(session, member, run, startTime, Cause.die(error))
  }
  if (!lane.tryEnter()) return Effect.andThen(lane.enter, attemptLater(session, member, args))
  // Functions that are traced look for the span of the evaluator, so it has to be there before the call.
  if (isTracing()) return attemptLater(session, member, args)
  const abort = new Abort()
  let decoding: Decoding
  try {
    const returned: unknown = evaluator.call(args, abort)
    if (!isImmediate(returned)) {
      return attemptBegun(session, member, args, decode(member, fromReturned(returned)), abort)
    }
    decoding = decodeReturned(returned, member.source)
  } catch (error) {
    return lane.limits.retry === undefined
      ? left(session, member, run, startTime, Cause.die(error))
      : attemptBegun(session, member, args, Effect.die(error), abort)
  }
  if (Result.isFailure(decoding)) {
    return lane.limits.retry === undefined
      ? left(session, member, run, startTime, Cause.fail(decoding.failure))
      : attemptBegun(session, member, args, Effect.fail(decoding.failure), abort)
  }
  lane.leave()
  const endTime = session.timer.now()
  const outcome = outcomeOf(decoding.success)
  session.tracer?.mark(evaluator.name, startTime, endTime, Exit.void, outcome, run)
  return evaluatorRun(
    evaluator.name,
    startTime,
    endTime,
    outcome,
    [{ startTime, endTime, error: undefined }],
    emptyTree
  )
}

/** The run of an evaluator that has failed at once and gives its place back. */
const left = <R>(
  session: Session<R>,
  member: Member<R>,
  run: Run.Run,
  startTime: number,
  cause: Cause.Cause<unknown>
): Run.EvaluatorRun => {
  member.lane.leave()
  return failed(session, member, run, startTime, cause)
}

/** The run of an evaluator that has failed at once. */
const failed = <R>(
  session: Session<R>,
  { evaluator }: Member<R>,
  run: Run.Run,
  startTime: number,
  cause: Cause.Cause<unknown>
): Run.EvaluatorRun => {
  const endTime = session.timer.now()
  const outcome = unsuccessful(cause, undefined)
  session.tracer?.mark(evaluator.name, startTime, endTime, Exit.failCause(cause), outcome, run)
  const attempt = { startTime, endTime, error: causeLine(cause) }
  return evaluatorRun(evaluator.name, startTime, endTime, outcome, [attempt], emptyTree)
}

const attemptLater = <R>(session: Session<R>, member: Member<R>, args: Evaluator.EvaluatorArgs) =>
  Effect.suspend(() => attempt(session, member, args, undefined))

const attemptBegun = <R>(
  session: Session<R>,
  member: Member<R>,
  args: Evaluator.EvaluatorArgs,
  effect: Effect.Effect<Decoded, unknown, R>,
  abort: Abort
) => attempt(session, member, args, { call: () => effect, abort })

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
        return { call: () => decode(member, call), abort }
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

const decode = <R, R2>({ source }: Member<R>, effect: Effect.Effect<unknown, unknown, R2>) =>
  Effect.flatMap(effect, (returned) => Effect.fromResult(decodeReturned(returned, source)))

const evaluatorOutcome = (exit: Exit.Exit<Decoded, unknown>, timeout: Timeout | undefined): Outcome.Outcome =>
  Exit.isFailure(exit) ? unsuccessful(exit.cause, timeout) : outcomeOf(exit.value)

const outcomeOf = (decoded: Decoded): Outcome.Outcome =>
  decoded._tag === "Skip" ? Outcome.skipped(decoded.reason) : Outcome.scored(decoded.results)
