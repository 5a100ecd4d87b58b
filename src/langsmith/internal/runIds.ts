/** Under which id a run is known to the server. */
import type * as Experiment from "../../Experiment.ts"
import { hashText, uuidOfHash, uuidOfSpan } from "../../internal/values/identity.ts"
import type * as Run from "../../Run.ts"

/** The experiment that runs are written to. */
export interface Home {
  readonly id: string
  /** Runs that began before it were taken over from other experiments. */
  readonly startTime: number
}

/**
 * An experiment that goes on from others has their runs among its own, under the same ids. The server may have those
 * already, in the other experiment, and knows each id once: so a run that was taken over gets another one, always the same.
 */
export const runId = (home: Home, run: Pick<Run.Run, "id" | "startTime">): string =>
  run.startTime >= home.startTime ? run.id : uuidOfHash(hashText(`${home.id}/${run.id}`))

/** The id of a span below a run: the one by which trace headers name it. */
export const spanRunId = (
  home: Home,
  run: Pick<Run.Run, "startTime">,
  span: Pick<Run.ChildRun, "id" | "startTime">
): string => uuidOfSpan(span.startTime, run.startTime >= home.startTime ? span.id : `${home.id}/${span.id}`)

/** An experiment that was read from the server has the ids that the server has. */
export const homeOf = ({ id, provenance, startTime }: Experiment.Header): Home => ({
  id,
  startTime: "langsmith" in provenance ? Number.NEGATIVE_INFINITY : startTime
})
