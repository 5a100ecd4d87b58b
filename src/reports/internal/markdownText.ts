/** Texts from outside in Markdown: as code, in which nothing means anything. */
import { oneLine } from "../text.ts"

/** The text in a line as code: no markup, no links, no names that are notified. */
export const code = (text: string, limit?: number): string => {
  const line = oneLine(text, limit)
  if (line.trim() === "") return "` `"
  const fence = fenceFor(line, 1)
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : ""
  // A cell of a table ends at a bar, in code as well.
  return `${fence}${pad}${line.replace(/\|/g, "\\|")}${pad}${fence}`
}

/** The text as a block of code. Characters that turn the reading direction or move cursors are replaced. */
export const codeBlock = (text: string, limit: number): string => {
  const shown = (text.length > limit ? `${text.slice(0, limit).replace(/[\uD800-\uDBFF]$/, "")}…` : text)
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]|[\p{Cf}\p{Co}\p{Cs}]/gu, "\uFFFD")
  const fence = fenceFor(shown, 3)
  return `${fence}text\n${shown}\n${fence}`
}

/** So many backticks that the text cannot end what they begin. */
const fenceFor = (text: string, atLeast: number): string =>
  "`".repeat(Array.from(text.matchAll(/`+/g)).reduce((most, [run]) => Math.max(most, run.length + 1), atLeast))

/** A table. The cells are Markdown already. */
export const table = (
  columns: ReadonlyArray<{ readonly title: string; readonly align?: "right" | undefined }>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string =>
  [
    columns.map(({ title }) => title),
    columns.map(({ align }) => align === "right" ? "---:" : "---"),
    ...rows
  ].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

/** Something to unfold. The title is Markdown without blocks. */
export const details = (title: string, body: string): string =>
  `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`

/**
 * The parts, as many as fit into so many characters, in their order: a part that is too long is left out, and a line at
 * the end says so. Of the first part, what fits is there in any case.
 */
export const fitted = (parts: ReadonlyArray<string>, maxLength: number): string => {
  const note = "\n\n*Left out, to stay below the size limit: "
  const reserve = note.length + 60
  let text = ""
  let leftOut = 0
  for (const part of parts) {
    const next = text === "" ? part : `\n\n${part}`
    if (text.length + next.length + reserve <= maxLength) text += next
    else if (text === "") {
      text = part.slice(0, Math.max(0, maxLength - reserve)).replace(/\n[^\n]*$/, "")
      leftOut++
    } else leftOut++
  }
  return leftOut === 0 ? `${text}\n` : `${text}${note}${leftOut} of ${parts.length} sections.*\n`
}
