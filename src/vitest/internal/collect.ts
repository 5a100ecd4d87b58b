/** The examples of a dataset, read when tests are collected: each becomes a test. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Example from "../../Example.ts"
import { checkedItems, isLeftOut, makeDataset } from "../../internal/dataset/dataset.ts"

type AnyDataset<R> = Dataset.Dataset<unknown, unknown, unknown, unknown, R>

/** An example and where it stands in the whole dataset, from 0. */
export interface Placed {
  readonly position: number
  readonly example: Example.Example
}

export interface Collected {
  /** The examples of this shard, in order. */
  readonly examples: ReadonlyArray<Placed>
  /** How many examples the dataset has, those of other shards included. */
  readonly size: number
  /** Rows of the source that are no examples. */
  readonly leftOut: ReadonlyArray<Dataset.DatasetError>
}

/** Such as the second of three parts: `{ index: 2, count: 3 }`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** Reads `2/3`; nothing if it is no shard. */
export const parseShard = (text: string | undefined): Shard | undefined => {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text ?? "") ?? []).map(Number)
  return index === undefined || count === undefined || index < 1 || index > count ? undefined : { index, count }
}

/**
 * Reads the examples. A dataset that needs no services is read without any; only one that cannot be read so has the layer
 * built for it, and released when it is read.
 */
export const collectExamples = <R>(
  data: AnyDataset<R>,
  layer: Layer.Layer<R, unknown> | undefined,
  shard: Shard | undefined
): Effect.Effect<Collected, unknown> => {
  const read = Effect.map(Stream.runCollect(checkedItems(data)), (items): Collected => {
    const leftOut = items.filter(isLeftOut)
    const examples = items.flatMap((item) => isLeftOut(item) ? [] : [item])
    return {
      examples: examples.flatMap((example, position) =>
        shard === undefined || position % shard.count === shard.index - 1 ? [{ position, example }] : []
      ),
      size: examples.length,
      leftOut
    }
  })
  // Whether services are missing is only known when they are asked for, which is a defect.
  const bare = Effect.exit(Effect.provideContext(read, Context.empty() as Context.Context<R>))
  return Effect.flatMap(bare, (exit) =>
    Exit.isSuccess(exit) || layer === undefined || !Cause.hasDies(exit.cause)
      ? exit
      : Effect.provide(read, layer))
}

/** The dataset that is run: the examples that were picked, and whatever was left out of the whole. */
export const pickedDataset = <R>(
  data: AnyDataset<R>,
  { leftOut, size }: Collected,
  picked: ReadonlyArray<Placed>
): AnyDataset<R> =>
  makeDataset({
    name: data.name,
    version: data.version,
    steps: picked.length === size ? data.steps : [...data.steps, stepOf(picked.length, size)],
    size: picked.length,
    items: Stream.fromIterable([...picked.map(({ example }) => example), ...leftOut])
  })

const stepOf = (picked: number, size: number) => `tests(${picked} of ${size})`

/** The steps of the whole dataset, from those of a part. */
export const stepsOfWhole = (steps: ReadonlyArray<string>): ReadonlyArray<string> =>
  /^tests\(\d+ of \d+\)$/.test(steps.at(-1) ?? "") ? steps.slice(0, -1) : steps
