/** The run of a target: what it is told, and what is recorded of it. */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import type * as Attachment from "../../Attachment.ts"
import type * as Example from "../../Example.ts"
import type * as Run from "../../Run.ts"
import type * as Target from "../../Target.ts"
import { snapshot } from "../values/clone.ts"
import type { Attempted } from "./attempts.ts"
import { emptyTree, type Tree } from "./runTree.ts"
import type { Session } from "./session.ts"
import { unsuccessful } from "./unsuccessful.ts"
import { Abort } from "./userCode.ts"

/** An example to run, and which repetition of it. */
export interface Planned {
  readonly example: Example.Example
  readonly repetition: number
}

/** What a target is told besides its inputs. */
export class TargetContext extends Abort implements Target.TargetContext {
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
export const recordedRun = <R>(session: Session<R>, planned: Planned, time: number): Run.Run | undefined => {
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

/** The run of a target, whatever came of it. */
export const toRun = <R>(
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
