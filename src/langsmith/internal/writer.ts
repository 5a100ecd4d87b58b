/** What writes to LangSmith, for the modules of this wing. */
import * as Context from "effect/Context"
import type { Parts } from "./tracingClient.ts"

export class Writer extends Context.Service<Writer, { readonly parts: Parts }>()("effect-evals/langsmith/Writer") {}
