/** The rows of an experiment: searched, filtered, sorted, and looked into. */
import { countOf, formatCount, formatDuration, formatScore } from "../../internal/values/numbers.ts"
import type { ExperimentData, KeyData } from "../internal/html/pageData.ts"
import { rowDetail } from "./detail.ts"
import { type Child, h, option } from "./dom.ts"
import { feedbackView } from "./feedback.ts"
import { type Column, Listing, sorted, type SortValue } from "./listing.ts"
import { changed, go, numberIn, type Route } from "./route.ts"
import type { Store } from "./store.ts"

const outcomeChoices = [
  ["", "all rows"],
  ["failed", "with failures"],
  ["clean", "without failures"],
  ["Succeeded", "target succeeded"],
  ["Failed", "target failed"],
  ["TimedOut", "target timed out"],
  ["Cancelled", "target cancelled"]
] as const

export class RowsView {
  readonly element: HTMLElement
  readonly #store: Store
  readonly #listing = new Listing("Rows", "row")
  readonly #search = h("input", {
    type: "search",
    placeholder: "Search in everything",
    "aria-label": "Search",
    oninput: () => go(changed(this.#route, { q: this.#search.value, page: "" }), "replace")
  })
  readonly #outcome = h("select", {
    "aria-label": "Outcome",
    onchange: () => go(changed(this.#route, { outcome: this.#outcome.value, page: "" }), "replace")
  }, outcomeChoices.map(([value, text]) => option(value, text, "")))
  readonly #key = h("select", {
    "aria-label": "Key",
    onchange: () => go(changed(this.#route, { ...noKeyFilter, key: this.#key.value, page: "" }), "replace")
  })
  readonly #value = h("select", {
    "aria-label": "Result of the key",
    onchange: () =>
      go(changed(this.#route, { ...noKeyFilter, key: this.#key.value, ...choices(this.#value.value) }), "replace")
  })
  readonly #chips = h("span")
  readonly #count = h("span", { class: "count", role: "status" })
  #route: Route = new Map()
  #experiment = -1
  #detailOf = ""

  constructor(store: Store) {
    this.#store = store
    this.element = h(
      "div",
      { class: "rows-view" },
      h("h2", { class: "visually-hidden" }, "Rows"),
      h(
        "div",
        { class: "tools", role: "search" },
        this.#search,
        this.#outcome,
        this.#key,
        this.#value,
        this.#chips,
        this.#count
      ),
      this.#listing.element
    )
  }

  focusSearch(): void {
    this.#search.focus()
    this.#search.select()
  }

  step(by: number): void {
    this.#listing.step(this.#route, by)?.()
  }

  close(): void {
    if (this.#route.get("row") !== undefined) this.#listing.close(this.#route)
  }

  show(route: Route, pages = true): void {
    this.#route = route
    const e = numberIn(route, "e") ?? 0
    const data = this.#store.page.experiments[e]
    if (data === undefined) return
    this.#updateTools(route, e, data)
    const order = this.#order(route, e, data)
    this.#count.textContent = `${order.length === data.index.length ? "" : `${formatCount(order.length)} of `}${
      countOf(data.index.length, "row")
    }${this.#searching(route, e)}`
    this.#listing.show(route, this.#columns(route, data), order, pages)
    void this.#showDetail(route, e, data)
    if ((route.get("q") ?? "") !== "" && this.#store.textShare(e) === 0) {
      void this.#store.readTexts(e, () => {
        if (numberIn(this.#route, "e") === numberIn(route, "e") && this.#route.get("view") === "rows") {
          this.show(this.#route)
        }
      })
    }
  }

  #searching(route: Route, e: number): string {
    const share = this.#store.textShare(e)
    return (route.get("q") ?? "") === "" || share === 1 ? "" : ", searching on"
  }

