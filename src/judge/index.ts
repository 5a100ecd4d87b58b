/**
 * Evaluators that ask a language model.
 *
 * @since 0.1.0
 */
export * as Budget from "./Budget.ts"
export * as Calibration from "./Calibration.ts"
export * as Judge from "./Judge.ts"
export * as JudgeCache from "./JudgeCache.ts"
export * as ModelLimits from "./ModelLimits.ts"
export * as Semantic from "./Semantic.ts"
