/** What people say of a row: shown, and written back where the page is served by somebody who takes it. */
import type { ExperimentData, PageData } from "../internal/html/pageData.ts"
import { type Child, h, option } from "./dom.ts"
import { readable, unwrapped } from "./readable.ts"

/** What the server keeps. */
interface Given {
  readonly key: string
  readonly score?: number | boolean | undefined
  readonly value?: unknown
  readonly comment?: string | undefined
  readonly reason?: string | undefined
  readonly correction?: { readonly [part: string]: unknown } | null | undefined
  readonly author: string
  readonly time: number
}

export const feedbackView = (
  feedback: PageData["feedback"],
  data: ExperimentData,
  place: number
): ReadonlyArray<Child> => {
  if (feedback === undefined) return []
  const url = `${feedback.url}/${encodeURIComponent(data.id)}/rows/${data.index[place] ?? 0}/feedback`
  const headers = { authorization: `Bearer ${feedback.token}` }
  const list = h("ul", { class: "given" })
  const status = h("p", { class: "quiet", role: "status" })
  const key = h(
    "select",
    { required: true },
    data.keys.map(({ name }) => option(name, name, "")),
    option("note", "a note", "")
  )
  const score = h("input", { inputmode: "decimal", placeholder: "true, false, 0.8", autocomplete: "off" })
  const label = h("input", { autocomplete: "off" })
  const right = h("textarea", { rows: 2 })
  const reason = h("textarea", { rows: 2 })
  const author = h("input", { required: true, autocomplete: "name", value: known() })
  const read = async (): Promise<void> => {
    const response = await fetch(url, { headers })
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    const given = await response.json() as ReadonlyArray<Given>
    list.replaceChildren(...given.map(givenView))
  }
  const report = (error: unknown): void => {
    status.textContent = `This could not be done: ${error instanceof Error ? error.message : String(error)}.`
  }
  const send = async (): Promise<void> => {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({
        key: key.value,
        ...scoreOf(score.value),
        ...(label.value === "" ? {} : { value: label.value }),
        ...(right.value === "" ? {} : { correction: { outputs: right.value } }),
        ...(reason.value === "" ? {} : { reason: reason.value }),
        author: author.value
      })
    })
    if (!response.ok) {
      throw new Error(`the server answered ${response.status}: ${(await response.text()).slice(0, 200)}`)
    }
    status.textContent = "Written."
    score.value =
      label.value =
      right.value =
      reason.value =
        ""
    remember(author.value)
    await read()
  }
  void read().catch(report)
  return [
    h("h3", {}, "Feedback"),
    list,
    h(
      "form",
      {
        class: "feedback",
        onsubmit: (event) => {
          event.preventDefault()
          void send().catch(report)
        }
      },
      h("label", {}, "Key", key),
      h("label", {}, "Score", score),
      h("label", {}, "Label", label),
      h("label", {}, "Your name", author),
      h("label", { class: "long" }, "What it should have been", right),
      h("label", { class: "long" }, "Comment", reason),
      h("button", { type: "submit" }, "Write")
    ),
    status
  ]
}

const place = "effect-evals author"

/** Whoever said something before need not write the name again. A browser may keep nothing. */
const known = (): string => {
  try {
    return localStorage.getItem(place) ?? ""
  } catch {
    return ""
  }
}

const remember = (name: string): void => {
  try {
    localStorage.setItem(place, name)
  } catch {
    // Then it is written again.
  }
}

const scoreOf = (text: string): { readonly score?: number | boolean } => {
  const trimmed = text.trim()
  if (trimmed === "") return {}
  if (trimmed === "true" || trimmed === "false") return { score: trimmed === "true" }
  const number = Number(trimmed)
  if (!Number.isFinite(number)) throw new Error(`the score ${trimmed} is neither a number nor true or false`)
  return { score: number }
}

const givenView = ({ author, comment, correction, key, reason, score, time, value }: Given): HTMLElement =>
  h(
    "li",
    {},
    h(
      "span",
      { class: "value" },
      `${key} ${[score, value].filter((part) => part !== undefined).map(String).join(" · ")} `
    ),
    h("span", { class: "quiet" }, `${author}, ${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`),
    correction === undefined || correction === null ? undefined : h("pre", {}, readable(unwrapped(correction))),
    [comment, reason].map((text) => text === undefined ? undefined : h("p", {}, text))
  )
