/**
 * What the functions of this wing take.
 *
 * @since 0.1.0
 */

/**
 * Numbers in a row: an array or a typed array. A `Float64Array` is the fastest. They are never changed.
 *
 * Every number has to be finite; NaN and the infinities throw a `RangeError` that says where. (Functions that look at
 * the order alone, such as `auroc`, take the infinities.)
 *
 * @category models
 * @since 0.1.0
 */
export type Values = ArrayLike<number>

/**
 * Whatever names a group or a class.
 *
 * @category models
 * @since 0.1.0
 */
export type Label = string | number | boolean

/**
 * Names, one per value, in the order of the values. Values with the same name belong together: questions about one
 * text, samples of one question.
 *
 * @category models
 * @since 0.1.0
 */
export type Clusters = ReadonlyArray<Label>
