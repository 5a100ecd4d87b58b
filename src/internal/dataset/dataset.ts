/** The dataset value, and the one checked way to read it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { pipeArguments } from "effect/Pipeable"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import * as Example from "../../Example.ts"
import { DatasetError, formatPosition, messageOf } from "./datasetError.ts"
import { positionOf } from "./example.ts"
import * as IdSet from "./idSet.ts"
import * as Positions from "./positions.ts"

export const TypeId = "~effect-evals/Dataset"

/** Few, because what is read ahead is held in memory; enough to make reading cheap. */
export const readAhead = 16

/**
 * Whether a value is a dataset.
 *
 * @category guards
 * @since 0.1.0
 */
export const isDataset = (u: unknown): u is Dataset.Dataset<unknown, unknown, unknown, unknown, unknown> =>
  Predicate.hasProperty(u, TypeId)

/** A row that was left out because it is not an example. */
export const isLeftOut = (item: Dataset.Item<unknown, unknown, unknown>): item is DatasetError =>
  item instanceof DatasetError

/** Makes the value. */
export const makeDataset = <I, Ref, M, E, R>(
  fields: Omit<Dataset.Dataset<I, Ref, M, E, R>, typeof TypeId | "pipe">
): Dataset.Dataset<I, Ref, M, E, R> => ({
  [TypeId]: TypeId,
  ...fields,
  pipe() {
    return pipeArguments(this, arguments)
  }
})

/** A dataset that is another one with one more step; the step is kept for provenance. */
export const withStep = <I, Ref, M, E, R, I2, Ref2, M2, E2, R2>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  step: string,
  size: number | undefined,
  items: Stream.Stream<Dataset.Item<I2, Ref2, M2>, E2, R2>
): Dataset.Dataset<I2, Ref2, M2, E2, R2> =>
  makeDataset({ name: self.name, version: self.version, steps: [...self.steps, step], size, items })

/**
 * Makes the examples that a program gives. What cannot be one, such as a value that refers to itself, is no matter of
 * the data but a mistake in the program, hence a defect; `checkedItems` makes it the failure that names the row.
 */
export const exampleAt =
  (dataset: string) => <I, Ref, M>(input: Example.Input<I, Ref, M>, index: number): Example.Example<I, Ref, M> => {
    try {
      return Example.make(input)
    } catch (cause) {
      throw new DatasetError({
        dataset,
        reason: "InvalidExample",
        message: `${formatPosition({ index })} of the dataset ${dataset}: ${messageOf(cause)}.`,
        index,
        cause
      })
    }
  }

const brokenExample = (cause: Cause.Cause<unknown>): DatasetError | undefined =>
  cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect).find((defect) => defect instanceof DatasetError)

/** The items, with a failure where an id comes twice. Rows that were left out pass through. */
export const checkedItems = <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>
): Stream.Stream<Dataset.Item<I, Ref, M>, E | DatasetError, R> =>
  Stream.suspend(() => {
    const ids = IdSet.make()
    const positions = Positions.make()
    let index = 0
    const items = Stream.catchCause(self.items, (cause): Stream.Stream<never, E | DatasetError> => {
      const broken = brokenExample(cause)
      return broken === undefined ? Stream.failCause(cause) : Stream.fail(broken)
    })
    return Stream.mapArrayEffect(items, (items) => {
      for (const item of items) {
        if (isLeftOut(item)) continue
        const first = ids.add(item.id, index)
        positions.add(item)
        if (first !== undefined) return duplicateId(self.name, item, first, index, positions)
        index++
      }
      return Effect.succeed(items)
    })
  })

const duplicateId = Effect.fnUntraced(function*(
  dataset: string,
  example: Example.Example,
  first: number,
  second: number,
  positions: Positions.PositionLog
): Effect.fn.Return<never, DatasetError> {
  const [a, b] = [yield* positions.describe(first), yield* positions.describe(second)]
  const which = a === undefined || b === undefined
    ? `The examples at positions ${first} and ${second} (from 0) of the dataset ${dataset}`
    : `The examples at ${a} and ${b}`
  const position = positionOf(example)
  return yield* new DatasetError({
    dataset,
    reason: "DuplicateId",
    message:
      `${which} have the same id ${example.id}. Ids must be unique; an example without an id gets one from its ` +
      `content, so two equal rows clash as well. Remove one of them, or give them different ids.`,
    file: position?.file,
    line: position?.line,
    index: second,
    field: "id"
  })
})
