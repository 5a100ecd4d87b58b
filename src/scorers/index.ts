/**
 * Deterministic scorers: evaluators that need no model and no network.
 *
 * @since 0.1.0
 */
export * as Dates from "./Dates.ts"
export * as Labels from "./Labels.ts"
export * as Numbers from "./Numbers.ts"
export * as Retrieval from "./Retrieval.ts"
export * as Scorer from "./Scorer.ts"
export * as Text from "./Text.ts"
