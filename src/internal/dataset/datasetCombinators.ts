/** What can be done to a dataset: each gives another one, and names itself as a step. */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type * as Dataset from "../../Dataset.ts"
import type * as Example from "../../Example.ts"
import { describe } from "../values/describe.ts"
import { hashText } from "../values/identity.ts"
import { refuseUnknown } from "../values/options.ts"
import { exampleAt, isDataset, isLeftOut, makeDataset, readAhead, withStep } from "./dataset.ts"

/**
 * The same examples under another name or version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const rename: {
  (name: string, options?: { readonly version?: string | undefined }): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    name: string,
    options?: { readonly version?: string | undefined }
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(
  (args) => isDataset(args[0]),
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    name: string,
    options?: { readonly version?: string | undefined }
  ): Dataset.Dataset<I, Ref, M, E, R> => makeDataset({ ...self, name, version: options?.version ?? self.version })
)

/**
 * Keeps the examples that satisfy a predicate.
 *
 * @category combinators
 * @since 0.1.0
 */
export const filter: {
  <I, Ref, M>(predicate: (example: Example.Example<NoInfer<I>, NoInfer<Ref>, NoInfer<M>>) => boolean): <E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    predicate: (example: Example.Example<I, Ref, M>) => boolean
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(2, <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  predicate: (example: Example.Example<I, Ref, M>) => boolean
): Dataset.Dataset<I, Ref, M, E, R> =>
  withStep(self, "filter", undefined, Stream.filter(self.items, (item) => isLeftOut(item) || predicate(item))))

/**
 * Makes other examples of the examples. Ids, splits and attachments stay unless the function gives others.
 *
 * @category combinators
 * @since 0.1.0
 */
export const map: {
  <I, Ref, M, I2, Ref2 = undefined, M2 = Record<string, never>>(
    f: (example: Example.Example<NoInfer<I>, NoInfer<Ref>, NoInfer<M>>) => Example.Input<I2, Ref2, M2>
  ): <E, R>(self: Dataset.Dataset<I, Ref, M, E, R>) => Dataset.Dataset<I2, Ref2, M2, E, R>
  <I, Ref, M, E, R, I2, Ref2 = undefined, M2 = Record<string, never>>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    f: (example: Example.Example<I, Ref, M>) => Example.Input<I2, Ref2, M2>
  ): Dataset.Dataset<I2, Ref2, M2, E, R>
} = dual(2, <I, Ref, M, E, R, I2, Ref2, M2>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  f: (example: Example.Example<I, Ref, M>) => Example.Input<I2, Ref2, M2>
): Dataset.Dataset<I2, Ref2, M2, E, R> =>
  withStep(
    self,
    "map",
    self.size,
    Stream.map(self.items, (item, index): Dataset.Item<I2, Ref2, M2> => {
      if (isLeftOut(item)) return item
      const input = f(item)
      return exampleAt(self.name)({
        ...input,
        id: input.id ?? item.id,
        split: input.split ?? item.splits,
        attachments: input.attachments ?? item.attachments
      }, index)
    })
  ))

/**
 * The first `n` examples.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take: {
  (n: number): <I, Ref, M, E, R>(self: Dataset.Dataset<I, Ref, M, E, R>) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(self: Dataset.Dataset<I, Ref, M, E, R>, n: number): Dataset.Dataset<I, Ref, M, E, R>
} = dual(
  2,
  <I, Ref, M, E, R>(self: Dataset.Dataset<I, Ref, M, E, R>, n: number): Dataset.Dataset<I, Ref, M, E, R> =>
    withStep(
      self,
      `take(${wholeNumber("take", n)})`,
      atMost(n, self.size),
      n <= 0 ? Stream.empty : Stream.suspend(() => {
        let taken = 0
        return Stream.takeUntil(self.items, (item) => !isLeftOut(item) && ++taken >= n)
      })
    )
)

/** A number that was not computed as it was meant would quietly leave out too much, or too little. */
const wholeNumber = (combinator: string, n: number): number => {
  if (Number.isInteger(n) || n === Number.POSITIVE_INFINITY) return n
  throw new RangeError(`Dataset.${combinator}: expected a whole number of examples, got ${describe(n)}`)
}

