/** What changed from the first experiment to another, example by example. */
import { countOf, formatCount, formatDifference, formatScore } from "../../internal/values/numbers.ts"
import type { ComparisonData, ExperimentData, RowData } from "../internal/html/pageData.ts"
import { dataView, type Piece } from "./dataView.ts"
import { pane, piece, resultText } from "./detail.ts"
import { type Child, h, option } from "./dom.ts"
import { type Column, Listing, sorted } from "./listing.ts"
import { changed, go, hashOf, numberIn, type Route } from "./route.ts"
import type { Store } from "./store.ts"

const changeChoices = [
  ["", "all examples"],
  ["worse", "worse"],
  ["better", "better"],
  ["same", "same"],
  ["lost", "lost its result"],
  ["gained", "gained a result"],
  ["newly-failing", "newly failing"],
  ["newly-passing", "no longer failing"]
] as const

/** What an example has under a key: the mean of its scores; without any, its labels. */
interface Measure {
  readonly score: number | undefined
  readonly label: string | undefined
}

export class CompareView {
  readonly element: HTMLElement
  readonly #store: Store
  readonly #listing = new Listing("Changes", "pair")
  readonly #search = h("input", {
    type: "search",
    placeholder: "Search in everything",
    "aria-label": "Search",
    oninput: () => go(changed(this.#route, { q: this.#search.value, page: "" }), "replace")
  })
  readonly #candidate = h("select", {
    "aria-label": "Compared with",
    onchange: () => go(changed(this.#route, { c: this.#candidate.value, page: "", pair: "" }), "replace")
  })
  readonly #key = h("select", {
    "aria-label": "Key",
    onchange: () => go(changed(this.#route, { key: this.#key.value, page: "" }), "replace")
  })
  readonly #change = h("select", {
    "aria-label": "Change",
    onchange: () => go(changed(this.#route, { change: this.#change.value, page: "" }), "replace")
  }, changeChoices.map(([value, text]) => option(value, text, "")))
  readonly #count = h("span", { class: "count", role: "status" })
  /** By candidate; what was once worked out is kept. */
  readonly #both = new Map<number, Both>()
  #route: Route = new Map()
  #detailOf = ""

  constructor(store: Store) {
    this.#store = store
    const { comparisons, experiments } = store.page
    this.#candidate.append(
      ...comparisons.map(({ candidate }) => option(String(candidate), experiments[candidate]?.name ?? "", ""))
    )
    this.#candidate.hidden = comparisons.length < 2
    this.element = h(
      "div",
      { class: "rows-view" },
      h("h2", { class: "visually-hidden" }, "Changes"),
      h("div", { class: "tools", role: "search" }, this.#search, this.#candidate, this.#key, this.#change, this.#count),
      this.#listing.element
    )
  }

  focusSearch(): void {
    this.#search.focus()
  }

  step(by: number): void {
    this.#listing.step(this.#route, by)?.()
  }

