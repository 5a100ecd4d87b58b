/** Phrases that are meant to steer a model, looked for in a plain form of the text. */
import { byPattern, type Detector } from "./safetyFindings.ts"

const inPlain = (pattern: RegExp): Detector => {
  const detect = byPattern(pattern)
  return function*(text, plain) {
    const { places, text: plainText } = plain()
    for (const { end, start } of detect(plainText, plain)) {
      yield { start: places[start] ?? 0, end: places[end] ?? text.length }
    }
  }
}

/** Up to six words in between, none longer than 20 letters: bounds, so that no text makes the search long. */
const few = "(?:[a-z']{1,20} ){0,6}?"

export const injectionDetectors: { readonly [kind: string]: Detector } = {
  ignore_instructions: inPlain(
    new RegExp(
      `\\b(?:ignore|disregard|forget|override|bypass|skip|do not follow|don't follow|stop following) ${few}` +
        "(?:instructions?|prompts?|rules|directives|guidelines|guardrails|(?:safety |content )?(?:filters?|policies|restrictions))\\b",
      "g"
    )
  ),
  reveal_prompt: inPlain(
    new RegExp(
      `\\b(?:reveal|show|print|repeat|output|display|leak|tell me|give me|what (?:is|are)|what's) ${few}` +
        "(?:system|initial|hidden|original|secret|developer) (?:prompt|message|instructions)\\b",
      "g"
    )
  ),
  new_role: inPlain(
    new RegExp(
      "\\b(?:you are now|from now on,? you(?: are|'re)|pretend (?:to be|that you(?: are|'re)|you(?: are|'re))|act as if you(?: are|'re)) " +
        `${few}(?:dan|unrestricted|unfiltered|uncensored|jailbroken|evil|different|another|new|no longer|free from|in [a-z]{1,20} mode|ai|assistant)\\b`,
      "g"
    )
  ),
  no_limits: inPlain(
    /\b(?:do anything now|(?:enable|enter|activate|switch to) (?:[a-z]{1,20} ){0,2}?(?:developer|god|admin|root|debug|dan|jailbreak|unrestricted) mode|(?:without|no|have no) (?:any )?(?:content|safety|ethical|moral) (?:policies|policy|restrictions|guidelines|filters|limits))\b/g
  ),
  // What separates the roles in the prompts of models; an honest text has no use for it.
  chat_markup: byPattern(
    /<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_header_id)\|>|\[\/?INST\]|<<\/?SYS>>|<\/?(?:system|assistant)(?:_prompt)?>/gi
  )
}
