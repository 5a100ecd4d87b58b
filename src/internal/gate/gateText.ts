/**
 * Gates as people type them: `correct >= 0.9 and latency.p95 <= 2s`.
 *
 *     gate      = all *("or" all)
 *     all       = one *("and" one)
 *     one       = "not" one / "(" gate ")" / condition
 *     condition = "failures" ["(" key ")"] "<=" (count / percentage)
 *               / "latency." measure ["(" evaluator ")"] "<=" duration
 *               / ("cost" / "tokens") [".row"] "<=" number
 *               / "better(" key ["," by] ")" / "not-worse(" key "," margin ")" / "newly-failing" ["<=" count]
 *               / "confident(" key ["," confidence] ")" limit / key ["[" group "=" value "]"] limit
 *     limit     = (">=" / "<=") (number / percentage)
 */
import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Gate } from "../../Gate.ts"
import { GroupBy } from "../../Summary.ts"
import { readDuration } from "../values/durationText.ts"
import { GateError } from "./gateError.ts"

interface Token {
  readonly kind: "word" | "quoted" | "operator" | "mark" | "end"
  readonly text: string
  /** The place of its first character. */
  readonly at: number
}

const token = /\s*(?:"([^"]*)"|'([^']*)'|([<>=!]+)|([()[\],])|([^\s()[\],<>=!"']+))/y

const measures = ["mean", "max", "p5", "p25", "p50", "p75", "p90", "p95", "p99"] as const

const isGroupBy = Schema.is(GroupBy)

/** The gate that a text says, its numbers unchecked; a `GateError` shows where it says none. */
export const readGate = (text: string): Effect.Effect<Gate, GateError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(new Reader(text).gate())
    } catch (error) {
      return error instanceof GateError ? Effect.fail(error) : Effect.die(error)
    }
  })

