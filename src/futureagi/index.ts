/**
 * FutureAGI's evaluations, for Effect apps.
 *
 * @since 0.1.0
 */
export * as FutureAgi from "./FutureAgi.ts"
export * as FutureAgiBatch from "./FutureAgiBatch.ts"
export * from "./FutureAgiError.ts"
export * as FutureAgiEvaluator from "./FutureAgiEvaluator.ts"
