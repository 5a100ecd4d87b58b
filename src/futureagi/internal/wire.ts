/**
 * What the server says, read with tolerance where its versions differ: keys in `snake_case` or `camelCase`, answers
 * wrapped in `evaluations` or not, states in any case.
 */
import * as Predicate from "effect/Predicate"
import type * as FutureAgi from "../FutureAgi.ts"

/** An object whose keys are in `snake_case`, whichever way they came. Where both are there, `snake_case` counts. */
export const snakeCased = (value: unknown): Record<string, unknown> | undefined => {
  if (!Predicate.isObject(value) || Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  const cased = entries.map((
    [key, item]
  ) => [key.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), item])
  return { ...Object.fromEntries(cased), ...Object.fromEntries(entries) }
}

const textOf = (value: unknown): string | undefined => typeof value === "string" && value !== "" ? value : undefined

const textsOf = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : []

const numberOf = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

/** The entries of an answer to a request for an evaluation; `undefined` if it has no such form. */
export const evaluationsOf = (body: unknown): ReadonlyArray<Record<string, unknown>> | undefined => {
  const result = snakeCased(body)?.["result"]
  if (!Array.isArray(result)) return undefined
  return result.flatMap((item): ReadonlyArray<Record<string, unknown>> => {
    const entry = snakeCased(item)
    if (entry === undefined) return []
    const evaluations = entry["evaluations"]
    const entries = Array.isArray(evaluations)
      ? evaluations.map(snakeCased).filter(Predicate.isNotUndefined)
      : [entry]
    // Some answers wrap each evaluation together with its state.
    return entries.map((inner) =>
      (Object.hasOwn(inner, "eval_status") ? snakeCased(inner["result"]) : undefined) ?? inner
    )
  })
}

/** A finished evaluation, from an entry of an answer. */
export const resultOf = (entry: Record<string, unknown>, template: string | undefined): FutureAgi.Result => ({
  evalId: textOf(entry["eval_id"]),
  template: textOf(entry["name"]) ?? template,
  output: entry["output"] ?? entry["value"],
  outputType: textOf(entry["output_type"]),
  reason: textOf(entry["reason"]),
  runtimeMillis: numberOf(entry["runtime"]),
  model: textOf(entry["model"]),
  errorLocalizer: entry["error_localizer"] ?? undefined
})

/** Whether a finished evaluation came to nothing. */
export const isEmpty = ({ output }: FutureAgi.Result): boolean =>
  output === undefined || output === null || output === ""

/** How far an evaluation is; `undefined` if the answer does not have the form of one. */
export const stateOf = (body: unknown): FutureAgi.State | undefined => {
  const payload = snakeCased(snakeCased(body)?.["result"])
  if (payload === undefined) return undefined
  const stated = payload["eval_status"] ?? payload["status"]
  const record = snakeCased(payload["result"])
  const result = record === undefined ? undefined : resultOf(record, undefined)
  switch (typeof stated === "string" ? stated.toLowerCase() : undefined) {
    case "pending":
      return { _tag: "Pending" }
    case "processing":
    case "running":
      return { _tag: "Processing" }
    case "completed":
      return result === undefined ? undefined : { _tag: "Completed", result }
    case "failed":
      return {
        _tag: "Failed",
        message: textOf(record?.["error_message"]) ?? textOf(payload["error_message"]) ?? textOf(payload["result"]) ??
          result?.reason,
        result
      }
  }
  return { _tag: "Unknown", state: stated === undefined ? undefined : String(stated) }
}

/** The templates of an answer, without those that have no name. */
export const templatesOf = (body: unknown): ReadonlyArray<FutureAgi.Template> | undefined => {
  const result = snakeCased(body)?.["result"]
  if (!Array.isArray(result)) return undefined
  return result.flatMap((item) => {
    const entry = snakeCased(item)
    const name = textOf(entry?.["name"])
    if (entry === undefined || name === undefined) return []
    const config = snakeCased(entry["config"]) ?? {}
    const optionalKeys = textsOf(config["optional_keys"])
    return [{
      name,
      description: textOf(entry["description"]),
      tags: textsOf(entry["eval_tags"]),
      keys: textsOf(config["required_keys"]),
      requiredKeys: textsOf(config["required_keys"]).filter((key) => !optionalKeys.includes(key)),
      models: Array.isArray(config["models"]) ? textsOf(config["models"]) : undefined,
      output: textOf(config["output"]),
      isCustom: textOf(entry["owner"])?.toLowerCase() === "user"
    }]
  })
}

/** What an answer says that is an error: texts in `result`, `detail`, `message` or `error`, and fields in `details`. */
export const complaintOf = (body: unknown) => {
  const said = snakeCased(body)
  const result = said?.["result"]
  const nested = snakeCased(result)
  const message = [
    said?.["message"],
    said?.["detail"],
    said?.["error"],
    result,
    nested?.["message"],
    nested?.["detail"]
  ]
    .map(textOf).find(Predicate.isNotUndefined)
  const fields = snakeCased(said?.["details"]) ?? snakeCased(said?.["errors"]) ??
    // Older servers have the fields in the result itself.
    (message === undefined ? nested : undefined)
  const details = fields === undefined ? undefined : Object.fromEntries(
    Object.entries(fields).map(([field, texts]) => [field, Array.isArray(texts) ? texts.map(String) : [String(texts)]])
  )
  return { message, details }
}

/** Whether an answer with a status of success says that it is an error. */
export const isComplaint = (body: unknown): boolean => snakeCased(body)?.["status"] === false
