/** The evaluators of a row: calls them, and gives what came of each. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Example from "../../Example.ts"
import * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import type * as Run from "../../Run.ts"
import { causeLine } from "../values/causes.ts"
import { isTracing } from "./asyncScope.ts"
import { runAttempts, type Timeout } from "./attempts.ts"
import { type Decoded, decodeReturned, type Decoding } from "./results.ts"
import type { Reused } from "./reuse.ts"
import { emptyTree, type Tree } from "./runTree.ts"
import type { Session } from "./session.ts"
import { unsuccessful } from "./unsuccessful.ts"
import { Abort, fromReturned, isImmediate } from "./userCode.ts"

type Member<R> = Session<R>["evaluators"][number]

/**
 * Runs the evaluators of a row in parallel, but for those whose outcomes are there. Gives the row if all their results are
 * there at once, else an effect that waits for them.
 */
export const judge = <R>(
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
