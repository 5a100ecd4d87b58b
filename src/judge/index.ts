/**
 * Evaluators that ask a language model.
 *
 * @since 0.1.0
 */
export * as Judge from "./Judge.ts"
