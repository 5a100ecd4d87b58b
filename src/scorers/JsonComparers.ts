/**
 * How two values of one field are compared.
 *
 * @since 0.1.0
 */
import { isEqual } from "./JsonEquality.ts"

/**
 * How alike two values are: a number from 0 to 1, or whether they are the same. Either value is `undefined` where the
 * field is not there. Anything else that it gives is an error of the program, and throws. One for `Json.similar` may take
 * texts or numbers only: `Comparer<string>`, `Comparer<number>`.
 *
 * @category models
 * @since 0.1.0
 */
export type Comparer<in Value = unknown> = (actual: Value, expected: Value) => number | boolean

/**
 * Whether they are the same data, as `Json.isEqual` has it.
 *
 * @category comparers
 * @since 0.1.0
 */
export const exact: Comparer = (actual, expected) => isEqual(actual, expected)

/**
 * Whether they are the same, lists in any order.
 *
 * @category comparers
 * @since 0.1.0
 */
export const anyOrder: Comparer = (actual, expected) => isEqual(actual, expected, { anyOrder: true })

/**
 * Whether they are the same texts, leaving case and space at the ends aside; what is not a text has to be the same
 * data.
 *
 * @category comparers
 * @since 0.1.0
 */
export const anyCase: Comparer = (actual, expected) =>
  typeof actual === "string" && typeof expected === "string"
    ? actual.trim().toLowerCase() === expected.trim().toLowerCase()
    : isEqual(actual, expected)

/**
 * Whether two numbers are within a tolerance: `|actual - expected| <= max(absolute, relative * |expected|)`. What is
 * not a finite number is not.
 *
 * **Example** (Within 1 percent)
 *
 * ```ts
 * import { Json } from "effect-evals/scorers"
 *
 * const nearly = Json.within({ relative: 0.01 })
 * console.log(nearly(99.5, 100), nearly(98, 100), nearly("99.5", 100)) // => true false false
 * ```
 *
 * @category comparers
 * @since 0.1.0
 */
export const within = (
  { absolute = 0, relative = 0 }: {
    /** At least 0. Default: 0. */
    readonly absolute?: number | undefined
    /** A share of the expected number, at least 0. Default: 0. */
    readonly relative?: number | undefined
  }
): Comparer => {
  if (!(absolute >= 0) || !(relative >= 0)) {
    throw new RangeError(`tolerances are at least 0, not absolute ${absolute} and relative ${relative}`)
  }
  const compare: Comparer = (actual, expected) =>
    typeof actual === "number" && typeof expected === "number" && Number.isFinite(actual) &&
    Number.isFinite(expected) && Math.abs(actual - expected) <= Math.max(absolute, relative * Math.abs(expected))
  // The text of the function is that of any other tolerance; with this it is known for what it is.
  return Object.assign(compare, { absolute, relative })
}
