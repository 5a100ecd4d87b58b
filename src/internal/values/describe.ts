/** Short, safe descriptions of values for error messages: what a reader needs to find the mistake, and no more. */

const maxText = 80

/** Such as `"good"`, `5`, `an array of 3`, `an object with keys a, b`, `a Date`. */
export const describe = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return JSON.stringify(shorten(value))
    case "function":
      return value.name === "" ? "a function" : `the function ${value.name}`
    case "object":
      return describeObject(value)
    case "bigint":
      return `${value}n`
    default:
      return String(value)
  }
}

/** Cuts a text to what fits into a message. */
export const shorten = (text: string, limit: number = maxText): string =>
  // Half of a surrogate pair is no character.
  text.length <= limit ? text : text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, "") + "…"

const describeObject = (value: object | null): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : `an array of ${value.length}`
  const name = constructorName(value)
  if (name !== undefined) return /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`
  const keys = Object.keys(value)
  return keys.length === 0
    ? "an empty object"
    : shorten(`an object with ${keys.length === 1 ? "key" : "keys"} ${keys.map(keyName).join(", ")}`)
}

/** As it is, unless it would not be seen where it begins and ends. */
const keyName = (key: string): string => /^[^\p{Cc},"]+$/u.test(key) ? key : JSON.stringify(key)

const constructorName = (value: object): string | undefined => {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (typeof prototype !== "object" || prototype === null || prototype === Object.prototype) return undefined
  const { constructor } = prototype
  if (typeof constructor !== "function" || constructor === Object) return undefined
  return constructor.name === "" ? undefined : constructor.name
}

/** A path such as `results[0].score`, from the keys that lead there. */
export const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) => typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`,
    ""
  )

/** The value that a path leads to, or `undefined`. */
export const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>(
    (current, key) => typeof current === "object" && current !== null ? Reflect.get(current, key) : undefined,
    value
  )