class Reader {
  readonly #text: string
  readonly #tokens: ReadonlyArray<Token>
  #next = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = this.#split()
  }

  gate(): Gate {
    const gate = this.#either()
    const rest = this.#peek()
    if (rest.kind !== "end") this.#refuse(`expected "and", "or" or the end`, rest)
    return gate
  }

  #either(): Gate {
    const gates = this.#joined("or", () => this.#all())
    return gates.length === 1 ? gates[0] : { _tag: "Or", gates }
  }

  #all(): Gate {
    const gates = this.#joined("and", () => this.#one())
    return gates.length === 1 ? gates[0] : { _tag: "And", gates }
  }

  #joined(word: "and" | "or", part: () => Gate): Arr.NonEmptyReadonlyArray<Gate> {
    const parts: Arr.NonEmptyArray<Gate> = [part()]
    while (this.#isWord(word)) {
      this.#next++
      parts.push(part())
    }
    return parts
  }

  #one(): Gate {
    if (this.#isWord("not")) {
      this.#next++
      return { _tag: "Not", gate: this.#one() }
    }
    if (this.#takeMark("(")) {
      const gate = this.#either()
      this.#expectMark(")")
      return gate
    }
    return this.#condition()
  }

  #condition(): Gate {
    const begin = this.#peek()
    if (begin.kind === "quoted") return this.#mean(this.#take().text)
    const name = this.#name("a key such as correct, or one of failures, latency.p95, cost, tokens, better(...)")
    const [word, detail, ...more] = name.split(".")
    switch (word) {
      case "failures": {
        if (detail !== undefined) break
        const key = this.#takeMark("(") ? this.#argument("a key", ")") : undefined
        this.#atMost(name)
        const { isShare, value } = this.#number("a count such as 3, or a share such as 2%")
        return { _tag: "Failures", key, ...(isShare ? { atMostShare: value } : { atMost: value }) }
      }
      case "latency": {
        const measure = measures.find((measure) => measure === detail)
        if (measure === undefined || more.length > 0) {
          return this.#refuse(`expected latency.<measure> with one of ${measures.join(", ")}`, begin)
        }
        const evaluator = this.#takeMark("(") ? this.#argument("the name of an evaluator", ")") : undefined
        this.#atMost(name)
        return { _tag: "Latency", measure, evaluator, atMost: this.#duration() }
      }
      case "cost":
      case "tokens": {
        if (detail !== undefined && detail !== "row") {
          return this.#refuse(`expected ${word}, or ${word}.row for the average of a row`, begin)
        }
        this.#atMost(name)
        const per = detail === "row" ? "row" : "experiment"
        const atMost = this.#number("a number").value
        return word === "cost" ? { _tag: "Cost", atMost, per } : { _tag: "Tokens", atMost, per }
      }
      case "newly-failing": {
        if (this.#peek().kind !== "operator") return { _tag: "NewlyFailing", atMost: 0 }
        this.#atMost(name)
        return { _tag: "NewlyFailing", atMost: this.#number("a count").value }
      }
    }
    if (!this.#takeMark("(")) return this.#mean(name)
    switch (name) {
      case "better":
      case "not-worse": {
        const [key, size] = this.#keyAndNumber()
        if (name === "better") return { _tag: "Better", key, by: size ?? 0, confidence: 0.95, lostAtMost: 0 }
        if (size === undefined) {
          return this.#refuse(`expected how much worse it may be, as in not-worse(${key}, 0.01)`, begin)
        }
        return { _tag: "NotWorse", key, margin: size, confidence: 0.95, lostAtMost: 0 }
      }
      case "confident": {
        const [key, confidence] = this.#keyAndNumber()
        return { _tag: "ConfidentMean", key, confidence: confidence ?? 0.95, ...this.#limit(key) }
      }
    }
    return this.#refuse(
      "expected better(...), not-worse(...), confident(...), failures(...) or latency.p95(...); a key that holds " +
        `brackets stands in quotes`,
      begin
    )
  }

  #mean(key: string): Gate {
    if (!this.#takeMark("[")) return { _tag: "Mean", key, ...this.#limit(key) }
    const at = this.#peek()
    const by = this.#name("split or metadata.<field>")
    if (!isGroupBy(by)) return this.#refuse("expected split or metadata.<field>", at)
    const equals = this.#take()
    if (equals.text !== "=") this.#refuse(`expected "=" after ${by}`, equals)
    const value = this.#argument(`the value of ${by}`, "]")
    return { _tag: "Mean", key, group: { by, value }, ...this.#limit(key) }
  }

  #limit(key: string): { readonly atLeast: number } | { readonly atMost: number } {
    const operator = this.#take()
    if (operator.text !== ">=" && operator.text !== "<=") this.#refuse(`expected ">=" or "<=" after ${key}`, operator)
    const { value } = this.#number("a number such as 0.9, or a percentage such as 90%")
    return operator.text === ">=" ? { atLeast: value } : { atMost: value }
  }

  #atMost(name: string): void {
    const operator = this.#take()
    if (operator.text !== "<=") this.#refuse(`expected "<=" after ${name}`, operator)
  }

  #number(expected: string): { readonly value: number; readonly isShare: boolean } {
    const found = this.#take()
    const match = found.kind === "word" ? /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(%?)$/i.exec(found.text) : null
    if (match === null) return this.#refuse(`expected ${expected}`, found)
    const isShare = match[2] === "%"
    return { value: isShare ? Number(match[1]) / 100 : Number(match[1]), isShare }
  }

  /** In milliseconds. */
  #duration(): number {
    const found = this.#take()
    const hasUnit = found.kind !== "word" || /[a-z]/i.test(found.text)
    const unit = hasUnit || this.#peek().kind !== "word" ? "" : this.#take().text
    return readDuration(`${found.text}${unit}`) ??
      this.#refuse("expected a duration such as 500ms, 2s or 1.5 minutes", found)
  }

  #keyAndNumber(): [key: string, number: number | undefined] {
    const key = this.#key()
    const number = this.#takeMark(",") ? this.#number("a number").value : undefined
    this.#expectMark(")")
    return [key, number]
  }

  #argument(expected: string, close: ")" | "]"): string {
    const argument = this.#key(expected)
    this.#expectMark(close)
    return argument
  }

  #key(expected = "a key"): string {
    return this.#peek().kind === "quoted" ? this.#take().text : this.#name(expected)
  }

  /** Words that follow one another are one name, such as `reciprocal rank`. */
  #name(expected: string): string {
    const words: Array<string> = []
    while (this.#peek().kind === "word" && !this.#isWord("and") && !this.#isWord("or")) words.push(this.#take().text)
    return words.length > 0 ? words.join(" ") : this.#refuse(`expected ${expected}`, this.#peek())
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", text: "", at: this.#text.length }
  }

  #take(): Token {
    const taken = this.#peek()
    this.#next++
    return taken
  }

  #isWord(text: string): boolean {
    const token = this.#peek()
    return token.kind === "word" && token.text === text
  }

  #takeMark(text: string): boolean {
    const found = this.#peek()
    const is = found.kind === "mark" && found.text === text
    if (is) this.#next++
    return is
  }

  #expectMark(text: string): void {
    if (!this.#takeMark(text)) this.#refuse(`expected "${text}"`, this.#peek())
  }

  #split(): ReadonlyArray<Token> {
    const tokens: Array<Token> = []
    token.lastIndex = 0
    while (token.lastIndex < this.#text.trimEnd().length) {
      const from = token.lastIndex
      const match = token.exec(this.#text)
      if (match === null) {
        const at = from + (/\S/.exec(this.#text.slice(from))?.index ?? 0)
        return this.#refuse("this quote is not closed", { kind: "word", text: this.#text.slice(at), at })
      }
      const [all, double, single, operator, mark, word] = match
      const text = double ?? single ?? operator ?? mark ?? word ?? ""
      tokens.push({
        kind: operator !== undefined
          ? "operator"
          : mark !== undefined
          ? "mark"
          : word !== undefined
          ? "word"
          : "quoted",
        text,
        at: token.lastIndex - all.trimStart().length
      })
    }
    return tokens
  }

  #refuse(expected: string, { at, kind, text }: Token): never {
    const found = kind === "end" ? "it ends there" : `there is ${JSON.stringify(text)}`
    throw new GateError({
      message: `This is no gate: ${expected}, but ${found}.\n  ${this.#text}\n  ${" ".repeat(at)}^`
    })
  }
}