const atMost = (n: number, size: number | undefined): number | undefined =>
  size === undefined ? undefined : Math.max(0, Math.min(n, size))

/**
 * Keeps the examples of one split or of several.
 *
 * @category combinators
 * @since 0.1.0
 */
export const split: {
  (name: string | ReadonlyArray<string>): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    name: string | ReadonlyArray<string>
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(2, <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  name: string | ReadonlyArray<string>
): Dataset.Dataset<I, Ref, M, E, R> => {
  const names = new Set(typeof name === "string" ? [name] : name)
  return withStep(
    self,
    `split(${[...names].join(", ")})`,
    undefined,
    Stream.filter(self.items, (item) => isLeftOut(item) || item.splits.some((split) => names.has(split)))
  )
})

/**
 * Puts every example into one of several splits, in the given proportions, by its content: the same example lands in the
 * same split whatever its place and however the dataset grows. Splits that the examples had are replaced.
 *
 * **Example** (Four fifths to tune on, one fifth to judge by)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset } from "effect-evals"
 *
 * const numbers = Dataset.fromIterable("numbers", Array.from({ length: 1000 }, (_, n) => ({ inputs: n })))
 * const test = numbers.pipe(Dataset.assignSplits({ tune: 0.8, test: 0.2 }, { seed: 1 }), Dataset.split("test"))
 * const examples = await Effect.runPromise(Dataset.collect(test))
 * console.log(examples.length > 150 && examples.length < 250) // => true
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const assignSplits: {
  (proportions: { readonly [split: string]: number }, options: { readonly seed: number | string }): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    proportions: { readonly [split: string]: number },
    options: { readonly seed: number | string }
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(3, <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  proportions: { readonly [split: string]: number },
  options: { readonly seed: number | string }
): Dataset.Dataset<I, Ref, M, E, R> => {
  const seed = seedOf("assignSplits", options)
  const names = Object.keys(proportions)
  const total = Object.values(proportions).reduce((sum, share) => sum + share, 0)
  const assign = (example: Example.Example): string | undefined => {
    // 48 bits of a hash, as a number from 0 to 1.
    let point = parseInt(hashText(`${seed}:${example.contentHash}`).slice(0, 12), 16) / 2 ** 48 * total
    return names.find((name) => (point -= proportions[name] ?? 0) < 0) ?? names.at(-1)
  }
  return withStep(
    self,
    `assignSplits(${names.map((name) => `${name} ${proportions[name]}`).join(", ")}; seed ${seed})`,
    self.size,
    Stream.map(
      self.items,
      (item, index): Dataset.Item<I, Ref, M> =>
        isLeftOut(item) ? item : exampleAt(self.name)({ ...item, split: assign(item) }, index)
    )
  )
})

/**
 * All examples in an order that depends on the seed alone. Holds the whole dataset in memory.
 *
 * @category combinators
 * @since 0.1.0
 */
export const shuffle: {
  (options: { readonly seed: number | string }): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    options: { readonly seed: number | string }
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(2, <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  options: { readonly seed: number | string }
): Dataset.Dataset<I, Ref, M, E, R> => {
  const seed = seedOf("shuffle", options)
  return withStep(
    self,
    `shuffle(seed ${seed})`,
    self.size,
    Stream.unwrap(
      Stream.runCollect(self.items).pipe(
        Effect.flatMap((items) => Random.withSeed(Random.shuffle(items), seed)),
        Effect.map((items) => Stream.fromIterable(items, { chunkSize: readAhead }))
      )
    )
  )
})

