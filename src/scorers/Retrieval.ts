/**
 * Scorers of ranked lists, such as search results and retrieved contexts, and the measures behind them.
 *
 * @since 0.1.0
 */
export * from "./RetrievalContext.ts"
export * from "./RetrievalRanking.ts"
export * from "./RetrievalScorers.ts"
