/**
 * The command line `effect-evals`: what its configuration may say, and the store that it keeps for a project.
 *
 * @since 0.1.0
 */
import type { Config } from "./Config.ts"

export type { Config, ReportFormat, RunOptions } from "./Config.ts"
export * as ProjectStore from "./ProjectStore.ts"

/**
 * The configuration of a project, with its types checked where it is written.
 *
 * **Example** (An `effect-evals.config.ts`)
 *
 * ```ts
 * import { defineConfig } from "effect-evals/cli"
 *
 * export default defineConfig({
 *   files: ["evals/*.eval.ts"],
 *   concurrency: 8,
 *   timeout: "30s",
 *   gate: ["failures <= 2%"]
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const defineConfig = (config: Config): Config => config
