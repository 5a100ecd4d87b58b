/** What earlier experiments have done already, so that a run that resumes them does not do it again. */
import type * as Evaluation from "../../Evaluation.ts"
import type * as Example from "../../Example.ts"
import type * as Run from "../../Run.ts"
import { isPostponed } from "../values/postponed.ts"

/** What is there already of a row: the run and, by the place of the evaluator, what evaluators made of it. */
export interface Reused {
  readonly run: Run.Run
  readonly evaluations: ReadonlyArray<Run.EvaluatorRun | undefined>
}

export interface Reuse {
  /** What is there of an example; each recorded run is given once. */
  readonly take: (example: Example.Example, repetition: number) => Reused | undefined
  /** What was taken so far; `undefined` where it was done for this very experiment, so that nothing is taken over. */
  readonly counts: { readonly runs: number; readonly evaluations: number } | undefined
}

/** A recorded run with what evaluators made of it, by the fingerprint of the evaluator. */
interface Recorded {
  readonly run: Run.Run
  readonly evaluations: Map<string, Run.EvaluatorRun>
}

/** What identifies the parts of the run that is to come. */
export interface Wanted {
  readonly target: string
  /** In the order of the evaluators. */
  readonly evaluators: ReadonlyArray<{ readonly name: string; readonly fingerprint: string }>
}

/**
 * Collects the runs of the same target and the outcomes of the same evaluators, by what the example holds and the
 * repetition. Of several experiments, the later ones count first. What was cut short is not done.
 */
export const makeReuse = (
  { experiments, failed = "keep" }: Evaluation.Resume<unknown>,
  { evaluators, target }: Wanted
): Reuse => {
  const isDone = ({ outcome }: Run.Run | Run.EvaluatorRun, keepsFailed: boolean): boolean =>
    outcome._tag === "Cancelled" || (outcome._tag === "Skipped" && isPostponed(outcome.reason))
      ? false
      : keepsFailed || (outcome._tag !== "Failed" && outcome._tag !== "TimedOut")
  const byRun = new Map<string, Recorded>()
  const byContent = new Map<string, Array<Recorded>>()
  for (const experiment of experiments.toReversed()) {
    if (experiment.target.fingerprint !== target) continue
    const fingerprints = new Map(experiment.evaluators.map(({ fingerprint, name }) => [name, fingerprint]))
    for (const { evaluations, example, run } of experiment.rows) {
      if (!isDone(run, failed !== "rerun")) continue
      let recorded = byRun.get(run.id)
      if (recorded === undefined) {
        recorded = { run, evaluations: new Map() }
        byRun.set(run.id, recorded)
        const key = contentKey(example, run.repetition)
        const alike = byContent.get(key)
        if (alike === undefined) byContent.set(key, [recorded])
        else alike.push(recorded)
      }
      for (const evaluation of evaluations) {
        const fingerprint = fingerprints.get(evaluation.evaluator)
        // An evaluator that was not called, because the target had failed, costs nothing to skip again.
        if (fingerprint === undefined || evaluation.attempts.length === 0 || !isDone(evaluation, failed === "keep")) {
          continue
        }
        if (!recorded.evaluations.has(fingerprint)) recorded.evaluations.set(fingerprint, evaluation)
      }
    }
  }

  const counts = { runs: 0, evaluations: 0 }
  return {
    counts,
    take(example, repetition) {
      const alike = byContent.get(contentKey(example, repetition))
      if (alike === undefined || alike.length === 0) return undefined
      const own = alike.findIndex(({ run }) => run.exampleId === example.id)
      const [recorded] = alike.splice(Math.max(0, own), 1)
      if (recorded === undefined) return undefined
      counts.runs++
      return {
        run: { ...recorded.run, exampleId: example.id, inputs: example.inputs },
        evaluations: evaluators.map(({ fingerprint, name }) => {
          const evaluation = recorded.evaluations.get(fingerprint)
          if (evaluation === undefined) return undefined
          counts.evaluations++
          return { ...evaluation, evaluator: name }
        })
      }
    }
  }
}

const contentKey = ({ contentHash }: Example.Example, repetition: number): string => `${repetition}/${contentHash}`
