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

/** All problems in one line; alternatives for the same place are joined. */
export const formatProblems = (problems: ReadonlyArray<Problem>): string => {
  const byPath = Map.groupBy(problems, ({ path }) => path)
  return Array.from(byPath, ([path, group]) => {
    const text = group.map(({ expected }) => expected).join(" or ")
    return path === "" ? text : `${path}: ${text}`
  }).join("; ")
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
