/** From a measure of all rows to a summary evaluator. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as EvaluationResult from "../../EvaluationResult.ts"
import type * as Row from "../../Row.ts"
import * as SummaryEvaluator from "../../SummaryEvaluator.ts"
import { type SummaryOptions, type SummaryRow, UnusableValue } from "../Scorer.ts"
import type { Reader } from "./readers.ts"
import { type Own, readPart, refuseOthers } from "./scorer.ts"
import { counted } from "./words.ts"

interface State<S> {
  readonly value: S
  readonly rows: number
  readonly failedRuns: number
  readonly error: UnusableValue | undefined
}

/** A summary scorer that folds the pairs of actual and expected values of its rows. */
export const foldPairs = <A, B, S, I, O, Ref, M, Given = SummaryOptions<I, O, Ref, M>>(
  identity: { readonly name: string; readonly own: Own<Given> },
  options: (SummaryOptions<I, O, Ref, M> & Given) | undefined,
  readers: { readonly actual: Reader<A>; readonly expected: Reader<B> },
  fold: {
    readonly initial: () => S
    readonly step: (state: S, actual: A, expected: B) => S
    /** `rows` says in words how many rows there were. */
    readonly result: (state: S, rows: string) => EvaluationResult.Returned
  }
): SummaryEvaluator.SummaryEvaluator<I, O, Ref, M> => {
  refuseOthers(identity, options, ["key", "actual", "expected", "when"])
  const key = options?.key ?? identity.name
  const readRow = (row: SummaryRow<I, O, Ref, M>): Result.Result<readonly [A, B], UnusableValue> => {
    const actual = select(key, "actual", options?.actual, readers.actual, row)
    if (Result.isFailure(actual)) return Result.fail(actual.failure)
    const expected = select(key, "expected", options?.expected, readers.expected, row)
    return Result.map(expected, (expected) => [actual.success, expected] as const)
  }
  return SummaryEvaluator.fold(key, {
    initial: (): State<S> => ({ value: fold.initial(), rows: 0, failedRuns: 0, error: undefined }),
    step: (state: State<S>, row: Row.Row<I, O, Ref, M>): State<S> => {
      if (state.error !== undefined) return state
      const { example, run } = row
      if (run.outcome._tag !== "Succeeded") return { ...state, failedRuns: state.failedRuns + 1 }
      const { inputs, metadata, referenceOutputs } = example
      const summaryRow = { inputs, metadata, referenceOutputs, outputs: run.outcome.outputs, row }
      if (options?.when?.(summaryRow) === false) return state
      const read = readRow(summaryRow)
      return Result.isFailure(read)
        ? { ...state, error: inExample(read.failure, example.id) }
        : { ...state, value: fold.step(state.value, ...read.success), rows: state.rows + 1 }
    },
    result: ({ error, failedRuns, rows, value }) => {
      if (error !== undefined) return Effect.fail(error)
      const failed = failedRuns === 0 ? "" : `, ${counted(failedRuns, "failed run")} left out`
      return fold.result(value, `${counted(rows, "row")}${failed}`)
    }
  })
}

const defaults = { actual: "outputs", expected: "referenceOutputs" } as const

const select = <A, I, O, Ref, M>(
  key: string,
  part: UnusableValue["part"],
  selector: ((row: SummaryRow<I, O, Ref, M>) => unknown) | undefined,
  reader: Reader<A>,
  row: SummaryRow<I, O, Ref, M>
): Result.Result<A, UnusableValue> =>
  selector === undefined
    ? readPart(key, part, false, reader, row[defaults[part]])
    : readPart(key, part, true, reader, selector(row))

const inExample = ({ message, part, scorer }: UnusableValue, id: string): UnusableValue =>
  new UnusableValue({ scorer, part, message: `${message} (In the row of example ${id}.)` })
