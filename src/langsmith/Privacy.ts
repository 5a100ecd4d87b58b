/**
 * What leaves the process: inputs, outputs and metadata can be hidden or changed before they are sent, and secrets
 * replaced wherever they stand. What is kept locally stays as it is.
 *
 * @since 0.1.0
 */
import type { Json } from "../internal/values/json.ts"

/**
 * Data as it is about to be sent.
 *
 * @category models
 * @since 0.1.0
 */
export type { Json } from "../internal/values/json.ts"

/**
 * What is sent, and of how many traces.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** `true` sends none; a function sends what it gives. Reference outputs go with the outputs. */
  readonly hideInputs?: boolean | ((inputs: Json) => Json) | undefined
  readonly hideOutputs?: boolean | ((outputs: Json) => Json) | undefined
  /** Also the attributes and events of spans. */
  readonly hideMetadata?: boolean | ((metadata: Json) => Json) | undefined
  /**
   * Changes everything that is sent of runs and feedback: data, metadata, attributes, errors, comments. See `anonymizer`
   * and `secrets`.
   */
  readonly anonymizer?: Anonymizer | undefined
  /**
   * The share of traces that are sent whole, from 0 to 1. Of the others only that they ran is sent (name, times, whether
   * they failed), so that all their feedback has a run to belong to and every mean stays that of all rows. Whether a trace
   * is among them depends on its id alone. Default 1.
   */
  readonly samplingRate?: number | undefined
}

/**
 * Changes data before it is sent. The path says where it stands, such as `messages.0.content`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Anonymizer {
  readonly data: (data: Json) => Json
  readonly text: (text: string) => string
}

/**
 * Replaces what a pattern finds in texts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rule {
  /** A text is a regular expression, too. All that match are replaced. */
  readonly pattern: RegExp | string
  /** What stands there instead; `$1` is the first group of the pattern. Default: `[redacted]`. */
  readonly replace?: string | undefined
}

/** How deep data is looked through; what lies deeper is not sent. */
const maxDepth = 100

const tooDeep = "[nested too deep to be looked through]"

/**
 * An anonymizer from rules, applied one after the other to every text in the data, or from a function of a text and the
 * path at which it stands, such as `messages.0.content`; texts that stand alone have the path `""`. Names of members stay
 * as they are.
 *
 * **Example** (Mail addresses)
 *
 * ```ts
 * import { Privacy } from "effect-evals/langsmith"
 *
 * const anonymizer = Privacy.anonymizer([{ pattern: /[\w.+-]+@[\w-]+(\.[\w-]+)+/, replace: "<mail>" }])
 * console.log(anonymizer.data({ messages: [{ content: "I am ada@example.org." }] }))
 * // => { messages: [ { content: 'I am <mail>.' } ] }
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const anonymizer = (replacer: ReadonlyArray<Rule> | ((text: string, path: string) => string)): Anonymizer => {
  const replace = typeof replacer === "function" ? replacer : rulesReplacer(replacer)
  const walk = (data: Json, path: string, depth: number): Json => {
    if (typeof data === "string") return replace(data, path)
    if (typeof data !== "object" || data === null) return data
    if (depth > maxDepth) return tooDeep
    const below = (name: string | number) => path === "" ? String(name) : `${path}.${name}`
    if (isArray(data)) return data.map((member, i) => walk(member, below(i), depth + 1))
    return Object.fromEntries(
      Object.entries(data).map(([name, member]) => [name, walk(member, below(name), depth + 1)])
    )
  }
  return { data: (data) => walk(data, "", 0), text: (text) => replace(text, "") }
}

/** `Array.isArray` does not narrow to an array that cannot be written to. */
const isArray = (data: Json): data is ReadonlyArray<Json> => Array.isArray(data)

const rulesReplacer = (rules: ReadonlyArray<Rule>) => {
  const compiled = rules.map(({ pattern, replace = "[redacted]" }) => {
    const { flags, source } = typeof pattern === "string" ? new RegExp(pattern) : pattern
    return { pattern: new RegExp(source, flags.includes("g") ? flags : `${flags}g`), replace }
  })
  return (text: string) => compiled.reduce((text, { pattern, replace }) => text.replace(pattern, replace), text)
}

