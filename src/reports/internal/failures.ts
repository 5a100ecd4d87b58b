/** What failed in rows, and why. */
import * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"

export interface Failure {
  /** The target, or the evaluator of this name. */
  readonly of: string
  readonly isTarget: boolean
  readonly message: string
  readonly row: Row.Row
}

/** Every failure of the rows. */
export const failuresOf = (rows: ReadonlyArray<Row.Row>): ReadonlyArray<Failure> =>
  rows.flatMap((row): ReadonlyArray<Failure> => [
    ...(row.run.error === undefined ? [] : [{ of: "target", isTarget: true, message: row.run.error, row }]),
    ...row.evaluations.flatMap(({ evaluator, outcome }) =>
      Outcome.isFailure(outcome) ? [{ of: evaluator, isTarget: false, message: outcome.message, row }] : []
    )
  ])

/** The failures by reason, the most frequent first. */
export const byReason = (
  failures: ReadonlyArray<Failure>
): ReadonlyArray<{ readonly of: string; readonly message: string; readonly failures: ReadonlyArray<Failure> }> =>
  Array.from(Map.groupBy(failures, ({ isTarget, message, of }) => JSON.stringify([isTarget, of, message])).values())
    .flatMap((group) => group[0] === undefined ? [] : [{ of: group[0].of, message: group[0].message, failures: group }])
    .sort((a, b) => b.failures.length - a.failures.length)
