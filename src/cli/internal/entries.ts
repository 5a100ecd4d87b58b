/** The evaluations that files export. */
import * as Effect from "effect/Effect"
import { existsSync, globSync } from "node:fs"
import { basename, relative, resolve } from "node:path"
import * as Evaluation from "../../Evaluation.ts"
import { describe } from "../../internal/values/describe.ts"
import { type Failure, usage } from "./failure.ts"
import { importModule } from "./importing.ts"
import type { Project } from "./project.ts"
import { shownPath } from "./sourcePosition.ts"

/** An entry, and where it stands. */
export interface Located {
  /** From the directory of the project, with forward slashes: the same on every machine. */
  readonly file: string
  /** The name under which the file exports it. */
  readonly exportName: string
  readonly entry: Evaluation.Entry
  /** Such as `support` or, where the evaluation has not been made yet, `support.eval.ts`. */
  readonly name: string
}

const defaultFiles = ["**/*.eval.{ts,mts,js,mjs}"]

const isSkipped = (path: string): boolean => /(^|[\\/])(node_modules|\.[^\\/.]+[^\\/]*|dist)([\\/]|$)/.test(path)

/** The files that are asked for: by name or glob on the command line, else those of the configuration. */
export const findFiles = Effect.fnUntraced(function*(
  asked: ReadonlyArray<string>,
  project: Project
): Effect.fn.Return<ReadonlyArray<string>, Failure> {
  const from = asked.length > 0 ? project.cwd : project.root
  const patterns = asked.length > 0 ? asked : project.config.files ?? defaultFiles
  const files = new Set<string>()
  for (const pattern of patterns) {
    const file = resolve(from, pattern)
    const found = existsSync(file) && !isGlob(pattern)
      ? [file]
      : globSync(pattern, { cwd: from, exclude: isSkipped }).filter((path) => !isSkipped(path)).map((path) =>
        resolve(from, path)
      ).sort()
    if (found.length === 0 && asked.length > 0) {
      return yield* usage(`There is no file ${pattern}${isGlob(pattern) ? " (nothing matches)" : ""}.`)
    }
    for (const path of found) files.add(path)
  }
  if (files.size === 0) {
    return yield* usage(
      `There are no evaluations: no file in ${shownPath(from, project.cwd) || "this directory"} matches ${
        patterns.join(", ")
      }. Write a first one: effect-evals init`
    )
  }
  return [...files]
})

const isGlob = (pattern: string): boolean => /[*?[\]{}]/.test(pattern)

/** The entries of files, in the order of the files and of the names of their exports. */
export const loadEntries = Effect.fnUntraced(function*(
  files: ReadonlyArray<string>,
  project: Project
): Effect.fn.Return<ReadonlyArray<Located>, Failure> {
  const located: Array<Located> = []
  for (const path of files) {
    const module = yield* importModule(path, project.cwd)
    const file = relative(project.root, path).replaceAll("\\", "/")
    const members = Object.entries(module)
    const found = members.flatMap(([exportName, entry]): ReadonlyArray<Located> =>
      Evaluation.isEntry(entry)
        ? [{ file, exportName, entry, name: entry.name ?? (exportName === "default" ? basename(file) : exportName) }]
        : []
    )
    if (found.length === 0) {
      return yield* usage(
        `${shownPath(path, project.cwd)} exports no evaluation${
          members.length === 0
            ? ""
            : `, but ${members.map(([name, value]) => `${name} (${describe(value)})`).join(", ")}`
        }. Write: export default Evaluation.entry(evaluation, { evaluators: [...] })`
      )
    }
    located.push(...found)
  }
  return located
})

/** Those that are asked for by name. */
export const selectEntries = (
  entries: ReadonlyArray<Located>,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<Located>, Failure> => {
  const matches = ({ exportName, name }: Located, wanted: string) => name === wanted || exportName === wanted
  const unknown = names.find((wanted) => !entries.some((located) => matches(located, wanted)))
  return unknown === undefined
    ? Effect.succeed(
      names.length === 0 ? entries : entries.filter((located) => names.some((wanted) => matches(located, wanted)))
    )
    : Effect.fail(
      usage(`There is no evaluation ${unknown}. There are: ${entries.map(({ name }) => name).join(", ")}.`)
    )
}
