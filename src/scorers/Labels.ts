/**
 * Scorers of classifications: row by row, and over all rows with the functions of `effect-evals/statistics`.
 *
 * @since 0.1.0
 */
export * from "./LabelMatch.ts"
export * from "./LabelMetrics.ts"
export * from "./LabelProbabilities.ts"
