/**
 * Reads numbers from left to right. Each pattern is tried where the last one ended, and what was tried is not read again
 * more than a fixed number of times, so that time grows with the text alone.
 */
import type { FoundNumber } from "../NumberExtraction.ts"

/** How numbers are written. */
export interface NumberFormat {
  readonly decimal: "." | ","
  /** What a percentage is multiplied by. */
  readonly percent: number
  /** The longest first. */
  readonly units: ReadonlyArray<readonly [unit: string, factor: number]>
}

export const readNumbers = (text: string, format: NumberFormat): Array<FoundNumber> => {
  const plain = withAsciiDigits(text)
  const grammar = grammarOf(format)
  const found: Array<FoundNumber> = []
  let position = 0
  // A run such as 1,234,56 is a list, not groups of thousands; up to here groups are not tried again.
  let ungroupedUntil = 0
  while (true) {
    beginning.lastIndex = position
    const start = beginning.exec(plain)?.index
    if (start === undefined) return found
    const other = startsWithin(plain, start) ? at(restOfWord, plain, start) : at(notANumber, plain, start)
    const isGroups = other !== undefined && at(grammar.groups, plain, start)?.length === other.length
    if (other !== undefined && !isGroups) {
      position = start + other.length
      continue
    }
    const groups = start < ungroupedUntil ? undefined : at(grammar.groups, plain, start)
    if (groups !== undefined && at(grammar.moreOfTheRun, plain, start + groups.length) !== undefined) {
      ungroupedUntil = start + groups.length + 1
    }
    const unsigned = readUnsigned(plain, start, start < ungroupedUntil ? undefined : groups, grammar)
    const sign = signBefore(plain, start)
    const scaled = readScale(plain, unsigned.end, format, grammar)
    const value = (sign.negative ? -1 : 1) * unsigned.value * scaled.factor
    position = scaled.end
    if (!Number.isFinite(value)) continue
    // Minus zero is no other number to a reader.
    const entry = { value: value === 0 ? 0 : value, text: text.slice(sign.start, position), index: sign.start }
    found.push(scaled.unit === undefined ? entry : { ...entry, unit: scaled.unit })
  }
}

const vulgar = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
const beginning = new RegExp(`\\d|[.,](?=\\d)|[${vulgar}]|\\\\[dt]?frac\\{`, "g")

/** Dates, times, versions and addresses. */
const notANumber =
  /\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d{1,2}(?::\d{2}){1,2}[\d.]*)?(?!\d)|\d+(?:\/\d+){2,}|\d{1,2}(?::\d{2})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+){2,}/y
const restOfWord = /[.,]?\d[\p{L}\p{M}\p{N}_]*|[^\d]/uy

/** Whether it continues a word, such as the digits of `B2B`, `covid-19` or `x_1`. */
const startsWithin = (text: string, start: number): boolean =>
  /[\p{L}_]-?$/u.test(text.slice(Math.max(0, start - 3), start)) && /\d/.test(text.charAt(start))

interface Grammar {
  readonly groups: RegExp
  readonly moreOfTheRun: RegExp
  readonly plain: RegExp
  readonly decimals: RegExp
  readonly unit: RegExp | undefined
  readonly decimal: "." | ","
}