  close(): void {
    if (this.#route.get("pair") !== undefined) this.#listing.close(this.#route)
  }

  show(route: Route, pages = true): void {
    this.#route = route
    const { comparisons, experiments } = this.#store.page
    const data = comparisons.find(({ candidate }) => candidate === numberIn(route, "c")) ?? comparisons[0]
    const [baseline] = experiments
    const candidate = experiments[data?.candidate ?? -1]
    if (data === undefined || baseline === undefined || candidate === undefined) return
    const key = data.keys.includes(route.get("key") ?? "") ? route.get("key") ?? "" : data.keys[0] ?? ""
    if (document.activeElement !== this.#search) this.#search.value = route.get("q") ?? ""
    this.#candidate.value = String(data.candidate)
    this.#key.replaceChildren(...data.keys.map((name) => option(name, name, key)))
    this.#key.hidden = data.keys.length < 2
    this.#change.value = route.get("change") ?? ""
    const both = this.#both.get(data.candidate) ?? new Both(baseline, candidate, data)
    this.#both.set(data.candidate, both)
    const order = this.#order(route, both, key)
    this.#count.textContent = `${order.length === data.pairs.length ? "" : `${formatCount(order.length)} of `}${
      countOf(data.pairs.length, "example")
    }`
    this.#listing.show(route, this.#columns(route, both, key), order, pages)
    void this.#showDetail(route, both)
    if ((route.get("q") ?? "") === "") return
    for (const experiment of [0, data.candidate]) {
      if (this.#store.textShare(experiment) > 0) continue
      void this.#store.readTexts(experiment, () => {
        if (this.#route.get("view") === "compare") this.show(this.#route)
      })
    }
  }

  #order(route: Route, both: Both, key: string): ReadonlyArray<number> {
    const change = route.get("change") ?? ""
    const words = (route.get("q") ?? "").toLowerCase().split(/\s+/).filter((word) => word !== "")
    const places = both.data.pairs.flatMap((_, pair) =>
      (change === "" || both.changeOf(pair, key).includes(change)) &&
        words.every((word) => this.#texts(both, pair).some((text) => text.includes(word)))
        ? [pair]
        : []
    )
    const sort = route.get("sort") ?? ""
    const by = sort.replace(/^-/, "")
    if (by === "" || by === "index") {
      return by === ""
        ? sorted(places, (pair) => both.gain(pair, key), false)
        : sorted(places, undefined, sort.startsWith("-"))
    }
    return sorted(
      places,
      by === "example" ? (pair) => both.idOf(pair) : (pair) => both.gain(pair, by.slice("score:".length)),
      sort.startsWith("-")
    )
  }

  /** What a search looks through: the texts of all rows of an example, in both experiments. */
  #texts({ data: { candidate, pairs } }: Both, pair: number): ReadonlyArray<string> {
    const [before = [], after = []] = pairs[pair] ?? []
    return [
      ...before.map((place) => this.#store.text(0, place)),
      ...after.map((place) => this.#store.text(candidate, place))
    ]
  }

  #columns(route: Route, both: Both, key: string): ReadonlyArray<Column> {
    return [
      {
        sort: "example",
        title: "example",
        class: "wide",
        cell: (pair) => {
          const place = both.data.pairs[pair]?.[1][0] ?? 0
          const id = both.candidate.exampleId[place] ?? ""
          const inputs = both.candidate.inputs[place] ?? ""
          const [before, after] = both.outputs(pair)
          return [
            this.#listing.link(
              route,
              pair,
              h("span", { class: "id" }, `${id.length > 28 ? `${id.slice(0, 27)}…` : id} `),
              inputs === id ? "" : inputs
            ),
            h("div", { class: "out" }, before === after ? `same outputs: ${after}` : after)
          ]
        }
      },
      ...both.data.keys.map((name): Column => ({
        sort: `score:${name}`,
        title: name,
        class: name === key ? "" : "extra narrow-off",
        cell: (pair) => deltaView(both, pair, name)
      }))
    ]
  }

  async #showDetail(route: Route, both: Both): Promise<void> {
    const pair = numberIn(route, "pair")
    const places = pair === undefined ? undefined : both.data.pairs[pair]
    const [before, after] = [places?.[0][0], places?.[1][0]]
    if (pair === undefined || before === undefined || after === undefined) {
      this.#detailOf = ""
      this.#listing.setDetail(undefined)
      return
    }
    const shown = `${both.data.candidate} ${pair}`
    this.#detailOf = shown
    const rows = await Promise.all([this.#store.row(0, before), this.#store.row(both.data.candidate, after)])
    const [old, row] = rows
    if (old === undefined || row === undefined || this.#detailOf !== shown) return
    const detail = pane(
      both.candidate.exampleId[after] ?? "",
      [
        h(
          "a",
          { href: hashOf(new Map([["view", "rows"], ["e", "0"], ["row", String(before)]])) },
          `row in ${both.baseline.name}`
        ),
        h("a", {
          href: hashOf(new Map([["view", "rows"], ["e", String(both.data.candidate)], ["row", String(after)]]))
        }, `row in ${both.candidate.name}`),
        (places?.[1].length ?? 0) > 1 ? "the first repetition is shown, the scores are means" : undefined
      ],
      {
        previous: this.#listing.step(route, -1) === undefined ? undefined : () => this.step(-1),
        next: this.#listing.step(route, 1) === undefined ? undefined : () => this.step(1),
        close: () => this.close()
      },
      [
        dataView("Inputs", [piece(row, "inputs", "Inputs")]),
        outputsView(both, old, row),
        row.reference === undefined ? undefined : dataView("Reference", [piece(row, "reference", "Reference")]),
        resultsView(both, pair, old, row)
      ]
    )
    this.#listing.setDetail(detail)
    detail.focus({ preventScroll: true })
  }
}

const outputsView = (both: Both, old: RowData, row: RowData): Child => {
  const of = (data: RowData, { name }: ExperimentData): Piece =>
    data.outputs === undefined ? { title: name, value: data.error ?? "no outputs" } : piece(data, "outputs", name)
  const [from, to] = [of(old, both.baseline), of(row, both.candidate)]
  return dataView("Outputs", [from, to], { from, to, name: "difference" })
}

const resultsView = (both: Both, pair: number, old: RowData, row: RowData): Child => [
  h("h3", {}, "Results"),
  h(
    "table",
    { class: "results" },
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        ["key", both.baseline.name, both.candidate.name, "change"].map((title) =>
          h("th", { scope: "col", class: "quiet" }, title)
        )
      )
    ),
    h(
      "tbody",
      {},
      both.data.keys.map((key) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, key),
          h("td", {}, resultOf(both.baseline, old, key)),
          h("td", {}, resultOf(both.candidate, row, key)),
          h("td", {}, deltaView(both, pair, key))
        )
      )
    )
  )
]

/** The result as it is in one row, with why. */
const resultOf = (experiment: ExperimentData, row: RowData, key: string): Child => {
  const evaluator = experiment.keys.find(({ name }) => name === key)?.evaluator
  const evaluation = row.evaluations.find((evaluation) => evaluation.evaluator === evaluator)
  const result = evaluation?.results.find((result) =>
    result.key === key || `${evaluation.evaluator}.${result.key}` === key
  )
  if (result === undefined) {
    return h("span", { class: evaluation?.outcome === "Skipped" ? "quiet" : "bad-text" }, evaluation?.reason ?? "–")
  }
  return [
    h("span", { class: "value" }, resultText(result)),
    result.comment === undefined ? undefined : h("p", { class: "quiet" }, result.comment)
  ]
}

/** Such as `0.4 → 0.9 +0.5`. */
const deltaView = (both: Both, pair: number, key: string): Child => {
  const [before, after] = both.measures(pair, key)
  const delta = both.delta(pair, key)
  const gain = both.gain(pair, key)
  const text = ({ label, score }: Measure): string => score !== undefined ? formatScore(score) : label ?? "–"
  if (delta === undefined) {
    const [from, to] = [text(before), text(after)]
    return from === to ? h("span", { class: "quiet" }, to) : `${from} → ${to}`
  }
  if (delta === 0) return h("span", { class: "quiet" }, text(after))
  return [
    h("span", { class: "quiet" }, `${text(before)} → `),
    `${text(after)} `,
    h("span", { class: `delta ${(gain ?? 0) > 0 ? "tone-good" : "tone-bad"}` }, signed(delta))
  ]
}

/** Whole differences, such as that from `false` to `true`, need no decimals. */
const signed = (delta: number): string =>
  Number.isInteger(delta) ? `${delta < 0 ? "−" : "+"}${formatScore(Math.abs(delta))}` : formatDifference(delta)

const nothing: Measure = { score: undefined, label: undefined }

/** Two experiments and which rows of theirs belong together. */
class Both {
  readonly baseline: ExperimentData
  readonly candidate: ExperimentData
  readonly data: ComparisonData
  readonly #measures = new Map<string, ReadonlyArray<readonly [Measure, Measure]>>()
  constructor(baseline: ExperimentData, candidate: ExperimentData, data: ComparisonData) {
    this.baseline = baseline
    this.candidate = candidate
    this.data = data
  }

  measures(pair: number, key: string): readonly [Measure, Measure] {
    let known = this.#measures.get(key)
    if (known === undefined) {
      known = this.data.pairs.map(([before, after]) => [
        this.#measure(this.baseline, before, key),
        this.#measure(this.candidate, after, key)
      ])
      this.#measures.set(key, known)
    }
    return known[pair] ?? [nothing, nothing]
  }

  #measure(experiment: ExperimentData, places: ReadonlyArray<number>, name: string): Measure {
    const key = experiment.keys.find((key) => key.name === name)
    if (key === undefined) return nothing
    const scores = places.flatMap((place) => {
      const score = key.score[place]
      if (score !== null && score !== undefined) return [score]
      const outcome = key.outcome[place]
      const isFailure = outcome === "Failed" || outcome === "TimedOut" ||
        (outcome === "Skipped" && experiment.outcome[place] !== "Succeeded")
      return isFailure && this.data.countAs !== null ? [this.data.countAs] : []
    })
    const labels = [...new Set(places.flatMap((place) => key.label[place] ?? []))]
    return {
      score: scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length,
      label: labels.length === 0 ? undefined : labels.join(", ")
    }
  }

  delta(pair: number, key: string): number | undefined {
    const [before, after] = this.measures(pair, key)
    return before.score === undefined || after.score === undefined ? undefined : after.score - before.score
  }

  /** The difference, such that more is better. */
  gain(pair: number, key: string): number | undefined {
    const delta = this.delta(pair, key)
    return delta === undefined ? undefined : this.data.lowerIsBetter.includes(key) ? -delta : delta
  }

  changeOf(pair: number, key: string): ReadonlyArray<string> {
    const [before, after] = this.measures(pair, key)
    const gain = this.gain(pair, key)
    const [failedBefore, failedAfter] = this.failing(pair)
    const has = ({ label, score }: Measure) => score !== undefined || label !== undefined
    return [
      ...(gain === undefined ? [] : [gain > 0 ? "better" : gain < 0 ? "worse" : "same"]),
      ...(gain === undefined && has(before) && has(after) && before.label === after.label ? ["same"] : []),
      ...(has(before) && !has(after) ? ["lost"] : []),
      ...(!has(before) && has(after) ? ["gained"] : []),
      ...(!failedBefore && failedAfter ? ["newly-failing"] : []),
      ...(failedBefore && !failedAfter ? ["newly-passing"] : [])
    ]
  }

  failing(pair: number): readonly [boolean, boolean] {
    const [before = [], after = []] = this.data.pairs[pair] ?? []
    return [
      before.some((place) => this.baseline.failed[place] === 1),
      after.some((place) => this.candidate.failed[place] === 1)
    ]
  }

  outputs(pair: number): readonly [string, string] {
    const [before = [], after = []] = this.data.pairs[pair] ?? []
    return [this.baseline.outputs[before[0] ?? -1] ?? "", this.candidate.outputs[after[0] ?? -1] ?? ""]
  }

  idOf(pair: number): string {
    return this.candidate.exampleId[this.data.pairs[pair]?.[1][0] ?? -1] ?? ""
  }
}
