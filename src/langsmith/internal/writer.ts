/** What writes to LangSmith. */
import * as Context from "effect/Context"
import type { Parts } from "./tracingClient.ts"

/**
 * What writes to LangSmith, for `Experiments` and `replay`. The layers provide it.
 *
 * @category services
 * @since 0.1.0
 */
export class Writer extends Context.Service<Writer, { readonly parts: Parts }>()("effect-evals/langsmith/Writer") {}
