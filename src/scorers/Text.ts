/**
 * Scorers of texts, and the measures behind them.
 *
 * A scorer (`exactMatch`, `rouge`, ...) stands in a list of evaluators. A measure (`isExactMatch`, `rougeOf`, ...) is a
 * plain function of texts.
 *
 * @since 0.1.0
 */
export * from "./TextBleu.ts"
export * from "./TextChrf.ts"
export * from "./TextDistance.ts"
export * from "./TextForm.ts"
export * from "./TextLength.ts"
export * from "./TextMatch.ts"
export { type Normalization, normalize } from "./TextNormalization.ts"
export * from "./TextPattern.ts"
export * from "./TextRouge.ts"
export * from "./TextTokens.ts"
