/** What LangSmith wants to know of a span: its inputs and outputs, its model, its tokens; the rest is metadata. */
import { type Json, toJson } from "../../internal/values/json.ts"
import type * as Run from "../../Run.ts"

export interface SpanData {
  readonly inputs: { readonly [name: string]: Json }
  readonly outputs: { readonly [name: string]: Json }
  readonly metadata: { readonly [name: string]: Json }
}

/**
 * Attributes that hold what went in, with the name under which they are sent. The names are those of OpenTelemetry's
 * GenAI conventions, of OpenInference, and plain ones; one that is sent under no name is the inputs.
 */
const inputNames: { readonly [attribute: string]: string } = {
  "gen_ai.input.messages": "messages",
  "gen_ai.system_instructions": "system",
  "gen_ai.tool.definitions": "tools",
  "gen_ai.prompt": "prompt",
  "gen_ai.tool.call.arguments": "",
  "input.value": "",
  "inputs": "",
  "langsmith.inputs": ""
}

const outputNames: { readonly [attribute: string]: string } = {
  "gen_ai.output.messages": "messages",
  "gen_ai.completion": "completion",
  "gen_ai.tool.call.result": "",
  "output.value": "",
  "outputs": "",
  "langsmith.outputs": ""
}

/** LangSmith's names for what the conventions call otherwise; it shows the model and looks up its prices by them. */
const metadataNames: { readonly [attribute: string]: string } = {
  "gen_ai.provider.name": "ls_provider",
  "gen_ai.system": "ls_provider",
  "gen_ai.request.model": "ls_model_name",
  "gen_ai.request.temperature": "ls_temperature",
  "gen_ai.request.max_tokens": "ls_max_tokens",
  "gen_ai.request.stop_sequences": "ls_stop"
}

export const spanData = (child: Run.ChildRun): SpanData => {
  const inputs: Record<string, Json> = {}
  const outputs: Record<string, Json> = {}
  const metadata: Record<string, Json> = {}
  for (const [attribute, value] of Object.entries(child.attributes)) {
    const input = own(inputNames, attribute)
    const output = own(outputNames, attribute)
    if (input !== undefined) put(inputs, input, value, "input")
    else if (output !== undefined) put(outputs, output, value, "output")
    else {
      const json = toJson(value)
      metadata[attribute] = json
      const name = own(metadataNames, attribute)
      if (name !== undefined) metadata[name] = json
    }
  }
  if (child.usage !== undefined && isModel(child) && !hasModelBelow(child)) {
    outputs["usage_metadata"] = usageMetadata(child.usage)
  }
  return { inputs, outputs, metadata }
}

const own = (names: { readonly [attribute: string]: string }, attribute: string): string | undefined =>
  Object.hasOwn(names, attribute) ? names[attribute] : undefined

/** OpenTelemetry's attributes hold no objects, so data stands in them as the text of its JSON. */
const put = (into: Record<string, Json>, name: string, value: unknown, fallback: string): void => {
  const json = toJson(typeof value === "string" ? parsed(value) : value)
  if (name !== "") into[name] = json
  else if (isRecord(json)) Object.assign(into, json)
  else into[fallback] = json
}

const parsed = (text: string): unknown => {
  if (!/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const isRecord = (json: Json): json is { readonly [name: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json)

const isModel = ({ runType }: Run.ChildRun): boolean => runType === "llm" || runType === "embedding"

/** LangSmith adds up the tokens of all models in a tree: those of a model call around a model call would count twice. */
const hasModelBelow = ({ childRuns }: Run.ChildRun): boolean =>
  childRuns.some((child) => (isModel(child) && child.usage !== undefined) || hasModelBelow(child))

const usageMetadata = ({ cost, inputTokens, outputTokens }: Run.Usage): Json => ({
  input_tokens: inputTokens,
  output_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  ...(cost === undefined ? {} : { total_cost: cost })
})
