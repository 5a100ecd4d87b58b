/**
 * Evaluations as tests of Vitest.
 *
 * @since 0.1.0
 */
export * from "./Matchers.ts"
export * from "./Meta.ts"
export * from "./Suite.ts"
