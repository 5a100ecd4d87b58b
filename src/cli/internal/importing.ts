/** Modules of the user: loaded by Node, which strips types by itself. */
import * as Effect from "effect/Effect"
import { pathToFileURL } from "node:url"
import { type Failure, usage } from "./failure.ts"
import { messageOf, positionOf, shownPath } from "./sourcePosition.ts"

/** What a module exports. */
export type Module = { readonly [name: string]: unknown }

export const importModule = (file: string, cwd: string): Effect.Effect<Module, Failure> =>
  Effect.tryPromise({
    try: async (): Promise<Module> => await import(pathToFileURL(file).href),
    catch: (error) => {
      const place = positionOf(error, cwd)
      const shown = shownPath(file, cwd)
      const where = place === undefined || place.startsWith(`${shown}:`) ? place ?? shown : `${shown}, at ${place}`
      return usage(`${where}: it cannot be loaded. ${messageOf(error)}${hint(error)}`, error)
    }
  })

/** What to do about the errors that Node has for what it does not run. */
const hint = (error: unknown): string => {
  if (!(error instanceof Error) || !("code" in error)) return ""
  switch (error.code) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return "\nNode runs TypeScript by leaving the types out, so enums, namespaces with values and parameter properties do " +
        "not work. Set `erasableSyntaxOnly` in tsconfig.json to find them."
    case "ERR_MODULE_NOT_FOUND":
      return /Cannot find package '(effect-evals|effect)'/.test(error.message)
        ? "\nInstall it in the project: npm install effect-evals effect"
        : /Cannot find module '[^']*'/.test(error.message)
        ? "\nNode takes the names of files as they are: import \"./answer.ts\", with its ending."
        : ""
    case "ERR_UNKNOWN_FILE_EXTENSION":
      return "\nEvaluations are in .ts, .mts, .js or .mjs files."
    default:
      return ""
  }
}