  #updateTools(route: Route, e: number, data: ExperimentData): void {
    if (document.activeElement !== this.#search) this.#search.value = route.get("q") ?? ""
    this.#outcome.value = route.get("outcome") ?? ""
    const key = route.get("key") ?? ""
    if (this.#experiment !== e) {
      this.#experiment = e
      this.#key.replaceChildren(option("", "any key", key), ...data.keys.map(({ name }) => option(name, name, key)))
    }
    this.#key.value = data.keys.some(({ name }) => name === key) ? key : ""
    const chosen = data.keys.find(({ name }) => name === key)
    this.#value.hidden = chosen === undefined
    const current = valueOf(route)
    this.#value.replaceChildren(...(chosen === undefined ? [] : valueChoices(chosen, current)))
    this.#value.value = current
    const from = route.get("from")
    const isRange = from !== undefined && from !== "" && !(chosen?.type === "boolean")
    this.#chips.replaceChildren(
      ...(isRange
        ? [
          h("button", {
            type: "button",
            class: "chip",
            "aria-label": "Take the range away",
            onclick: () =>
              go(changed(route, { ...noKeyFilter, key: key === "latency" ? "" : key, page: "" }), "replace")
          }, `${key} ${rangeText(route, key)} ✕`)
        ]
        : [])
    )
  }

  #order(route: Route, e: number, data: ExperimentData): ReadonlyArray<number> {
    const tests = filters(route, data)
    const words = (route.get("q") ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "")
    const places: Array<number> = []
    for (let place = 0; place < data.index.length; place++) {
      if (!tests.every((test) => test(place))) continue
      if (words.length > 0) {
        const text = this.#store.text(e, place)
        if (!words.every((word) => text.includes(word))) continue
      }
      places.push(place)
    }
    const sort = route.get("sort") ?? ""
    return sorted(places, sortValue(sort.replace(/^-/, ""), data), sort.startsWith("-"))
  }

  #columns(route: Route, data: ExperimentData): ReadonlyArray<Column> {
    return [
      { sort: "index", title: "#", class: "narrow-off", cell: (place) => String((data.index[place] ?? 0) + 1) },
      {
        sort: "example",
        title: "example",
        class: "wide",
        cell: (place) => {
          const id = data.exampleId[place] ?? ""
          const inputs = data.inputs[place] ?? ""
          const repetition = data.repetitions > 1 ? ` #${(data.repetition[place] ?? 0) + 1}` : ""
          return [
            this.#listing.link(
              route,
              place,
              h("span", { class: "id" }, `${id.length > 28 ? `${id.slice(0, 27)}…` : id}${repetition} `),
              inputs === id ? "" : inputs
            ),
            h("div", { class: data.outcome[place] === "Succeeded" ? "out" : "out bad-text" }, data.outputs[place])
          ]
        }
      },
      ...data.keys.map((key): Column => ({
        sort: `score:${key.name}`,
        title: key.name,
        cell: (place) => keyCell(key, place)
      })),
      {
        sort: "latency",
        title: "time",
        class: "extra narrow-off",
        cell: (place) => {
          const latency = data.latency[place]
          return latency === null || latency === undefined ? h("span", { class: "none" }, "–") : formatDuration(latency)
        }
      },
      ...(data.tokens.some((tokens) => tokens !== null)
        ? [{
          sort: "tokens",
          title: "tokens",
          class: "extra narrow-off",
          cell: (place: number): Child => {
            const tokens = data.tokens[place]
            return tokens === null || tokens === undefined ? h("span", { class: "none" }, "–") : formatCount(tokens)
          }
        }]
        : [])
    ]
  }

  async #showDetail(route: Route, e: number, data: ExperimentData): Promise<void> {
    const place = numberIn(route, "row")
    if (place === undefined || data.index[place] === undefined) {
      this.#detailOf = ""
      this.#listing.setDetail(undefined)
      return
    }
    const shown = `${e} ${place}`
    const isSame = this.#detailOf === shown
    this.#detailOf = shown
    const row = await this.#store.row(e, place)
    // Meanwhile another row may have been asked for.
    if (row === undefined || this.#detailOf !== shown) return
    if (isSame && this.#listing.element.classList.contains("open")) return
    const detail = rowDetail(data, place, row, {
      previous: this.#listing.step(route, -1) === undefined ? undefined : () => this.step(-1),
      next: this.#listing.step(route, 1) === undefined ? undefined : () => this.step(1),
      close: () => this.close()
    }, feedbackView(this.#store.page.feedback, data, place))
    this.#listing.setDetail(detail)
    detail.focus({ preventScroll: true })
  }
}

const noKeyFilter = { key: "", from: "", to: "", with: "", label: "", cell: "", page: "" }

/** What the select of results says: `true`, `false`, `label …`, `cell …`. */
const valueOf = (route: Route): string => {
  const [cell, label, from, to] = ["cell", "label", "from", "to"].map((part) => route.get(part) ?? "")
  if (cell !== "") return `cell ${cell}`
  if (label !== "") return `label ${label}`
  return from !== "" && from === to ? `score ${from}` : ""
}

const choices = (value: string): { readonly [part: string]: string } => {
  const text = value.slice(value.indexOf(" ") + 1)
  if (value.startsWith("cell ")) return { cell: text }
  if (value.startsWith("label ")) return { label: text }
  return value.startsWith("score ") ? { from: text, to: text } : {}
}

const cellNames = {
  Scored: "scored",
  Skipped: "skipped",
  Failed: "failed",
  TimedOut: "timed out",
  Cancelled: "cancelled"
}

const valueChoices = (key: KeyData, current: string): ReadonlyArray<HTMLOptionElement> => {
  const labels = [...new Set(key.label.filter((label) => label !== null))].slice(0, 50)
  const kinds = [...new Set(key.outcome)]
  return [
    option("", "any result", current),
    ...(key.type === "boolean" ? [option("score 1", "true", current), option("score 0", "false", current)] : []),
    ...labels.map((label) => option(`label ${label}`, label, current)),
    ...kinds.map((kind) => option(`cell ${kind}`, cellNames[kind], current))
  ]
}

const rangeText = (route: Route, key: string): string => {
  const format = key === "latency" ? formatDuration : formatScore
  const [from, to] = [numberIn(route, "from") ?? 0, numberIn(route, "to") ?? 0]
  return from === to ? format(from) : `${format(from)} to ${format(to)}`
}

/** What a row has to be, besides having the words of the search in it. */
const filters = (route: Route, data: ExperimentData): ReadonlyArray<(place: number) => boolean> => {
  const outcome = route.get("outcome") ?? ""
  const name = route.get("key") ?? ""
  const key = data.keys.find((key) => key.name === name)
  const [from, to] = [numberIn(route, "from"), numberIn(route, "to")]
  const [label, cell] = [route.get("label") ?? "", route.get("cell") ?? ""]
  const numbers = name === "latency" ? data.latency : key?.score
  const closed = from === to || route.get("with") === "1"
  return [
    ...(outcome === "" ? [] : outcome === "failed" || outcome === "clean"
      ? [(place: number) => (data.failed[place] === 1) === (outcome === "failed")]
      : [(place: number) => data.outcome[place] === outcome]),
    ...(from === undefined || to === undefined || numbers === undefined ? [] : [(place: number) => {
      const number = numbers[place]
      return number !== null && number !== undefined && number >= from && (closed ? number <= to : number < to)
    }]),
    ...(label === "" || key === undefined ? [] : [(place: number) => key.label[place]?.startsWith(label) ?? false]),
    ...(cell === "" || key === undefined ? [] : [(place: number) => key.outcome[place] === cell])
  ]
}

const sortValue = (by: string, data: ExperimentData): SortValue | undefined => {
  if (by === "latency") return (place) => data.latency[place]
  if (by === "tokens") return (place) => data.tokens[place]
  if (by === "example") return (place) => data.exampleId[place]
  const key = data.keys.find(({ name }) => `score:${name}` === by)
  return key === undefined ? undefined : (place) => key.score[place] ?? (key.type === "label" ? key.label[place] : null)
}

/** The result of a row under a key, or why there is none. */
export const keyCell = (key: KeyData, place: number): Child => {
  const outcome = key.outcome[place] ?? "Skipped"
  if (outcome !== "Scored") {
    return h(
      "span",
      { class: outcome === "Skipped" ? "none" : "gone" },
      outcome === "Skipped" ? "–" : cellNames[outcome]
    )
  }
  const score = key.score[place]
  const label = key.label[place]
  if (score === null || score === undefined) return label ?? "–"
  if (key.type !== "boolean") return formatScore(score)
  return h("span", { class: score === 1 ? "tone-good" : "tone-bad" }, score === 1 ? "true" : "false")
}
