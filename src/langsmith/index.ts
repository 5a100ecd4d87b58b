/**
 * LangSmith: experiments written there while they run, datasets read from there, experiments that are there judged anew.
 *
 * @since 0.1.0
 */
export * as DatasetStore from "./DatasetStore.ts"
export * as Experiments from "./Experiments.ts"
export * as LangSmith from "./LangSmith.ts"
export * as LangSmithClient from "./LangSmithClient.ts"
export * from "./LangSmithError.ts"
export * as Privacy from "./Privacy.ts"
