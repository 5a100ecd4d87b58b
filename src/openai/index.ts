/**
 * Effect's models on servers that speak OpenAI's protocol.
 *
 * @since 0.1.0
 */
export * as OpenAiClient from "./OpenAiClient.ts"
export * as OpenAiEmbeddingModel from "./OpenAiEmbeddingModel.ts"
export * as OpenAiLanguageModel from "./OpenAiLanguageModel.ts"
