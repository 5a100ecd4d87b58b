/** What every command is given, and what it gives. */
import type * as Effect from "effect/Effect"
import type { FileSystem } from "effect/FileSystem"
import type { Path } from "effect/Path"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import type { Stdio } from "effect/Stdio"
import type { Terminal } from "effect/Terminal"
import type { Failure } from "./failure.ts"
import type { Globals, Said } from "./invocation.ts"
import type { Project } from "./project.ts"
import type { Screen } from "./screen.ts"

export type Platform = ChildProcessSpawner | FileSystem | Path | Stdio | Terminal

export interface Call {
  readonly said: Said
  readonly globals: Globals
  readonly project: Project
  readonly screen: Screen
}

/** Gives the exit code. */
export type CommandEffect = Effect.Effect<number, Failure, Platform>

export const textOf = (said: Said, name: string): string | undefined => {
  const value = said[name]
  return typeof value === "string" ? value : undefined
}

export const numberOf = (said: Said, name: string): number | undefined => {
  const value = said[name]
  return typeof value === "number" ? value : undefined
}

export const textsOf = (said: Said, name: string): ReadonlyArray<string> => {
  const value = said[name]
  return Array.isArray(value) ? value : []
}

export const isSaid = (said: Said, name: string): boolean => said[name] === true
