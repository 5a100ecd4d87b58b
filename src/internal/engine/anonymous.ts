/** What a message says about a result that has no key, from a function that has no name to stand for it. */
export const keyMissing = (
  result: "score" | "preferred",
  make: "Evaluator.make" | "SummaryEvaluator.make" | "PairwiseEvaluator.make"
): string =>
  `an anonymous function must return its key: { key: "...", ${result}: ... }. Or give the function a name, or wrap it ` +
  `in ${make}("...", ...), as is needed for a function made by Effect.fn, which has no name`
