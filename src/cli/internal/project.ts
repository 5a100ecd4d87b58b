/** The project that a command is called in: its directory, its configuration, its store. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { existsSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { unknownOptions } from "../../internal/values/options.ts"
import { formatProblems, problemsOf } from "../../internal/values/schemaMessage.ts"
import type { Config } from "../Config.ts"
import { type Failure, usage } from "./failure.ts"
import { importModule } from "./importing.ts"
import type { Globals } from "./invocation.ts"
import { shownPath } from "./sourcePosition.ts"

export interface Project {
  /** Where the command was called; paths that are typed are relative to it. */
  readonly cwd: string
  /** The directory of the configuration or of the store, else of the package, else where the command was called. */
  readonly root: string
  readonly configFile: string | undefined
  readonly config: Config
  /** The file of the store, or the URL of a database. */
  readonly store: string
}

const configNames = ["ts", "mts", "js", "mjs"].map((ending) => `effect-evals.config.${ending}`)

/** The directory in which a project keeps what is its own. */
export const storeDirectory = ".effect-evals"

export const storeName = "evals.db"

/** The directories from here up to the root of the file system. */
const upwards = (directory: string): ReadonlyArray<string> => {
  const parent = dirname(directory)
  return parent === directory ? [directory] : [directory, ...upwards(parent)]
}

const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Finds the project and reads its configuration. */
export const findProject = Effect.fnUntraced(function*(
  globals: Pick<Globals, "store" | "config">,
  cwd: string = process.cwd()
): Effect.fn.Return<Project, Failure> {
  const directories = upwards(cwd)
  const asked = globals.config ?? process.env["EFFECT_EVALS_CONFIG"]
  const configFile = asked === undefined
    ? directories.flatMap((directory) => configNames.map((name) => join(directory, name))).find((file) =>
      existsSync(file)
    )
    : resolve(cwd, asked)
  if (configFile !== undefined && !existsSync(configFile)) {
    return yield* usage(`There is no configuration ${asked}.`)
  }
  const config = configFile === undefined ? {} : yield* readConfig(configFile, cwd)
  const marked = directories.find((directory) => isDirectory(join(directory, storeDirectory)))
  const root = configFile === undefined
    ? marked ?? directories.find((directory) => existsSync(join(directory, "package.json"))) ?? cwd
    : dirname(configFile)
  return { cwd, root, configFile, config, store: storeOf(globals.store, config, { cwd, root, marked }) }
})

const isUrl = (store: string): boolean => /^postgres(ql)?:\/\//.test(store)

/** A file is looked for in the directory; a URL is what it is. */
export const resolvedStore = (store: string, directory: string): string =>
  isUrl(store) ? store : resolve(directory, store)

const storeOf = (
  flag: string | undefined,
  config: Config,
  { cwd, marked, root }: { readonly cwd: string; readonly root: string; readonly marked: string | undefined }
): string => {
  const said = flag ?? process.env["EFFECT_EVALS_STORE"]
  if (said !== undefined) return resolvedStore(said, cwd)
  if (config.store !== undefined) return resolvedStore(config.store, root)
  return join(marked ?? root, storeDirectory, storeName)
}

const readConfig = Effect.fnUntraced(function*(file: string, cwd: string): Effect.fn.Return<Config, Failure> {
  const module = yield* importModule(file, cwd)
  const shown = shownPath(file, cwd)
  const config: unknown = module["default"]
  if (config === undefined) {
    return yield* usage(`${shown} exports no configuration. Write: export default defineConfig({ ... })`)
  }
  // Where there is no configuration, what it may say need not be loaded.
  const { Config } = yield* Effect.promise(() => import("../Config.ts"))
  const decoded = Schema.decodeUnknownResult(Config, { errors: "all", onExcessProperty: "error" })(config)
  if (Result.isSuccess(decoded)) return decoded.success
  const problems = problemsOf(decoded.failure, config)
  const unknown = unknownOptions(config, Object.keys(Config.fields))
  return yield* usage(
    `${shown} is not right. ${
      formatProblems([
        ...unknown,
        ...problems.filter(({ path }) => unknown.every((other) => other.path !== path))
      ])
    }.`
  )
})
