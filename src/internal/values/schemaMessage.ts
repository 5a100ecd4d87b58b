/** Schema issues as one readable line: where, what was expected, what was there. */
import type * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { describe, formatPath, valueAt } from "./describe.ts"

const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** One problem with a value. */
export interface Problem {
  /** Such as `inputs.question`; empty for the value itself. */
  readonly path: string
  readonly expected: string
}

/** The problems that a failed decoding found, at least one. */
export const problemsOf = (
  error: Schema.SchemaError,
  value: unknown,
  at: ReadonlyArray<PropertyKey> = []
): [Problem, ...Array<Problem>] => {
  const problems = format(error.issue).issues.map((issue): Problem => {
    const path = (issue.path ?? []).map((segment) => typeof segment === "object" ? segment.key : segment)
    return { path: formatPath([...at, ...path]), expected: expectation(issue.message, valueAt(value, path)) }
  })
  const [first, ...rest] = problems
  return [first ?? { path: formatPath(at), expected: lowerFirst(error.message) }, ...rest]
}

const expectation = (message: string, found: unknown): string => {
  if (message === "Missing key" && found === undefined) return "missing"
  if (message === "Expected no excess property") return "unknown field"
  return `${lowerFirst(message)}, got ${describe(found)}`
}

/** Where the problems are. */
export const pathsOf = (error: Schema.SchemaError): ReadonlyArray<ReadonlyArray<PropertyKey>> =>
  format(error.issue).issues.map(({ path = [] }) =>
    path.map((segment) => typeof segment === "object" ? segment.key : segment)
  )

/** Who has so many problems has one, which the first ones show. */
const maxPaths = 5

/** The problems in one line; alternatives for the same place are joined, and of many places the rest is counted. */
export const formatProblems = (problems: ReadonlyArray<Problem>): string => {
  const byPath = Map.groupBy(problems, ({ path }) => path)
  const texts = byPath.entries().take(maxPaths).map(([path, group]) => {
    const text = joinAlternatives(group.map(({ expected }) => expected))
    return path === "" ? text : `${path}: ${text}`
  })
  const more = byPath.size - maxPaths
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join("; ")
}

/** `expected a, got 5` and `expected b, got 5` are `expected a or b, got 5`. */
const joinAlternatives = (texts: ReadonlyArray<string>): string => {
  const found = texts[0]?.match(/, got .*$/s)?.[0] ?? ""
  if (found === "" || !texts.every((text) => text.startsWith("expected ") && text.endsWith(found))) {
    return texts.join(" or ")
  }
  return `expected ${texts.map((text) => text.slice("expected ".length, -found.length)).join(" or ")}${found}`
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
