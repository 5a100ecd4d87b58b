/** Bodies as servers send them. */

export const usage = {
  prompt_tokens: 120,
  completion_tokens: 8,
  total_tokens: 128,
  prompt_tokens_details: { cached_tokens: 100, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 3, audio_tokens: 0 }
}

/** A chat completion with one choice. */
export const completion = (message: object, finish: string | null = "stop", rest: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "small-2026",
  choices: [{
    index: 0,
    message: { role: "assistant", content: null, refusal: null, ...message },
    finish_reason: finish
  }],
  usage,
  system_fingerprint: "fp_1",
  ...rest
})

/** A piece of one. */
export const chunk = (delta: object, finish: string | null = null, rest: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_760_000_000,
  model: "small-2026",
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...rest
})

/** The last piece, which has no choices. */
export const usageChunk = { ...chunk({}), choices: [], usage }

export const failure = (message: string, rest: object = {}) => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...rest }
})
