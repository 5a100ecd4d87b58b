/** A run that is watched: it tells what it reads and what it ran, and takes over what has not changed. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import type * as Experiment from "../../Experiment.ts"
import type { Located } from "./entries.ts"

/** What an entry was last run as. */
export interface Ran {
  readonly experiment: string
  /** A hash of the modules of the project that were loaded. */
  readonly code: string
}

/** What a watched process tells. */
export type FromWatched =
  | { readonly _tag: "Files"; readonly files: ReadonlyArray<string> }
  | { readonly _tag: "Ran"; readonly entry: string; readonly ran: Ran }

/** Says to a process that it is watched, and what was run before. */
export const watchVariable = "EFFECT_EVALS_WATCHED"

export const isWatched = (): boolean => process.env[watchVariable] !== undefined && process.send !== undefined

const own = import.meta.dirname.replace(/[\\/](src|dist)[\\/]cli[\\/]internal$/, "")

const isOfProject = (file: string): boolean => !/[\\/]node_modules[\\/]/.test(file) && !isWithin(file)

const isWithin = (file: string): boolean => file.startsWith(`${own}/src/`) || file.startsWith(`${own}/dist/`)

const tell = (message: FromWatched): void => {
  // Whoever watched may have gone, and then has nothing to be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

/** What was loaded and read so far. */
export interface Reading {
  readonly modules: Set<string>
}

/** Begins to tell which modules are loaded. */
export const tellModules = (): Reading => {
  const modules = new Set<string>()
  registerHooks({
    load: (url, context, next) => {
      if (url.startsWith("file:")) {
        const file = fileURLToPath(url)
        if (isOfProject(file)) {
          modules.add(file)
          tell({ _tag: "Files", files: [file] })
        }
      }
      return next(url, context)
    }
  })
  return { modules }
}

/** Tells which files are read through the service. */
export const layerTellingFiles: Layer.Layer<FileSystem.FileSystem, never, FileSystem.FileSystem> = Layer.effect(
  FileSystem.FileSystem,
  Effect.map(FileSystem.FileSystem, (fileSystem) => {
    const told = (path: string) => tell({ _tag: "Files", files: [resolve(path)] })
    return FileSystem.FileSystem.of({
      ...fileSystem,
      stream: (path, options) => {
        told(path)
        return fileSystem.stream(path, options)
      },
      readFile: (path) => {
        told(path)
        return fileSystem.readFile(path)
      },
      readFileString: (path, encoding) => {
        told(path)
        return fileSystem.readFileString(path, encoding)
      }
    })
  })
)

/** A hash of the modules, as they are now. */
export const codeOf = ({ modules }: Reading): string => {
  const hash = createHash("sha256")
  for (const file of [...modules].sort()) hash.update(file).update(existsSync(file) ? readFileSync(file) : "")
  return hash.digest("hex")
}

const keyOf = ({ exportName, file }: Located): string => `${file}#${exportName}`

/** Tells what an entry was run as. */
export const tellRan = (located: Located, experiment: Experiment.Experiment, reading: Reading): void =>
  tell({ _tag: "Ran", entry: keyOf(located), ran: { experiment: experiment.id, code: codeOf(reading) } })

/** What an entry was run as before. */
export const ranBefore = (located: Located): ReadonlyArray<Ran> => {
  const all = JSON.parse(process.env[watchVariable] ?? "{}") as { readonly [entry: string]: ReadonlyArray<Ran> }
  return all[keyOf(located)] ?? []
}

/**
 * What of an experiment may be taken over. A fingerprint knows the text of a function, not what the function uses: after
 * the code has changed, only what has a version is sure to be what it was.
 */
export const reusable = (
  experiment: Experiment.Experiment,
  { code }: Ran,
  reading: Reading
): Experiment.Experiment | undefined => {
  if (code === codeOf(reading)) return experiment
  if (experiment.target.version === undefined) return undefined
  return { ...experiment, evaluators: experiment.evaluators.filter(({ version }) => version !== undefined) }
}
