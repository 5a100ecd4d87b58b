/** One row: the target on one example, then the evaluators on what came of it. This is the hot path. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import type * as Target from "../../Target.ts"
import { mutableCopy } from "../values/clone.ts"
import { type Attempted, beginAttempts, type Code } from "./attempts.ts"
import type { TooManyFailures } from "./evaluationErrors.ts"
import type { Entry } from "./inFlight.ts"
import { judge } from "./judging.ts"
import { type Begin, guard, type Task } from "./pool.ts"
import type { Reused } from "./reuse.ts"
import { emptyTree, type RunScope } from "./runTree.ts"
import type { Session } from "./session.ts"
import { functionOf } from "./target.ts"
import { type Planned, recordedRun, TargetContext, toRun } from "./targetRun.ts"

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
    if (!Effect.isEffect(row)) return this.finish(row)
    this.session.onJudging?.({ index: this.index, example: this.planned.example, run, evaluations: [] })
    this.finishLater(row)
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
