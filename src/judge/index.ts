/**
 * Evaluators that ask a language model.
 *
 * @since 0.1.0
 */
export * as Calibration from "./Calibration.ts"
export * as Judge from "./Judge.ts"
