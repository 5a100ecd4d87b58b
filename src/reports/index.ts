/**
 * Reports on experiments.
 *
 * @since 0.1.0
 */
export * as Terminal from "./Terminal.ts"
