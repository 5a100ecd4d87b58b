/**
 * Models that answer by a script, for testing targets and judges without a network.
 *
 * @since 0.1.0
 */
export * as ScriptedEmbeddingModel from "./ScriptedEmbeddingModel.ts"
export * as ScriptedLanguageModel from "./ScriptedLanguageModel.ts"
