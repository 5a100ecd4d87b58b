/** Whether a row passes its test, and what the test says if it does not. */
import { inspect } from "node:util"
import type * as Example from "../../Example.ts"
import type * as Gate from "../../Gate.ts"
import { errorOf } from "../../internal/values/causes.ts"
import { formatScore } from "../../internal/values/numbers.ts"
import * as Outcome from "../../Outcome.ts"
import { oneLine } from "../../reports/text.ts"
import * as Row from "../../Row.ts"
import * as Run from "../../Run.ts"
import type { RepetitionMeta } from "../Meta.ts"

const maxComment = 500

/** Limits by key. */
export type Limits = { readonly [key: string]: Gate.Limit }

/** A repetition, and why it does not pass. */
export interface Judged {
  readonly row: Row.Row
  readonly problems: ReadonlyArray<string>
  /** What was thrown, if that is why. */
  readonly thrown: unknown
}

/** Holds a row against its limits. Then the user's own check has its say, if the target gave outputs. */
export const judgeRow = async (
  row: Row.Row,
  limits: Limits,
  check: ((row: Row.Row) => unknown) | undefined
): Promise<Judged> => {
  const { outcome } = row.run
  if (outcome._tag !== "Succeeded") {
    return {
      row,
      problems: [`the target ${outcome._tag === "Failed" ? "failed" : "gave no outputs"}: ${outcome.message}`],
      thrown: outcome._tag === "Failed" ? errorOf(outcome.cause) : undefined
    }
  }
  const broken = row.evaluations.flatMap(({ evaluator, outcome }) =>
    Outcome.isFailure(outcome) || outcome._tag === "Cancelled" ? [{ evaluator, outcome }] : []
  )
  const problems = [
    ...broken.map(({ evaluator, outcome }) => `the evaluator ${evaluator} gave no score: ${outcome.message}`),
    ...Object.entries(limits).flatMap(([key, limit]) => limitProblem(row, key, limit))
  ]
  const died = broken.map(({ outcome }) => outcome._tag === "Failed" ? errorOf(outcome.cause) : undefined)
    .find((error) => error !== undefined)
  if (check === undefined) return { row, problems, thrown: died }
  try {
    await check(row)
    return { row, problems, thrown: died }
  } catch (error) {
    return { row, problems: [...problems, `the check failed: ${messageOf(error)}`], thrown: error }
  }
}

const messageOf = (error: unknown): string => error instanceof Error ? error.message : inspect(error)

const limitProblem = (row: Row.Row, key: string, { atLeast, atMost }: Gate.Limit): ReadonlyArray<string> => {
  const result = Row.result(row, key)
  if (result === undefined) return missing(row, key)
  const { comment, score } = result
  if (score === undefined) return [`${key} has no score to hold against its limit, only a label`]
  const asked = [
    ...(atLeast !== undefined && !(Number(score) >= atLeast) ? [limitText(score, "at least", atLeast)] : []),
    ...(atMost !== undefined && !(Number(score) <= atMost) ? [limitText(score, "at most", atMost)] : [])
  ]
  return asked.length === 0
    ? []
    : [
      `${key} is ${scoreText(score)}, and should be ${asked.join(" and ")}${
        comment ? ` (${oneLine(comment, maxComment)})` : ""
      }`
    ]
}

/** What would have passed: of a boolean that does not, the other one, if a boolean can pass at all. */
const limitText = (score: number | boolean, words: string, limit: number): string =>
  typeof score === "boolean" && limit >= 0 && limit <= 1 ? String(!score) : `${words} ${limit}`

/** A key without a result is right where its evaluator had nothing to score, and a mistake where nobody gives it. */
const missing = (row: Row.Row, key: string): ReadonlyArray<string> => {
  const { evaluations } = row
  const named = evaluations.find(({ evaluator }) => evaluator === key)
  const silent = (named === undefined ? evaluations : [named]).some(({ outcome }) => outcome._tag !== "Scored")
  if (silent) return []
  const keys = Row.results(row).map((result) => result.key)
  return [`no evaluator gave ${key}, which has a limit; the keys are ${keys.length === 0 ? "none" : keys.join(", ")}`]
}

const scoreText = (score: number | boolean): string => typeof score === "boolean" ? String(score) : formatScore(score)

/** A row as `task.meta` has it. */
export const repetitionMeta = ({ problems, row }: Judged): RepetitionMeta => {
  const results = Row.results(row)
  return {
    runId: row.run.id,
    outcome: row.run.outcome._tag,
    ...(row.run.error === undefined ? {} : { error: row.run.error }),
    latencyMillis: Run.latency(row.run),
    scores: Object.fromEntries(results.flatMap(({ key, score }) => score === undefined ? [] : [[key, score]])),
    comments: Object.fromEntries(results.flatMap(({ comment, key }) => comment ? [[key, comment]] : [])),
    labels: Object.fromEntries(results.flatMap(({ key, value }) => typeof value === "string" ? [[key, value]] : [])),
    problems
  }
}

/** The message of a test that fails: why, and what it was about. */
export const failureMessage = (
  example: Example.Example,
  judged: ReadonlyArray<Judged>,
  needed: number
): string => {
  const failing = judged.filter(({ problems }) => problems.length > 0)
  const data: ReadonlyArray<readonly [string, unknown]> = [
    ["example", example.id],
    ["inputs", example.inputs],
    ...(example.referenceOutputs === undefined ? [] : [["reference outputs", example.referenceOutputs] as const])
  ]
  if (judged.length === 1) {
    const [{ problems, row }] = judged as [Judged]
    return [...problems, "", ...data.map(line), ...rowLines(row)].join("\n")
  }
  return [
    `${judged.length - failing.length} of ${judged.length} repetitions pass; at least ${needed} should`,
    "",
    ...data.map(line),
    ...failing.flatMap(({ problems, row }) => [
      "",
      `repetition ${row.run.repetition + 1}: ${problems.join("; ")}`,
      ...rowLines(row).map((text) => `  ${text}`)
    ])
  ].join("\n")
}

const rowLines = (row: Row.Row): ReadonlyArray<string> => [
  ...(Run.isSucceeded(row.run) ? [line(["outputs", row.run.outputs])] : []),
  ...Row.results(row).map(({ comment, key, score, value }) =>
    `${key}: ${score === undefined ? shown(value) : scoreText(score)}${
      comment ? `  ${oneLine(comment, maxComment)}` : ""
    }`
  )
]

const line = ([name, value]: readonly [string, unknown]): string => `${name}: ${shown(value)}`

/** Texts come from models: nothing of them may control the terminal, and none may fill the screen. */
const shown = (value: unknown): string =>
  inspect(value, { depth: 6, breakLength: 100, maxStringLength: 2000, maxArrayLength: 50 })
