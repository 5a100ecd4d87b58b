/**
 * Is it a URL, an e-mail address, a language tag; does it hold one?
 *
 * @since 0.1.0
 */
import type * as Evaluator from "../Evaluator.ts"
import { text } from "./internal/readers.ts"
import { single } from "./internal/scorer.ts"
import { quoted } from "./internal/words.ts"
import type { SingleOptions } from "./Scorer.ts"

/**
 * Options of the functions for URLs.
 *
 * @category options
 * @since 0.1.0
 */
export interface UrlOptions {
  /** The protocols that will do. Default: `http` and `https`. */
  readonly protocols?: ReadonlyArray<string> | undefined
}

/**
 * Whether the whole text is an absolute URL: it has one of the protocols, written out, and the WHATWG's URL parser takes
 * it. Spaces and control characters, which that parser would mend, will not do.
 *
 * **Example** (Two URLs, one without its protocol)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.isUrl("https://effect.website/docs"), Text.isUrl("effect.website/docs")) // => true false
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const isUrl = (text: string, options?: UrlOptions): boolean => {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false
  const protocol = text.slice(0, text.indexOf(":")).toLowerCase()
  const { protocols = ["http", "https"] } = options ?? {}
  // `https:example.com` is mended by the parser, too.
  return protocols.includes(protocol) && (!hierarchical.has(protocol) || text.slice(protocol.length).startsWith("://"))
}

const hierarchical = new Set(["http", "https", "ftp", "ws", "wss"])

/**
 * Whether the whole text is an e-mail address: a local part and a domain with at least two labels, of the characters and
 * lengths that RFC 5321 allows, or letters and digits of any script (RFC 6531). Comments, quoted local parts and addresses
 * of machines in brackets will not do. Whether there is such a mailbox, no text can say.
 *
 * **Example** (A domain needs two labels)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.isEmail("jörg+news@example.org"), Text.isEmail("root@localhost")) // => true false
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const isEmail = (text: string): boolean => {
  const at = text.lastIndexOf("@")
  const local = text.slice(0, Math.max(0, at))
  const labels = text.slice(at + 1).split(".")
  return local.length > 0 && local.length <= 64 && text.length <= 254 && labels.length > 1 &&
    local.split(".").every((atom) => /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u.test(atom)) &&
    labels.every((label) => label.length <= 63 && /^[\p{L}\p{M}\p{N}-]+$/u.test(label) && !/^-|-$/.test(label)) &&
    // There are no domains that end with a number, but there are texts such as 1@2.3.
    !/^\d+$/.test(labels.at(-1) ?? "")
}

/**
 * Whether the whole text is a language tag (BCP 47), such as `de`, `pt-BR` or `zh-Hant-TW`: of the form that
 * `Intl.getCanonicalLocales` takes, and with `known`, of a language (and script and region) that has a name in the Unicode
 * data of the runtime.
 *
 * **Example** (A form, and a language)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.isLanguageTag("pt-BR"), Text.isLanguageTag("pt_BR"), Text.isLanguageTag("xq-BR")) // => true false true
 * console.log(Text.isLanguageTag("xq-BR", { known: true })) // => false
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const isLanguageTag = (text: string, options?: { readonly known?: boolean | undefined }): boolean => {
  if (!isWellFormed(text)) return false
  if (options?.known !== true) return true
  const { language, region, script } = new Intl.Locale(text)
  return isNamed("language", language) && (region === undefined || isNamed("region", region)) &&
    (script === undefined || isNamed("script", script))
}

const isNamed = (type: "language" | "region" | "script", code: string): boolean =>
  new Intl.DisplayNames("en", { type, fallback: "none" }).of(code) !== undefined

const isWellFormed = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch {
    return false
  }
}

/**
 * The URLs in a text: what stands between whitespace and looks like one, without the marks around it, such as brackets,
 * quotes and the full stop of the sentence. Takes time in proportion to the text.
 *
 * **Example** (In brackets, at the end)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.urlsIn("Read this (https://effect.website), then https://example.org/a_(b)."))
 * // => [ 'https://effect.website', 'https://example.org/a_(b)' ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const urlsIn = (text: string, options?: UrlOptions): Array<string> =>
  candidates(text, "://", (candidate) => {
    const start = /[a-z][a-z0-9+.-]{0,30}:\/\//i.exec(candidate)?.index
    return start === undefined ? undefined : unwrap(candidate.slice(start))
  }).filter((url) => isUrl(url, options))

/**
 * The e-mail addresses in a text, without the marks around them. Takes time in proportion to the text.
 *
 * **Example** (In a sentence)
 *
 * ```ts
 * import { Text } from "effect-evals/scorers"
 *
 * console.log(Text.emailsIn("Write to <ada@example.org>, or to bob@example.org.")) // => [ 'ada@example.org', 'bob@example.org' ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const emailsIn = (text: string): Array<string> =>
  candidates(text, "@", (candidate) => unwrap(candidate.replace(/^mailto:/i, ""))).filter(isEmail)

/** What stands between whitespace or marks that no address has in it. */
const candidates = (
  text: string,
  sign: string,
  pick: (candidate: string) => string | undefined
): Array<string> =>
  text.split(/[\s<>"“”„«»,;，；。、]+/).flatMap((candidate) => {
    if (!candidate.includes(sign)) return []
    const picked = pick(candidate)
    return picked === undefined ? [] : [picked]
  })