const grammarOf = ({ decimal, units }: NumberFormat): Grammar => {
  const separators = ["['’_\u00a0\u202f\u2009]", ...(decimal === "." ? [",\\\\!", "\\{,\\}", "\\\\,", ","] : ["\\."])]
  const point = decimal === "." ? "\\." : ","
  const indian = decimal === "." ? "|\\d{1,2}(?:,\\d{2}){1,6},\\d{3}(?!\\d)" : ""
  return {
    groups: new RegExp(`\\d{1,3}(?:${separators.map((each) => `(?:${each}\\d{3})+(?!\\d)`).join("|")})${indian}`, "y"),
    moreOfTheRun: decimal === "." ? /,\d/y : /\.\d/y,
    plain: /\d+/y,
    decimals: new RegExp(`${point}\\d+`, "y"),
    unit: units.length === 0
      ? undefined
      : new RegExp(`\\s?(${units.map(([unit]) => escape(unit)).join("|")})(?![\\p{L}\\p{N}])`, "uy"),
    decimal
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")

/** What a pattern matches here, or `undefined`. */
const at = (pattern: RegExp, text: string, position: number): string | undefined => {
  pattern.lastIndex = position
  return pattern.exec(text)?.[0]
}

interface Read {
  readonly value: number
  readonly end: number
}

const latexFraction = /\\[dt]?frac\{\s*([+-]?\d{1,15}(?:\.\d{1,15})?)\s*\}\s*\{\s*([+-]?\d{1,15}(?:\.\d{1,15})?)\s*\}/y
const slashFraction = /\s?[/⁄]\s?(\d{1,15})(?![\d/]|\.\d)/y
const mixedFraction = /\s(\d{1,15})[/⁄](\d{1,15})(?![\d/]|\.\d)/y
const vulgarFraction = new RegExp(`\\s?([${vulgar}])`, "y")
const powerOfTen =
  /[eE]([+-]?\d{1,3})(?![\p{L}\p{N}])|\s?(?:[×x*·]|\\times|\\cdot)\s?10(?:\^\{?([+-]?\d{1,3})\}?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))/uy

const readUnsigned = (text: string, start: number, groups: string | undefined, grammar: Grammar): Read => {
  const first = text.charAt(start)
  if (first === "\\") return readLatexFraction(text, start)
  if (vulgar.includes(first)) return { value: vulgarValue(first), end: start + 1 }
  const whole = groups ?? at(grammar.plain, text, start) ?? ""
  const decimals = at(grammar.decimals, text, start + whole.length) ?? ""
  // A comma before digits is no decimal point where points are; it stands before a number then.
  if (whole === "" && decimals === "") return { value: Number.NaN, end: start + 1 }
  const end = start + whole.length + decimals.length
  const digits = `${whole.replace(/\D/g, "")}.${decimals.slice(1)}`
  return decimals === "" ? readFraction(text, digits, end) : readPower(text, digits, end)
}

const readLatexFraction = (text: string, start: number): Read => {
  latexFraction.lastIndex = start
  const match = latexFraction.exec(text)
  const value = match === null ? Number.NaN : Number(match[1]) / Number(match[2])
  // What is no fraction of numbers may still have numbers in it.
  return match === null
    ? { value, end: text.indexOf("{", start) + 1 }
    : { value, end: start + match[0].length }
}

const readFraction = (text: string, digits: string, end: number): Read => {
  const whole = Number(digits)
  mixedFraction.lastIndex = end
  const mixed = mixedFraction.exec(text)
  if (mixed !== null && Number(mixed[2]) !== 0) {
    return { value: whole + Number(mixed[1]) / Number(mixed[2]), end: end + mixed[0].length }
  }
  slashFraction.lastIndex = end
  const slash = slashFraction.exec(text)
  if (slash !== null && Number(slash[1]) !== 0) return { value: whole / Number(slash[1]), end: end + slash[0].length }
  vulgarFraction.lastIndex = end
  const sign = vulgarFraction.exec(text)
  if (sign !== null) return { value: whole + vulgarValue(sign[1] ?? ""), end: end + sign[0].length }
  return readPower(text, digits, end)
}

/** Unicode says what these signs stand for: `½` is `1⁄2`. */
const vulgarValue = (sign: string): number => {
  const [above, below] = sign.normalize("NFKC").split("⁄")
  return Number(above) / Number(below)
}

/** The digits are read together with the power: rounded twice, they may come out as the number beside. */
const readPower = (text: string, digits: string, end: number): Read => {
  powerOfTen.lastIndex = end
  const match = powerOfTen.exec(text)
  if (match === null) return { value: Number(digits), end }
  const exponent = match[1] ?? match[2] ?? (match[3] ?? "").normalize("NFKC").replace("−", "-")
  return { value: Number(`${digits}e${exponent}`), end: end + match[0].length }
}

const currencyBefore = /\\?\p{Sc}\s?$/u

const signBefore = (text: string, start: number): { readonly negative: boolean; readonly start: number } => {
  const currency = currencyBefore.exec(text.slice(Math.max(0, start - 3), start))?.[0].length ?? 0
  const sign = text.charAt(start - currency - 1)
  // After a digit, a letter or a bracket it is a minus between two things, or a dash.
  const before = text.charAt(start - currency - 2)
  return (sign === "-" || sign === "+") && !/[\p{L}\p{N})\]%]/u.test(before)
    ? { negative: sign === "-", start: start - currency - 1 }
    : { negative: false, start: start - currency }
}

const percentSign = /\s?(?:\\?%|per\s?cent\b|pct\b)/iy
const perMille = /\s?‰/y
const magnitude = /[\s-]?(hundred|thousand|million|billion|trillion)\b/iy
const magnitudes: { readonly [word: string]: number } = {
  hundred: 1e2,
  thousand: 1e3,
  million: 1e6,
  billion: 1e9,
  trillion: 1e12
}

/** What multiplies the number: a percent sign, words such as million, a unit. */
const readScale = (text: string, start: number, format: NumberFormat, grammar: Grammar) => {
  const percent = at(percentSign, text, start)
  if (percent !== undefined) return { factor: format.percent, end: start + percent.length }
  const mille = at(perMille, text, start)
  if (mille !== undefined) return { factor: format.percent / 10, end: start + mille.length }
  const word = at(magnitude, text, start) ?? ""
  const factor = magnitudes[word.replace(/^[\s-]/, "").toLowerCase()] ?? 1
  const end = start + word.length
  const matched = grammar.unit === undefined ? undefined : at(grammar.unit, text, end)
  const unit = format.units.find(([unit]) => unit === matched?.trimStart())
  return matched === undefined || unit === undefined
    ? { factor, end }
    : { factor: factor * unit[1], end: end + matched.length, unit: unit[0] }
}

const beyondAscii = /[^\0-\x7f]/

/** With digits and the minus sign in ASCII; every character keeps its place. */
const withAsciiDigits = (text: string): string =>
  beyondAscii.test(text)
    ? text.replace(/[−﹣－]/g, "-").replace(
      /\p{Nd}/gu,
      (digit) => digit.length === 1 && digit > "9" ? String(digitValue(digit.charCodeAt(0))) : digit
    )
    : text

/** In Unicode the ten digits of a script follow one another, and before the zero there is no digit. */
const digitValue = (code: number): number => {
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCharCode(code - value - 1))) value++
  return value
}
