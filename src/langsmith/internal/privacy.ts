/** Privacy as it is applied. */
import type { Json } from "../../internal/values/json.ts"
import type { Options } from "../Privacy.ts"

export interface Privacy {
  readonly inputs: (inputs: Json) => Json
  readonly outputs: (outputs: Json) => Json
  readonly metadata: (metadata: Json) => Json
  /** Data that is neither, such as values and corrections of feedback. */
  readonly data: (data: Json) => Json
  readonly text: (text: string) => string
  /** Whether a trace is sent whole. */
  readonly sampled: (traceId: string) => boolean
}

const same = <A>(value: A): A => value

/** Stands for what could not be made fit to be sent. */
const unsent: Json = { hidden: "what was to change this before it is sent has failed" }

export const makePrivacy = (options: Options): Privacy => {
  const { anonymizer, samplingRate = 1 } = options
  const anonymous = anonymizer?.data ?? same
  const changed = (hide: Options["hideInputs"]) => {
    if (hide === true) return () => ({})
    const change = typeof hide === "function" ? hide : undefined
    if (change === undefined && anonymizer === undefined) return same
    return (data: Json): Json => {
      try {
        return anonymous(change === undefined ? data : change(data))
      } catch {
        return unsent
      }
    }
  }
  const text = anonymizer?.text
  return {
    inputs: changed(options.hideInputs),
    outputs: changed(options.hideOutputs),
    metadata: changed(options.hideMetadata),
    data: changed(undefined),
    text: text === undefined ? same : (from) => {
      try {
        return text(from)
      } catch {
        return "what was to change this text before it is sent has failed"
      }
    },
    sampled: samplingRate >= 1 ? () => true : (traceId) => shareOf(traceId) < samplingRate
  }
}

/** A number from 0 to 1 that is the same for the same id: FNV-1a, then mixed, since ids made in a row differ little. */
const shareOf = (id: string): number => {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
