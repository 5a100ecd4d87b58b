/**
 * What verdicts are.
 *
 * @since 0.1.0
 */

/**
 * What verdicts are: yes or no, a number in a range, or names with scores.
 *
 * @category models
 * @since 0.1.0
 */
export type Output =
  | { readonly _tag: "Boolean" }
  | { readonly _tag: "Number"; readonly min: number; readonly max: number }
  | { readonly _tag: "Choices"; readonly choices: { readonly [name: string]: number } }

/**
 * Verdicts are yes or no; the score is `true` or `false`.
 *
 * @category outputs
 * @since 0.1.0
 */
export const boolean: Output = { _tag: "Boolean" }

/**
 * Verdicts are numbers in a range, both ends included. A range that is none throws a `RangeError`.
 *
 * @category outputs
 * @since 0.1.0
 */
export const number = (range: { readonly min: number; readonly max: number }): Output => {
  if (!(range.min < range.max) || !Number.isFinite(range.max - range.min)) {
    throw new RangeError(`verdicts cannot be numbers from ${range.min} to ${range.max}`)
  }
  return { _tag: "Number", ...range }
}

/**
 * Verdicts are names, each with its score. The name is the `value` of the result. No names throw a `RangeError`.
 *
 * @category outputs
 * @since 0.1.0
 */
export const choices = (choices: { readonly [name: string]: number }): Output => {
  if (Object.keys(choices).length === 0) throw new RangeError("verdicts are to be names, but there are none")
  return { _tag: "Choices", choices }
}
