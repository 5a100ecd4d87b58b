/** One call of a function, with a span around it. */
import { type Json, toJson } from "../../internal/values/json.ts"
import type * as Run from "../../Run.ts"
import { observe } from "./observe.ts"
import { openSpan } from "./openSpan.ts"

/** What is told to a span. `undefined` is left out. */
export type Attributes = { readonly [name: string]: unknown }

export interface Traced {
  readonly name: string | ((args: ReadonlyArray<unknown>) => string)
  readonly runType: Run.ChildRun["runType"]
  /** Before the call. */
  readonly before: (args: ReadonlyArray<unknown>) => Attributes
  /** When a value is there. */
  readonly after: (value: unknown) => Attributes
  /** When a stream has ended. */
  readonly afterStream: (chunks: ReadonlyArray<unknown>) => Attributes
}

export const callTraced = <Args extends Array<unknown>>(
  f: (...args: Args) => unknown,
  args: Args,
  { after, afterStream, before, name, runType }: Traced
): unknown => {
  const open = openSpan(
    typeof name === "string" ? name : name(args),
    runType === "llm" || runType === "embedding" ? "client" : "internal"
  )
  if (open === undefined) return f(...args)
  const { span } = open
  const tell = (make: () => Attributes) => {
    let attributes: Attributes
    try {
      attributes = make()
    } catch (error) {
      // What looks at inputs and outputs is code of the user too, and no reason for the call to fail.
      attributes = { "traceable.error": error instanceof Error ? error.message : String(error) }
    }
    for (const [name, value] of Object.entries(attributes)) if (value !== undefined) span.attribute(name, value)
  }
  if (runType !== "chain") span.attribute("langsmith.span.kind", runType)
  tell(() => before(args))
  let result: unknown
  try {
    result = open.within(() => f(...args))
  } catch (error) {
    open.fail(error)
    throw error
  }
  return observe(result, {
    done: (value) => {
      tell(() => after(value))
      open.succeed()
    },
    streamed: (chunks, complete) => {
      tell(() => afterStream(chunks))
      if (!complete) span.attribute("traceable.stream_left_early", true)
      open.succeed()
    },
    failed: (error, chunks) => {
      if (chunks.length > 0) tell(() => afterStream(chunks))
      open.fail(error)
    },
    within: open.within
  })
}

/** Inputs as LangSmith has them: one object is the inputs, everything else is listed. */
export const inputsOf = (args: ReadonlyArray<unknown>): Json => {
  const [first] = args
  if (args.length === 0) return {}
  return args.length === 1 && typeof first === "object" && first !== null && !Array.isArray(first)
    ? toJson(first)
    : args.length === 1
    ? { input: toJson(first) }
    : { args: toJson(args) }
}

/** Texts that came in pieces are one text. */
export const joined = (chunks: ReadonlyArray<unknown>): unknown =>
  chunks.length > 0 && chunks.every((chunk) => typeof chunk === "string") ? chunks.join("") : chunks