/**
 * `n` examples, drawn without replacement, in the order of the dataset; which ones depends on the seed alone. Holds `n`
 * examples in memory (reservoir sampling, algorithm R: J. S. Vitter, "Random Sampling with a Reservoir", 1985).
 *
 * @category combinators
 * @since 0.1.0
 */
export const sample: {
  (n: number, options: { readonly seed: number | string }): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I, Ref, M, E, R>
  <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    n: number,
    options: { readonly seed: number | string }
  ): Dataset.Dataset<I, Ref, M, E, R>
} = dual(3, <I, Ref, M, E, R>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  n: number,
  options: { readonly seed: number | string }
): Dataset.Dataset<I, Ref, M, E, R> => {
  const seed = seedOf("sample", options)
  return withStep(
    self,
    `sample(${wholeNumber("sample", n)}, seed ${seed})`,
    atMost(n, self.size),
    Stream.unwrap(
      Effect.gen(function*() {
        // The source draws from its own generator: what it does with chance is not to change the sample.
        const random = yield* Random.withSeed(Random.Random, seed)
        const drawn: Array<{ readonly position: number; readonly item: Dataset.Item<I, Ref, M> }> = []
        const leftOut: typeof drawn = []
        let seen = 0
        let position = 0
        yield* Stream.runForEach(self.items, (item) =>
          Effect.sync(() => {
            const entry = { position: position++, item }
            if (isLeftOut(item)) return void leftOut.push(entry)
            const slot = seen < n ? seen : Math.floor(random.nextDoubleUnsafe() * (seen + 1))
            if (slot < n) drawn[slot] = entry
            seen++
          }))
        const items = [...drawn, ...leftOut].sort((a, b) => a.position - b.position).map((entry) => entry.item)
        return Stream.fromIterable(items, { chunkSize: readAhead })
      })
    )
  )
})

/**
 * The examples of one dataset after those of another, under the name of the first. An id that both have is an error when
 * the dataset is read.
 *
 * @category combinators
 * @since 0.1.0
 */
export const concat: {
  <I2, Ref2, M2, E2, R2>(that: Dataset.Dataset<I2, Ref2, M2, E2, R2>): <I, Ref, M, E, R>(
    self: Dataset.Dataset<I, Ref, M, E, R>
  ) => Dataset.Dataset<I | I2, Ref | Ref2, M | M2, E | E2, R | R2>
  <I, Ref, M, E, R, I2, Ref2, M2, E2, R2>(
    self: Dataset.Dataset<I, Ref, M, E, R>,
    that: Dataset.Dataset<I2, Ref2, M2, E2, R2>
  ): Dataset.Dataset<I | I2, Ref | Ref2, M | M2, E | E2, R | R2>
} = dual(2, <I, Ref, M, E, R, I2, Ref2, M2, E2, R2>(
  self: Dataset.Dataset<I, Ref, M, E, R>,
  that: Dataset.Dataset<I2, Ref2, M2, E2, R2>
): Dataset.Dataset<I | I2, Ref | Ref2, M | M2, E | E2, R | R2> =>
  withStep(
    self,
    `concat(${[that.name, ...that.steps].join(", ")})`,
    self.size === undefined || that.size === undefined ? undefined : self.size + that.size,
    Stream.concat<Dataset.Item<I | I2, Ref | Ref2, M | M2>, E, R, Dataset.Item<I | I2, Ref | Ref2, M | M2>, E2, R2>(
      self.items,
      that.items
    )
  ))

/** Where chance has a say, somebody has to say with which seed: else the next run would have other examples. */
const seedOf = (combinator: string, options: { readonly seed: number | string }): number | string => {
  refuseUnknown(`Dataset.${combinator}`, options, ["seed"])
  const { seed }: { readonly seed?: unknown } = options
  if (typeof seed !== "number" && typeof seed !== "string") {
    throw new TypeError(`Dataset.${combinator} needs { seed: a number or a text }, got ${describe(options)}.`)
  }
  return seed
}
