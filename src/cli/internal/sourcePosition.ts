/** Where in the user's code an error comes from, and what it says. */
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { errorLine } from "../../internal/values/causes.ts"

const place = /(file:\/\/[^\s()]+?|(?<=^|[\s(])\/[^\s()]+?|[A-Z]:\\[^\s()]+?):(\d+)(?::(\d+))?(?=\)?$)/gm

/** Such as `evals/support.eval.ts:12:5`; `undefined` where the error does not say. */
export const positionOf = (error: unknown, directory: string): string | undefined => {
  if (!(error instanceof Error) || error.stack === undefined) return undefined
  // A syntax error has the place in its first line, a thrown one in the lines that follow.
  for (const [, file = "", line = "", column] of error.stack.matchAll(place)) {
    const path = file.startsWith("file:") ? fileURLToPath(file) : file
    if (/[\\/]node_modules[\\/]/.test(path) || path.startsWith(own)) continue
    return `${shownPath(path, directory)}:${line}${column === undefined ? "" : `:${column}`}`
  }
  return undefined
}

const own = import.meta.dirname.replace(/[\\/]cli[\\/]internal$/, "")

/** The path from a directory, where it is below it. */
export const shownPath = (path: string, directory: string): string => {
  const from = relative(directory, path)
  return from.startsWith("..") ? path : from
}

/** What an error says. The errors of this package say all there is in their message; others are told by their name. */
export const messageOf = (error: unknown): string =>
  error instanceof Error && "_tag" in error && error.message !== "" ? error.message : errorLine(error)