const pairs = { ")": "(", "]": "[", "}": "{" } as const

const isClosing = (mark: string): mark is keyof typeof pairs => mark in pairs

/** Without marks at both ends; a closing bracket stays if it was opened within. */
const unwrap = (candidate: string): string => {
  let start = 0
  let end = candidate.length
  while (start < end && "([{'‘*_`".includes(candidate.charAt(start))) start++
  // Counted once: a candidate may be nothing but brackets.
  const surplus = new Map<string, number>()
  while (start < end) {
    const last = candidate.charAt(end - 1)
    if (isClosing(last)) {
      const unopened = surplus.get(last) ?? surplusOf(last, candidate.slice(start, end))
      if (unopened <= 0) break
      surplus.set(last, unopened - 1)
    } else if (!".:!?'’*_`".includes(last)) break
    end--
  }
  return candidate.slice(start, end)
}

const surplusOf = (closing: keyof typeof pairs, text: string): number =>
  text.split(closing).length - text.split(pairs[closing]).length

/**
 * Whether the outputs are an absolute URL, see `isUrl`; whitespace around it does not count.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const url = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M> & UrlOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  form("url", { protocols: options?.protocols }, options, "a URL", (text) => isUrl(text, options))

/**
 * Whether the outputs are an e-mail address, see `isEmail`; whitespace around it does not count.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const email = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> => form("email", {}, options, "an e-mail address", isEmail)

/**
 * Whether the outputs are a language tag, see `isLanguageTag`; whitespace around it does not count.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const languageTag = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M> & { readonly known?: boolean | undefined }
): Evaluator.Evaluator<I, O, Ref, M> =>
  form("languageTag", { known: options?.known }, options, "a language tag", (text) => isLanguageTag(text, options))

/**
 * Whether the outputs contain a URL, see `urlsIn`.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const containsUrl = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M> & UrlOptions
): Evaluator.Evaluator<I, O, Ref, M> =>
  holding("containsUrl", { protocols: options?.protocols }, options, "URL", (text) => urlsIn(text, options))

/**
 * Whether the outputs contain an e-mail address, see `emailsIn`.
 *
 * Score: `true` or `false`.
 *
 * @category scorers
 * @since 0.1.0
 */
export const containsEmail = <I = unknown, O = unknown, Ref = unknown, M = unknown>(
  options?: SingleOptions<I, O, Ref, M>
): Evaluator.Evaluator<I, O, Ref, M> => holding("containsEmail", {}, options, "e-mail address", emailsIn)

const form = <I, O, Ref, M>(
  name: string,
  config: object,
  options: SingleOptions<I, O, Ref, M> | undefined,
  what: string,
  holds: (text: string) => boolean
): Evaluator.Evaluator<I, O, Ref, M> =>
  // Its members are the options.
  single({ name, own: config, config }, options, text, (actual) => {
    const score = holds(actual.trim())
    return { score, comment: `${quoted([actual])} is ${score ? "" : "not "}${what}` }
  })

const holding = <I, O, Ref, M>(
  name: string,
  config: object,
  options: SingleOptions<I, O, Ref, M> | undefined,
  what: string,
  find: (text: string) => ReadonlyArray<string>
): Evaluator.Evaluator<I, O, Ref, M> =>
  // Its members are the options.
  single({ name, own: config, config }, options, text, (actual) => {
    const found = find(actual)
    return { score: found.length > 0, comment: found.length > 0 ? `found ${quoted(found)}` : `found no ${what}` }
  })