/** What stands in place of a secret. */
const secret = "[secret]"

/** The beginnings of the keys of well-known services, and how such keys go on. */
const keyShapes: ReadonlyArray<string> = [
  // OpenAI, Anthropic, OpenRouter and those that write keys like them
  "sk-(?:ant|proj|svcacct|admin|or|None)-[\\w-]{16,}",
  "sk-[A-Za-z0-9]{24,}",
  // LangSmith
  "lsv2_(?:pt|sk)_[0-9A-Za-z]{16,}(?:_[0-9A-Za-z]+)*",
  "ls__[0-9A-Za-z]{16,}",
  // GitHub, GitLab
  "gh[opsur]_[0-9A-Za-z]{30,}",
  "github_pat_\\w{30,}",
  "glpat-[\\w-]{20,}",
  // Amazon's key ids
  "(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}",
  // Google
  "AIza[\\w-]{35}",
  "ya29\\.[\\w-]{20,}",
  // Slack
  "xox[a-z]-[0-9A-Za-z-]{10,}",
  "xapp-[0-9]-[0-9A-Za-z-]{10,}",
  // Stripe
  "[rs]k_(?:live|test)_[0-9A-Za-z]{16,}",
  // npm, PyPI, Hugging Face, SendGrid
  "npm_[0-9A-Za-z]{30,}",
  "pypi-[\\w-]{50,}",
  "hf_[0-9A-Za-z]{30,}",
  "SG\\.[\\w-]{16,}\\.[\\w-]{16,}",
  // JSON web tokens
  "eyJ[\\w-]{8,}\\.eyJ[\\w-]{8,}\\.[\\w-]*"
]

/** The names of settings that hold secrets, as the last words of a name. */
const secretName =
  "(?:api[_-]?key|access[_-]?key|private[_-]?key|secret(?:[_-]?key)?|token|passw(?:or)?d|passphrase|credentials?)"

const secretRules: ReadonlyArray<Rule> = [
  { pattern: new RegExp(`(?<![\\w-])(?:${keyShapes.join("|")})(?![\\w-])`), replace: secret },
  // Private keys in PEM
  {
    pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/,
    replace: secret
  },
  // Passwords in addresses
  { pattern: /\b([a-z][a-z0-9+.-]{1,30}:\/\/[^\s:@/]{0,200}:)[^\s@/]{1,500}@/i, replace: `$1${secret}@` },
  // Slack's web hooks are secrets themselves.
  { pattern: /(hooks\.slack\.com\/services\/)[\w/]+/, replace: `$1${secret}` },
  // Authorization: Bearer ...
  { pattern: /\b(bearer\s+|basic\s+)[\w.~+/-]{12,}=*/i, replace: `$1${secret}` },
  // NAME=value, "name": "value", where the name says what the value is
  {
    pattern: new RegExp(
      `((?<![A-Za-z0-9])(?:[\\w.-]{0,60}[_.-])?${secretName}(?![A-Za-z0-9_-])["']?\\s{0,5}[:=]\\s{0,5}["']?)` +
        `(?!\\[secret\\])[^\\s"'&;,]{6,}`,
      "i"
    ),
    replace: `$1${secret}`
  }
]

/**
 * An anonymizer for secrets in texts: keys of well-known services by their shape, private keys, web tokens, passwords in
 * addresses, and what follows a name such as `api_key=` or `"password": `. Each is replaced by `[secret]`. It finds what
 * looks like these, and nothing else: not names, addresses or card numbers; give further rules for them.
 *
 * **Example** (A key in a prompt)
 *
 * ```ts
 * import { Privacy } from "effect-evals/langsmith"
 *
 * const { text } = Privacy.secrets()
 * console.log(text("curl -H 'Authorization: Bearer 0123456789abcdef' https://ada:lovelace@example.org"))
 * // => curl -H 'Authorization: Bearer [secret]' https://ada:[secret]@example.org
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const secrets = (options: { readonly extraRules?: ReadonlyArray<Rule> | undefined } = {}): Anonymizer =>
  anonymizer([...secretRules, ...(options.extraRules ?? [])])
