/** Which examples to take, as people type it: `split=test`, `metadata.topic!=spam`, `inputs.question~refund`. */
import type * as Example from "../../Example.ts"

/** A condition on an example. */
export interface ExampleFilter {
  readonly text: string
  readonly holds: (example: Example.Example<unknown, unknown, unknown>) => boolean
}

const parts = ["id", "split", "inputs", "referenceOutputs", "metadata"] as const

/** The condition that a text says; `undefined` for what says none. */
export const readFilter = (text: string): ExampleFilter | undefined => {
  const match = /^\s*([\w$-]+)((?:\.[^.=!~\s]+)*)\s*(!=|=|~)\s*(.*?)\s*$/s.exec(text)
  if (match === null) return undefined
  const [, head, tail = "", operator, value = ""] = match
  const part = parts.find((part) => part === head)
  if (part === undefined || (tail !== "" && (part === "id" || part === "split"))) return undefined
  const path = tail.split(".").slice(1)
  const wanted = value.replace(/^(["'])(.*)\1$/s, "$2")
  const isFound = operator === "~"
    ? (found: string) => found.toLowerCase().includes(wanted.toLowerCase())
    : (found: string) => found === wanted
  return {
    text: text.trim(),
    holds: (example) => {
      const found = textsAt(part === "split" ? example.splits : example[part], path).some(isFound)
      return operator === "!=" ? !found : found
    }
  }
}

/** The texts of what a path leads to; a list has those of its elements. */
const textsAt = (value: unknown, path: ReadonlyArray<string>): ReadonlyArray<string> => {
  const [next, ...rest] = path
  if (next === undefined) {
    if (Array.isArray(value)) return value.flatMap((element) => textsAt(element, []))
    if (value === undefined) return []
    return [typeof value === "string" ? value : JSON.stringify(value) ?? String(value)]
  }
  return typeof value === "object" && value !== null ? textsAt(Reflect.get(value, next), rest) : []
}
