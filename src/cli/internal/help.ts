/** The help of a command, as wide as the terminal and no wider. */
import type * as HelpDoc from "effect/cli/HelpDoc"
import * as Option from "effect/Option"
import { styleText } from "node:util"

export interface HelpStyle {
  readonly color: boolean
  readonly width: number
}

/** One line of a list: what it is, and what it is for. */
interface Item {
  readonly term: string
  readonly text: string
}

export const formatHelp = (doc: HelpDoc.HelpDoc, { color, width }: HelpStyle): string => {
  const bold = (text: string) => color ? styleText("bold", text, { validateStream: false }) : text
  const dim = (text: string) => color ? styleText("dim", text, { validateStream: false }) : text
  const isRoot = doc.commandPath?.length === 1
  const section = (title: string, items: ReadonlyArray<Item>): ReadonlyArray<string> =>
    items.length === 0 ? [] : ["", bold(title), ...listed(items, width)]
  const examples = doc.examples ?? []
  return [
    wrap(doc.description ?? "", width).join("\n"),
    "",
    `${bold("Usage")}  ${doc.usage}`,
    ...(doc.subcommands ?? []).flatMap(({ commands, group }) =>
      section(
        group ?? "Commands",
        commands.map(({ description, name, shortDescription }) => ({
          term: name,
          text: shortDescription ?? description
        }))
      )
    ),
    ...section("Arguments", (doc.args ?? []).map(argumentItem)),
    ...section("Flags", doc.flags.map(flagItem)),
    ...(isRoot ? section("Flags of all commands", (doc.globalFlags ?? []).map(flagItem)) : []),
    ...(examples.length === 0 ? [] : ["", bold("Examples")]),
    ...examples.flatMap(({ command, description }) => [
      ...(description === undefined || description === "" ? [] : [dim(`  # ${description}`)]),
      `  ${command}`
    ]),
    ...(isRoot ? [] : ["", dim(`More flags, for all commands: ${doc.commandPath?.[0] ?? ""} --help`)])
  ].join("\n")
}

const argumentItem = ({ description, name, required, variadic }: HelpDoc.ArgDoc): Item => ({
  term: `${required ? `<${name}>` : `[${name}]`}${variadic ? "..." : ""}`,
  text: Option.getOrElse(description, () => "")
})

const flagItem = ({ aliases, description, name, type }: HelpDoc.FlagDoc): Item => {
  const value = type === "boolean" ? "" : type.startsWith("[=") ? type : ` ${type}`
  return {
    term: `${aliases.length === 0 ? "    " : `${aliases.join(", ")}, `}--${name}${value}`,
    // The choices are the type already.
    text: Option.getOrElse(description, () => "").replace(/ \(choices: [^)]*\)$/, "")
  }
}

const widestTerm = 30

const listed = (items: ReadonlyArray<Item>, width: number): ReadonlyArray<string> => {
  const column = Math.min(widestTerm, Math.max(...items.map(({ term }) => term.length))) + 4
  return items.flatMap(({ term, text }) => {
    const [first = "", ...rest] = wrap(text, Math.max(30, width - column))
    const begin = `  ${term}`
    const lines = begin.length + 2 > column && first !== ""
      ? [begin, `${" ".repeat(column)}${first}`]
      : [`${begin.padEnd(column)}${first}`.trimEnd()]
    return [...lines, ...rest.map((line) => `${" ".repeat(column)}${line}`)]
  })
}

/** The text in lines of so many characters at most, unless a word is longer. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines = [""]
  for (const word of text.split(" ")) {
    const line = lines[lines.length - 1] ?? ""
    if (line !== "" && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`
  }
  return lines
}
