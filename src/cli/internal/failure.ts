/** What stops a command, with the exit code that says so. */
import * as Data from "effect/Data"

/** A command cannot do what it was asked. The message says what happened, where, and what to do. */
export class Failure extends Data.TaggedError("Failure")<{
  readonly exitCode: number
  readonly message: string
  readonly cause?: unknown
}> {}

/** What was typed, or what is configured, is not right; nothing was run. */
export const usage = (message: string, cause?: unknown): Failure => new Failure({ exitCode: 2, message, cause })

/** It was begun, and did not work. */
export const runFailed = (message: string, cause?: unknown): Failure => new Failure({ exitCode: 3, message, cause })
