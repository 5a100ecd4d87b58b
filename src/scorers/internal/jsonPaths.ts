/** Paths into data, such as `items.*.id` or `items[0].id`. */

/** The steps of a path; `*` is any key and any place in a list. */
export type PathPattern = ReadonlyArray<string>

/** Reads a path: keys between points, places in brackets or between points as well. */
export const parsePath = (path: string): PathPattern => {
  const steps = path.replace(/\[([^[\]]*)\]/g, ".$1").split(".").filter((step) => step !== "")
  if (steps.length === 0) {
    throw new RangeError(`the path ${JSON.stringify(path)} has no steps; write such as "items.*.id"`)
  }
  return steps
}

/** Whether a path is of this pattern. */
export const pathMatches = (pattern: PathPattern, path: ReadonlyArray<string | number>): boolean =>
  pattern.length === path.length && pattern.every((step, i) => step === "*" || step === String(path[i]))

/** Whether one of the patterns fits. */
export const someMatches = (patterns: ReadonlyArray<PathPattern>, path: ReadonlyArray<string | number>): boolean =>
  patterns.some((pattern) => pathMatches(pattern, path))

/** The value that a path without `*` leads to; the second part says whether there is one. */
export const lookUp = (value: unknown, path: PathPattern): { readonly value: unknown; readonly found: boolean } => {
  let current = value
  for (const step of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, step)) {
      return { value: undefined, found: false }
    }
    current = Reflect.get(current, step)
  }
  return { value: current, found: current !== undefined }
}
