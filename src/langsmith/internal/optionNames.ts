/** The names of the options of LangSmith's layers: a misspelt one must not send what was to be hidden. */
import { optionNames } from "../../internal/values/options.ts"
import type * as LangSmith from "../LangSmith.ts"
import type * as LangSmithClient from "../LangSmithClient.ts"

export const writeNames = optionNames<LangSmith.WriteOptions>({
  hideInputs: true,
  hideOutputs: true,
  hideMetadata: true,
  anonymizer: true,
  samplingRate: true,
  dataset: true,
  spoolDirectory: true,
  spoolMaxBytes: true,
  batchRows: true,
  flushInterval: true,
  uploadConcurrency: true,
  bufferBytes: true,
  retryFor: true,
  flushTimeout: true
})

export const clientNames = optionNames<LangSmithClient.Options>({
  apiKey: true,
  apiUrl: true,
  webUrl: true,
  workspaceId: true,
  timeout: true,
  retries: true,
  transformClient: true
})
