/** What the command line says, as plain data: what parses it and what does it know nothing else of one another. */

/** What goes for all commands. */
export interface Globals {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
  readonly store: string | undefined
  readonly config: string | undefined
}

/** What was said, by the names of the flags and arguments; what was not said is not there. */
export type Said = { readonly [name: string]: string | number | boolean | ReadonlyArray<string> | undefined }

/** One call of a command. */
export interface Invocation {
  /** Such as `run` or `datasets import`. */
  readonly command: string
  readonly said: Said
  readonly globals: Globals
}

/** Exit codes: what scripts are told. */
export const ExitCode = {
  done: 0,
  gateFailed: 1,
  usage: 2,
  runFailed: 3,
  interrupted: 130
} as const
