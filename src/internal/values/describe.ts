/** Short, safe descriptions of values for error messages: what a reader needs to find the mistake, and no more. */

const maxText = 80

/** Such as `"good"`, `5`, `an array of 3`, `an object with keys a, b`, `a Date`. */
export const describe = (value: unknown): string => {
  switch (typeof value) {
    case "string":
      return quote(value)
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
  text.length <= limit ? text : text.slice(0, wholeEnd(text, limit - 1)) + "…"

/** As JSON writes it, cut to what fits into a message. */
export const quote = (text: string, limit: number = maxText): string =>
  text.length <= limit ? quotePart(text, 0, text.length) : quotePart(text, 0, wholeEnd(text, limit - 1))

/** A part of a text as JSON writes it; a `…` stands for what is left out on either side. */
export const quotePart = (text: string, start: number, end: number): string => {
  const isWhole = start === 0 && end === text.length
  const part = isWhole ? text : `${start > 0 ? "…" : ""}${text.slice(start, end)}${end < text.length ? "…" : ""}`
  return isPlain(text, start, end) ? `"${part}"` : JSON.stringify(part)
}

/** Half of a surrogate pair is no character. */
export const wholeEnd = (text: string, end: number): number =>
  isWithin(text.charCodeAt(end - 1), 0xd800, 0xdbff) ? end - 1 : end

/** Whether JSON writes each character of it as it is. Most texts are so, and looking is quicker than having them written. */
const isPlain = (text: string, start: number, end: number): boolean => {
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || isWithin(unit, 0xd800, 0xdfff)) return false
  }
  return true
}

const isWithin = (unit: number, first: number, last: number): boolean => unit >= first && unit <= last

const describeObject = (value: object | null): string => {
  if (value === null) return "null"
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : `an array of ${value.length}`
  const name = constructorName(value)
  if (name !== undefined) return /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`
  const keys = Object.keys(value)
  if (keys.length === 0) return "an empty object"
  let text = keys.length === 1 ? "an object with key " : "an object with keys "
  for (let i = 0; i < keys.length && text.length <= maxText; i++) {
    const key = keys[i] ?? ""
    text += `${i === 0 ? "" : ", "}${isWord(key) || isSeen.test(key) ? key : JSON.stringify(key)}`
  }
  return shorten(text)
}

/** Whether it is seen where a key begins and ends. */
const isSeen = /^[^\p{Cc},"]+$/u

/** Whether it is seen at once: all of it is a letter of English, a digit or the like. */
const isWord = (key: string): boolean => {
  for (let i = 0; i < key.length; i++) if (!isWithin(key.charCodeAt(i), 0x2d, 0x7e)) return false
  return key !== ""
}

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
