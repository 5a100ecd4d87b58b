/** A table of rows in pages, which can be sorted, with a place beside it for the row that is looked at. */
import { formatCount } from "../../internal/values/numbers.ts"
import { type Child, h } from "./dom.ts"
import { changed, go, hashOf, numberIn, type Route } from "./route.ts"

export interface Column {
  /** What `sort` says to sort by this column. */
  readonly sort: string
  readonly title: string
  readonly class?: string | undefined
  readonly cell: (place: number) => Child
}

/** What to sort by: the number or text of a row; rows without one come last. */
export type SortValue = (place: number) => number | string | null | undefined

const pageSize = 50

/** On paper; more than so many rows nobody reads there, and laying them out takes long. */
const printedAtMost = 1000

export class Listing {
  readonly element: HTMLElement
  readonly #table = h("div", { class: "list" })
  readonly #detail = h("div", { class: "side" })
  readonly #name: string
  /** The part of the route that says which row is looked at. */
  readonly #part: string
  #shown: ReadonlyArray<number> = []
  #signature = ""

  constructor(name: string, part: string) {
    this.#name = name
    this.#part = part
    this.element = h("div", { class: "split" }, this.#table, this.#detail)
  }

  /** Shows the page of rows that the route says. */
  show(route: Route, columns: ReadonlyArray<Column>, order: ReadonlyArray<number>, pages = true): void {
    this.#shown = order
    const selected = numberIn(route, this.#part)
    const size = pages ? pageSize : printedAtMost
    const last = Math.max(0, Math.ceil(order.length / size) - 1)
    const page = Math.min(last, Math.max(0, (numberIn(route, "page") ?? 1) - 1))
    const places = order.slice(page * size, (page + 1) * size)
    const sort = route.get("sort") ?? ""
    // While the search goes on, most often nothing changes on this page.
    const signature = `${hashOf(route)} ${order.length} ${places.join(" ")}`
    if (signature === this.#signature) return
    this.#signature = signature
    const rows = places.map((place) =>
      h(
        "tr",
        {
          "aria-current": place === selected ? "true" : undefined,
          onclick: (event) => {
            const isLink = event.target instanceof Element && event.target.closest("a") !== null
            if (!isLink) this.open(route, place)
          }
        },
        columns.map(({ cell, class: name }) => h("td", { class: name }, cell(place)))
      )
    )
    this.#table.replaceChildren(
      order.length === 0 ? h("p", { class: "empty" }, "No row is like this.") : h(
        "div",
        { class: "scroll-x" },
        h(
          "table",
          { "aria-label": this.#name },
          h("thead", {}, h("tr", {}, columns.map((column) => this.#head(route, column, sort)))),
          h("tbody", {}, rows)
        )
      ),
      ...(last === 0 ? [] : [this.#pager(route, page, last, size, order.length)])
    )
  }

  #head(route: Route, { class: name, sort: by, title }: Column, sort: string): HTMLElement {
    const state = sort === by ? "ascending" : sort === `-${by}` ? "descending" : undefined
    const next = state === undefined ? by : state === "ascending" ? `-${by}` : ""
    return h(
      "th",
      { scope: "col", class: name, "aria-sort": state },
      h(
        "button",
        {
          type: "button",
          title: `Sort by ${title}`,
          onclick: () => go(changed(route, { sort: next, page: "" }), "replace")
        },
        title,
        state === "ascending" ? " ↑" : state === "descending" ? " ↓" : ""
      )
    )
  }

  #pager(route: Route, page: number, last: number, size: number, count: number): HTMLElement {
    const to = (page: number) => () => {
      go(changed(route, { page: page + 1 }), "replace")
      scrollTo({ top: 0 })
    }
    return h(
      "nav",
      { class: "pager", "aria-label": "Pages" },
      `${formatCount(page * size + 1)} to ${formatCount(Math.min(count, (page + 1) * size))} of ${formatCount(count)}`,
      h("button", { type: "button", disabled: page === 0, onclick: to(page - 1) }, "Previous"),
      h("button", { type: "button", disabled: page === last, onclick: to(page + 1) }, "Next")
    )
  }

  /** Puts a row's details beside the table, or takes them away. */
  setDetail(detail: HTMLElement | undefined): void {
    this.element.classList.toggle("open", detail !== undefined)
    const scrolled = this.#detail.querySelector(".detail")?.scrollTop ?? 0
    this.#detail.replaceChildren(...(detail === undefined ? [] : [detail]))
    if (scrolled > 0) detail?.scrollTo(0, 0)
    this.#table.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" })
  }

  open(route: Route, place: number): void {
    go(changed(route, { [this.#part]: place }), route.get(this.#part) === undefined ? "push" : "replace")
  }

  close(route: Route): void {
    const place = numberIn(route, this.#part)
    go(changed(route, { [this.#part]: "" }), "push")
    if (place !== undefined) this.#table.querySelector<HTMLElement>(`a[data-place="${place}"]`)?.focus()
  }

  /** The row so many places further down; its page is turned to. */
  step(route: Route, by: number): (() => void) | undefined {
    const selected = numberIn(route, this.#part)
    const at = selected === undefined ? (by > 0 ? -1 : 0) : this.#shown.indexOf(selected)
    const place = this.#shown[at + by]
    if (place === undefined || (selected !== undefined && at === -1)) return undefined
    return () => {
      const page = Math.floor((at + by) / pageSize) + 1
      go(
        changed(route, { [this.#part]: place, page: page === 1 ? "" : page }),
        selected === undefined ? "push" : "replace"
      )
    }
  }

  /** A link to a row. */
  link(route: Route, place: number, ...content: ReadonlyArray<Child>): HTMLElement {
    return h("a", {
      href: hashOf(changed(route, { [this.#part]: place })),
      "data-place": place,
      onclick: (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        this.open(route, place)
      }
    }, ...content)
  }
}

/** The places in another order; in their own where there is nothing to sort by. */
export const sorted = (
  places: ReadonlyArray<number>,
  value: SortValue | undefined,
  descending: boolean
): ReadonlyArray<number> => {
  if (value === undefined) return descending ? places.toReversed() : places
  const keyed = places.map((place) => ({ place, value: value(place) ?? undefined }))
  const direction = descending ? -1 : 1
  keyed.sort((a, b) => {
    if (a.value === undefined || b.value === undefined) {
      return Number(a.value === undefined) - Number(b.value === undefined)
    }
    return a.value < b.value ? -direction : a.value > b.value ? direction : 0
  })
  return keyed.map(({ place }) => place)
}
