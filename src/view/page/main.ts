/** The program of the page of all experiments: it counts what is chosen, and follows what runs. */
import { formatCount, formatMean } from "../../internal/values/numbers.ts"
import { byId } from "../../reports/page/dom.ts"
import type { Listed } from "../Api.ts"

const interval = 2000

const start = (): void => {
  const main = byId("main")
  const token = main.dataset["token"] ?? ""
  const running = new Set(
    byId("running").textContent.split(" ").filter((id) => id !== "").map((id) => decodeURIComponent(id))
  )

  const chosen = (): void => {
    const count = main.querySelectorAll("input[name=id]:checked").length
    const bar = main.querySelector<HTMLElement>(".compare-bar")
    const status = bar?.querySelector("[role=status]")
    const button = bar?.querySelector("button")
    if (bar === null || status === null || status === undefined || button === null || button === undefined) return
    bar.hidden = count === 0
    button.disabled = count < 2
    status.textContent = count === 1 ? "1 chosen; choose another one to compare" : `${count} chosen`
  }
  main.addEventListener("change", chosen)
  // Going back, a browser may know what was chosen.
  chosen()

  const update = ({ done, failedRows, id, scores, total }: Listed): void => {
    const row = main.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"]`)
    const rows = row?.querySelector(".rows")
    if (row === null || rows === null || rows === undefined) return
    const progress = rows.querySelector("progress")
    if (progress !== null) progress.value = done
    const text = rows.querySelector("span")
    if (text !== null) {
      text.textContent = total === undefined ? formatCount(done) : `${formatCount(done)} of ${formatCount(total)}`
    }
    const failures = row.querySelector(".failures")
    if (failures !== null) failures.textContent = formatCount(failedRows)
    for (const { key, mean } of scores) {
      const cell = row.querySelector(`td[data-key="${CSS.escape(key)}"]`)
      if (cell !== null) cell.textContent = formatMean(mean)
    }
  }

  /** What is new, or has ended, has charts and differences that the server draws. */
  const reload = async (): Promise<void> => {
    const response = await fetch(location.href)
    if (!response.ok) return
    const page = new DOMParser().parseFromString(await response.text(), "text/html")
    const fresh = page.querySelector("#main form")
    const ids = Array.from(main.querySelectorAll<HTMLInputElement>("input[name=id]:checked"), ({ value }) => value)
    if (fresh === null) return
    main.replaceChildren(document.adoptNode(fresh))
    for (const id of ids) {
      const box = main.querySelector<HTMLInputElement>(`input[value="${CSS.escape(id)}"]`)
      if (box !== null) box.checked = true
    }
    chosen()
  }

  const look = async (): Promise<void> => {
    if (document.hidden) return
    const response = await fetch("/api/experiments?status=running&limit=50", {
      headers: { authorization: `Bearer ${token}` }
    })
    if (!response.ok) return
    const now = await response.json() as ReadonlyArray<Listed>
    const isSame = now.length === running.size && now.every(({ id }) => running.has(id))
    if (!isSame) {
      running.clear()
      for (const { id } of now) running.add(id)
      await reload()
    }
    now.forEach(update)
  }

  const again = (): void => {
    // A server that is gone may come back; the page stays as it was.
    look().catch(() => undefined).finally(() => setTimeout(again, interval))
  }
  setTimeout(again, interval)

  byId("theme").addEventListener("click", () => {
    const root = document.documentElement
    const isDark = root.dataset["theme"] === "dark" ||
      (root.dataset["theme"] === undefined && matchMedia("(prefers-color-scheme: dark)").matches)
    root.dataset["theme"] = isDark ? "light" : "dark"
  })
}

start()
