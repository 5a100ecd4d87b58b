/** A piece of a row's data: as text, as JSON, or as a difference from another piece. */
import { diffLines, diffWords } from "diff"
import { formatCount } from "../../internal/values/numbers.ts"
import { type Child, h } from "./dom.ts"
import { readable, unwrapped } from "./readable.ts"

export interface Piece {
  readonly title: string
  readonly value: unknown
  /** How long it was, if it was cut. */
  readonly cut?: number | undefined
}

const shownLength = 40_000

const block = (text: string): HTMLElement => {
  const pre = h("pre", { tabindex: 0 }, text.slice(0, shownLength))
  if (text.length <= shownLength) return pre
  const more = h("button", {
    type: "button",
    onclick: () => {
      pre.replaceChildren(...h("span", {}, text).childNodes)
      more.remove()
    }
  }, `Show all ${formatCount(text.length)} characters`)
  return h("div", {}, pre, more)
}

/** Words that are in one of the texts only. Very long texts are compared by lines, and the longest not at all. */
const difference = (from: string, to: string): HTMLElement => {
  const options = { timeout: 400 }
  const parts = from.length + to.length < 60_000
    ? diffWords(from, to, options)
    : diffLines(from, to, options)
  if (parts === undefined) {
    return h("p", { class: "quiet" }, "These are too long, and too different, for their differences to be shown.")
  }
  if (parts.every(({ added, removed }) => !added && !removed)) return h("p", { class: "quiet" }, "They are the same.")
  return h(
    "pre",
    { tabindex: 0 },
    parts.map(({ added, removed, value }): Child => added ? h("ins", {}, value) : removed ? h("del", {}, value) : value)
  )
}

const note = ({ cut, title }: Piece): Child =>
  cut === undefined
    ? undefined
    : h(
      "p",
      { class: "bad-text" },
      `Cut: of ${title.toLowerCase()}, ${formatCount(cut)} characters, only the beginning is in this report.`
    )

type Mode = "text" | "json" | "difference"

/**
 * Pieces beside one another with a choice of how they are shown. `between` are the two whose difference can be shown: from
 * the first to the second.
 */
export const dataView = (
  title: string,
  pieces: ReadonlyArray<Piece>,
  between?: { readonly from: Piece; readonly to: Piece; readonly name: string } | undefined
): ReadonlyArray<HTMLElement> => {
  const body = h("div", { class: "pair" })
  const modes: ReadonlyArray<readonly [Mode, string]> = [
    ["text", "text"],
    ["json", "JSON"],
    ...(between === undefined ? [] : [["difference", between.name] as const])
  ]
  const buttons = modes.map(([mode, name]) => h("button", { type: "button", onclick: () => show(mode) }, name))
  const show = (mode: Mode): void => {
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(modes[i]?.[0] === mode)))
    if (mode === "difference" && between !== undefined) {
      body.replaceChildren(difference(readable(unwrapped(between.from.value)), readable(unwrapped(between.to.value))))
      return
    }
    body.replaceChildren(
      ...pieces.map((piece) =>
        h(
          "div",
          {},
          pieces.length > 1 ? h("h4", {}, piece.title) : undefined,
          block(mode === "json" ? JSON.stringify(piece.value, null, 2) : readable(unwrapped(piece.value))),
          note(piece)
        )
      )
    )
  }
  show("text")
  return [h("h3", {}, title, h("span", { class: "tabs" }, buttons)), body]
}
