/** The program of a report's page: the views by the address, and the keys. */
import { CompareView } from "./compare.ts"
import { byId, h } from "./dom.ts"
import { changed, currentRoute, go, hashOf, numberIn, type Route } from "./route.ts"
import { RowsView } from "./rows.ts"
import { Store } from "./store.ts"

const keys: ReadonlyArray<readonly [keys: string, what: string]> = [
  ["/", "search"],
  ["j or ↓", "next row"],
  ["k or ↑", "previous row"],
  ["Esc", "close the row"],
  ["g o", "overview"],
  ["g r", "rows"],
  ["g c", "changes, where experiments are compared"],
  ["?", "these keys"]
]

const start = async (): Promise<void> => {
  const views = Array.from(document.querySelectorAll<HTMLElement>("[data-view]"))
  const links = Array.from(document.querySelectorAll<HTMLElement>("[data-to]"))
  const compares = links.some((link) => link.dataset["to"] === "compare")
  const home = compares ? "compare-overview" : "overview"
  const select = document.querySelector<HTMLSelectElement>("#experiment")
  const rowsBox = views.find((view) => view.dataset["view"] === "rows")
  let opened: { readonly rows: RowsView; readonly compare: CompareView } | undefined

  const viewOf = (route: Route): string => {
    const view = route.get("view") ?? home
    return ["overview", "rows", ...(compares ? ["compare", "compare-overview"] : [])].includes(view) ? view : home
  }

  // The overview is there as it is; the data are unpacked when the rows are looked at.
  const open = async () => {
    if (opened === undefined) {
      const store = await Store.open()
      opened = { rows: new RowsView(store), compare: new CompareView(store) }
    }
    return opened
  }

  const show = async (pages = true): Promise<void> => {
    const route = currentRoute()
    const view = viewOf(route)
    const e = numberIn(route, "e") ?? 0
    const isList = view === "rows" || view === "compare"
    for (const element of views) {
      const { e: place, view: name } = element.dataset
      element.hidden = isList ? name !== "rows" : name !== view || (place !== undefined && Number(place) !== e)
    }
    for (const link of links) {
      if (link.dataset["to"] === view) link.setAttribute("aria-current", "page")
      else link.removeAttribute("aria-current")
      // The experiment that is looked at stays.
      if (link.dataset["to"] === "overview" || link.dataset["to"] === "rows") {
        link.setAttribute("href", hashOf(new Map([["view", link.dataset["to"]], ["e", e === 0 ? "" : String(e)]])))
      }
    }
    if (select !== null) {
      select.hidden = view === "compare" || view === "compare-overview"
      select.value = String(e)
    }
    if (!isList) return
    const { compare, rows } = await open()
    if (viewOf(currentRoute()) !== view) return
    const shown = view === "rows" ? rows : compare
    if (rowsBox !== undefined && rowsBox.firstElementChild !== shown.element) rowsBox.replaceChildren(shown.element)
    shown.show(currentRoute(), pages)
  }

  const current = (): RowsView | CompareView | undefined => {
    const view = viewOf(currentRoute())
    return view === "rows" ? opened?.rows : view === "compare" ? opened?.compare : undefined
  }

  let lastPath = ""
  const changedRoute = (): void => {
    const view = viewOf(currentRoute())
    if (lastPath !== view) scrollTo({ top: 0 })
    lastPath = view
    void show()
  }
  addEventListener("hashchange", changedRoute)
  addEventListener("popstate", changedRoute)
  addEventListener("routechange", changedRoute)
  // Paper has no pages to turn.
  addEventListener("beforeprint", () => void show(false))
  addEventListener("afterprint", () => void show())
  select?.addEventListener("change", () => go(changed(currentRoute(), { e: select.value, row: "", page: "" })))

  const help = h(
    "dialog",
    { class: "help", "aria-label": "Keys" },
    h("h3", {}, "Keys"),
    h("dl", {}, keys.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
    h("form", { method: "dialog" }, h("button", {}, "Close"))
  )
  document.body.append(help)
  byId("keys").addEventListener("click", () => help.showModal())
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement
    const isDark = root.dataset["theme"] === "dark" ||
      (root.dataset["theme"] === undefined && matchMedia("(prefers-color-scheme: dark)").matches)
    root.dataset["theme"] = isDark ? "light" : "dark"
  })

  let afterG = false
  const targets: { readonly [key: string]: string } = { o: "overview", r: "rows", c: compares ? "compare" : "overview" }
  addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof Element && event.target.closest("input,textarea,select,dialog") !== null
    if (event.key === "Escape") {
      if (isTyping && event.target instanceof HTMLElement && event.target.closest("dialog") === null) {
        event.target.blur()
      } else if (!isTyping) current()?.close()
      return
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    const view = afterG ? targets[event.key] : undefined
    afterG = event.key === "g"
    if (view !== undefined) go(new Map([["view", view], ["e", currentRoute().get("e") ?? ""]]))
    else if (event.key === "?") help.showModal()
    else if (event.key === "/" && current() !== undefined) current()?.focusSearch()
    else if (event.key === "j" || (event.key === "ArrowDown" && isRowOpen())) current()?.step(1)
    else if (event.key === "k" || (event.key === "ArrowUp" && isRowOpen())) current()?.step(-1)
    else return
    event.preventDefault()
  })

  await show()
}

/** Arrows scroll, unless a row is looked at and its text is not what has the focus. */
const isRowOpen = (): boolean => {
  const route = currentRoute()
  const isOpen = (route.get("row") ?? route.get("pair") ?? "") !== ""
  return isOpen && document.activeElement?.closest("pre") === null
}

void start()
