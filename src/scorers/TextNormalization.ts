/**
 * What does not count when texts are compared.
 *
 * @since 0.1.0
 */

/**
 * What does not count when texts are compared. Everything is off unless a scorer says otherwise.
 *
 * The steps are taken in this order: Unicode, case, punctuation, articles, whitespace.
 *
 * @category options
 * @since 0.1.0
 */
export interface Normalization {
  /**
   * `"NFC"`: one form for letters that can be written in several ways (é as one character or as two). `"NFKC"`: also
   * one form for variants of a character (full-width letters, ligatures, superscripts).
   */
  readonly unicode?: "none" | "NFC" | "NFKC" | undefined
  /** Upper and lower case are the same, by Unicode's full case mapping: `STRASSE` and `straße` are. */
  readonly ignoreCase?: boolean | undefined
  /** Takes out Unicode's punctuation, and ASCII's symbols such as `$`, `+` and `~`. Accents and letters stay. */
  readonly ignorePunctuation?: boolean | undefined
  /** Takes out the English articles `a`, `an` and `the`, as SQuAD does. */
  readonly ignoreArticles?: boolean | undefined
  /**
   * `"trim"`: none at the ends; `"collapse"`: none at the ends, and one space for each stretch of it; `"remove"`: none
   * at all. Default: `"collapse"` if punctuation or articles are taken out, else `"keep"`.
   */
  readonly whitespace?: "keep" | "trim" | "collapse" | "remove" | undefined
}

/**
 * The text without what does not count. Takes time in proportion to the length.
 *
 * **Example** (As SQuAD compares answers)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.normalize("The Eiffel-Tower!", { ignoreCase: true, ignorePunctuation: true, ignoreArticles: true }))
 * // => eiffeltower
 * ```
 *
 * @category normalization
 * @since 0.1.0
 */
export const normalize = (text: string, options: Normalization): string => {
  let out = text
  if (options.unicode === "NFKC" || (options.unicode === "NFC" && mayCompose.test(out))) {
    out = out.normalize(options.unicode)
  }
  if (options.ignoreCase === true) out = foldCase(out)
  if (options.ignorePunctuation === true) out = out.replace(punctuation, "")
  // Articles are blanked, not cut, so that their neighbours stay two words.
  if (options.ignoreArticles === true) out = out.replace(articles, " ")
  const stripped = options.ignorePunctuation === true || options.ignoreArticles === true
  switch (options.whitespace ?? (stripped ? "collapse" : "keep")) {
    case "keep":
      return out
    case "trim":
      return out.trim()
    case "collapse":
      return out.trim().replace(/\s+/g, " ")
    case "remove":
      return out.replace(/\s+/g, "")
  }
}

// All that is before the first combining character is in NFC already, and asking the library takes longer.
const mayCompose = /[\u0300-\uffff]/
const punctuation = /[\p{P}$+<=>^`|~]+/gu
// A word boundary that knows letters beyond ASCII: `à la` is no article.
const articles = /(?<![\p{L}\p{M}\p{N}_])(?:an?|the)(?![\p{L}\p{M}\p{N}_])/giu
const beyondAscii = /[^\0-\x7f]/

/** By way of upper case, so that what is one letter in upper case is the same, as in `ß` and `SS`, `ς` and `σ`. */
const foldCase = (text: string): string =>
  beyondAscii.test(text) ? text.toUpperCase().toLowerCase().replaceAll("ς", "σ") : text.toLowerCase()

/** The options in a few words, for comments: such as `, ignoring case and punctuation`. */
export const describeNormalization = (options: Normalization): string => {
  const ignored = [
    ...(options.ignoreCase === true ? ["case"] : []),
    ...(options.ignorePunctuation === true ? ["punctuation"] : []),
    ...(options.ignoreArticles === true ? ["articles"] : [])
  ]
  const last = ignored.pop()
  if (last === undefined) return ""
  return `, ignoring ${ignored.length === 0 ? last : `${ignored.join(", ")} and ${last}`}`
}

/** The part of a scorer's options that is about normalization. */
export const normalizationOf = (options: Normalization | undefined, defaults: Normalization = {}): Normalization => ({
  unicode: options?.unicode ?? defaults.unicode,
  ignoreCase: options?.ignoreCase ?? defaults.ignoreCase,
  ignorePunctuation: options?.ignorePunctuation ?? defaults.ignorePunctuation,
  ignoreArticles: options?.ignoreArticles ?? defaults.ignoreArticles,
  whitespace: options?.whitespace ?? defaults.whitespace
})
