import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { bundle, outputs } from "../../.ci/page.mjs"
import { type Experiment, TracingClient } from "../../src/index.ts"
import { Html } from "../../src/reports/index.ts"
import { launch, type Opened, openFile, type PageOptions, serious } from "./browser.ts"
import { hostile, hostileTexts } from "./hostile.ts"
import { duel, names } from "./pairwise.ts"
import { tickets } from "./tickets.ts"

class Chromium extends Context.Service<Chromium, Browser>()("test/Chromium") {}

/** The first two of the day, as one page each and as one together. */
const pages = Effect.gen(function*() {
  const before = yield* tickets({ name: "before", quality: 0.6 })
  const after = yield* tickets({ name: "after", quality: 0.85 })
  return { after, before, one: yield* Html.report(after), two: yield* Html.report([before, after]) }
})

const run = <A>(action: () => Promise<A>) => Effect.promise(action)

const open = Effect.fnUntraced(function*(html: string, hash = "", options: PageOptions = {}) {
  return yield* openFile(yield* Chromium, html, hash, options)
})

/** Whatever went wrong in the page, and whatever it asked for. */
const quiet = ({ complaints, page, requests }: Opened) => {
  assert.deepStrictEqual(complaints, [])
  assert.deepStrictEqual(requests, [])
  return run(() => page.context().close())
}

const text = (page: Page, selector: string) => run(() => page.locator(selector).first().innerText())

const goTo = (page: Page, hash: string) => run(() => page.goto(`${page.url().split("#")[0]}${hash}`))

describe("the program of the page", () => {
  it.effect("is what its modules are", () =>
    run(async () => {
      for (const { entry, file } of outputs) {
        const written = readFileSync(join(import.meta.dirname, "../..", file), "utf8")
        assert.isTrue(written === await bundle(entry), `${file} is not up to date: run npm run page`)
      }
    }))
})

describe("the page as a text", () => {
  it.effect("has no address in it that is fetched, and lets nothing run but its own program", () =>
    Effect.gen(function*() {
      const { one } = yield* pages
      const policy = /Content-Security-Policy" content="([^"]*)"/.exec(one)?.[1] ?? ""
      assert.match(
        policy,
        /^default-src &#39;none&#39;; script-src &#39;sha256-[\w+/=]+&#39;; style-src &#39;sha256-[\w+/=]+&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;$/
      )
      assert.notMatch(one, /\s(?:src|srcset|action|data|poster|background)="|<link|<iframe|<img|@import|url\(/)
      assert.notMatch(one, /\sstyle="|\son\w+="/)
      assert.isTrue(Array.from(one.matchAll(/href="([^"]*)"/g)).every(([, address]) => address?.startsWith("#")))
    }))

  it.effect("keeps hostile texts as texts", () =>
    Effect.gen(function*() {
      const page = yield* Html.report(yield* hostile)
      // The one of the program, the data, and no other.
      const scripts = Array.from(page.matchAll(/<script[^>]*>/g), ([tag]) => tag)
      assert.deepStrictEqual(scripts.toSorted(), [
        "<script type=\"text/plain\" id=\"data\">",
        "<script type=\"text/plain\" id=\"rows-0-0\">",
        "<script>"
      ])
      assert.notMatch(page, /[\u202E\u2066]|[^\P{Cc}\n\t\r]/u)
      assert.isBelow(page.length, 400_000)
    }))

  it.effect("has the numbers of an experiment whose rows were not kept", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "kept none", quality: 0.7 })
      const page = yield* Html.report({ ...experiment, rows: [] })
      assert.include(page, "kept none")
      assert.include(page, "helpfulness")
      const failure = yield* Effect.flip(Html.report([{ ...experiment, rows: [] }, experiment]))
      assert.strictEqual(failure._tag, "ComparisonError")
    }))

  it.effect("is there without rows, and without keys", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "nothing", quality: 1, rows: 0 })
      const page = yield* Html.report([experiment, { ...experiment, name: "again" }])
      assert.include(page, "nothing")
      assert.include(yield* Html.report({ ...experiment, summaries: {}, groups: [] }), "nothing")
    }))

  it.effect("cuts what is too long, and says so", () =>
    Effect.gen(function*() {
      const experiment = yield* tickets({ name: "long", quality: 1, rows: 1, flawless: true })
      const [row] = experiment.rows
      if (row === undefined) return assert.fail("there is no row")
      // So many different characters that compression does not hide how long it is.
      const long = Array.from({ length: 200_000 }, (_, i) => String.fromCodePoint(97 + (i * i * 7919) % 26)).join("")
      const page = (dataLength: number) =>
        Html.report({ ...experiment, rows: [{ ...row, run: { ...row.run, outputs: long } }] }, { dataLength })
      const [whole, cut] = [yield* page(1e6), yield* page(1000)]
      assert.isAbove(whole.length, cut.length)
      assert.isBelow(cut.length, 80_000)
    }))
})

layer(Layer.effect(Chromium, launch))("the page in a browser", (it) => {
  it.effect("shows the numbers, and leads from a column to its rows", () =>
    Effect.gen(function*() {
      const { after, one } = yield* pages
      const opened = yield* open(one)
      const { page } = opened
      assert.strictEqual(yield* text(page, ".masthead h2"), "after")
      const mean = after.summaries["correct"]?.score?.mean.toFixed(3)
      assert.strictEqual(yield* text(page, ".score .mean"), mean)
      const failed = after.rows.filter(({ evaluations, run }) =>
        run.error !== undefined || evaluations.some(({ outcome }) => outcome._tag === "Failed")
      )
      yield* run(() => page.getByText("All rows with failures").click())
      assert.strictEqual(yield* text(page, ".count"), `${failed.length} of 60 rows`)
      assert.strictEqual(yield* run(() => page.locator(".list tbody tr").count()), failed.length)
      yield* run(() => page.goBack())
      yield* run(() => page.locator("a[aria-label$=' do not']").first().click())
      assert.strictEqual(
        yield* text(page, ".count"),
        `${after.summaries["correct"]?.values.find(({ value }) => value === "false")?.count} of 60 rows`
      )
      yield* run(() => page.goBack())
      // Each column of the histogram leads to as many rows as it says.
      const column = page.locator("svg[aria-label^='Rows by helpfulness'] a").last()
      const count = (yield* run(() => column.getAttribute("aria-label")))?.split(": ").at(-1)
      yield* run(() => column.click())
      assert.strictEqual(yield* text(page, ".count"), `${count} of 60 rows`)
      yield* quiet(opened)
    }))

  it.effect("finds what is said in any part of a row, filters by result, and sorts", () =>
    Effect.gen(function*() {
      const { after, one } = yield* pages
      const opened = yield* open(one, "#view=rows")
      const { page } = opened
      yield* run(() => page.getByLabel("Search").fill("leaves OUT customer"))
      const leaving = after.rows.filter(({ evaluations }) =>
        JSON.stringify(evaluations[1]?.outcome).includes("Leaves out")
      ).length
      yield* run(() => page.getByText(`${leaving} of 60 rows`, { exact: true }).waitFor())
      yield* run(() => page.getByLabel("Search").fill("no such words"))
      yield* run(() => page.getByText("No row is like this.").waitFor())
      yield* run(() => page.getByLabel("Search").fill(""))
      yield* run(() => page.getByLabel("Key", { exact: true }).selectOption("tone"))
      yield* run(() => page.getByLabel("Result of the key").selectOption({ label: "curt" }))
      const curt = after.summaries["tone"]?.values.find(({ value }) => value === "curt")?.count
      assert.strictEqual(yield* text(page, ".count"), `${curt} of 60 rows`)
      yield* run(() => page.getByLabel("Key", { exact: true }).selectOption(""))
      yield* run(() => page.getByRole("button", { name: "helpfulness" }).click())
      const lowest = after.summaries["helpfulness"]?.score?.min
      const column = page.locator(".list tbody tr td:nth-child(4)")
      assert.strictEqual(Number(yield* run(() => column.first().innerText())), lowest)
      yield* run(() => page.getByRole("button", { name: "helpfulness" }).click())
      assert.strictEqual(
        Number(yield* run(() => column.first().innerText())),
        after.summaries["helpfulness"]?.score?.max
      )
      assert.strictEqual(yield* run(() => page.locator("th[aria-sort=descending]").count()), 1)
      // Rows without a score are last, in whatever order.
      yield* run(() => page.getByRole("button", { name: "Next", exact: true }).click())
      assert.match(yield* run(() => column.last().innerText()), /–|failed/)
      yield* quiet(opened)
    }))

  it.effect("shows everything of a row, by its address and by keys alone", () =>
    Effect.gen(function*() {
      const { after, one } = yield* pages
      const opened = yield* open(one, "#view=rows&row=17")
      const { page } = opened
      yield* run(() => page.locator(".detail").waitFor())
      const detail = yield* text(page, ".detail")
      for (
        const word of [
          "ticket-018",
          "How do I",
          "Reference",
          "helpfulness",
          "chat small-model",
          "search help centre",
          "tok",
          "topic"
        ]
      ) {
        assert.include(detail, word)
      }
      yield* run(() => page.getByRole("button", { name: "difference" }).click())
      assert.isAbove(yield* run(() => page.locator(".detail ins, .detail del").count()), 0)
      yield* run(() => page.locator(".falls summary").last().click())
      assert.include(yield* text(page, ".falls [open]"), "gen_ai.usage.input_tokens")
      yield* run(() => page.keyboard.press("j"))
      yield* run(() => page.getByRole("heading", { name: "ticket-019" }).waitFor())
      yield* run(() => page.keyboard.press("k"))
      yield* run(() => page.keyboard.press("k"))
      yield* run(() => page.getByRole("heading", { name: "ticket-017" }).waitFor())
      yield* run(() => page.keyboard.press("Escape"))
      assert.strictEqual(yield* run(() => page.locator(".detail").count()), 0)
      yield* run(() => page.keyboard.press("/"))
      yield* run(() => page.keyboard.type("ticket-024"))
      yield* run(() => page.keyboard.press("Tab"))
      yield* run(() => page.getByText("1 of 60 rows").waitFor())
      yield* run(() => page.locator(".list tbody a").focus())
      yield* run(() => page.keyboard.press("Enter"))
      yield* run(() => page.locator(".detail").waitFor())
      assert.include(yield* text(page, ".detail"), "took longer than 20s")
      const retried = after.rows.findIndex(({ run }) => run.attempts.length > 1)
      assert.isAtLeast(retried, 0)
      yield* goTo(page, `#view=rows&row=${retried}`)
      yield* run(() => page.getByText("2 attempts").first().waitFor())
      assert.include(yield* text(page, ".detail"), "too many requests")
      yield* run(() => page.keyboard.press("?"))
      yield* run(() => page.getByRole("dialog").waitFor())
      yield* quiet(opened)
    }))

  it.effect("compares experiments row by row", () =>
    Effect.gen(function*() {
      const { two } = yield* pages
      const opened = yield* open(two)
      const { page } = opened
      assert.match(yield* text(page, ".masthead h2"), /before\s*→\s*after/)
      const worse = page.locator("a[aria-label$=' worse']").first()
      const count = (yield* run(() => worse.getAttribute("aria-label")))?.split(" ")[0]
      yield* run(() => worse.click())
      assert.strictEqual(yield* text(page, ".count"), `${count} of 60 examples`)
      assert.strictEqual(yield* run(() => page.locator(".list tbody td:nth-child(2) .delta").count()), Number(count))
      assert.match(yield* text(page, ".list tbody td:nth-child(2)"), /1 → 0 −1/)
      yield* run(() => page.locator(".list tbody a").first().click())
      yield* run(() => page.locator(".detail").waitFor())
      yield* run(() => page.getByRole("button", { name: "difference" }).click())
      assert.isAbove(yield* run(() => page.locator(".detail ins, .detail del").count()), 0)
      yield* run(() => page.getByRole("link", { name: "row in before" }).click())
      yield* run(() => page.getByRole("heading", { name: "Results" }).waitFor())
      assert.strictEqual(yield* run(() => page.getByLabel("Experiment").inputValue()), "0")
      yield* run(() => page.getByLabel("Experiment").selectOption({ label: "after" }))
      yield* run(() => page.getByRole("link", { name: "Overview" }).click())
      assert.strictEqual(yield* run(() => page.locator(".masthead h2:visible").innerText()), "after")
      yield* quiet(opened)
    }))

  it.effect("ranks several experiments, and searches what changed in both", () =>
    Effect.gen(function*() {
      const { after, before } = yield* pages
      const third = yield* tickets({ name: "the third one", quality: 0.3 })
      const opened = yield* open(yield* Html.report([before, after, third]))
      const { page } = opened
      assert.deepStrictEqual(
        (yield* run(() => page.locator(".ranking tbody tr td:first-of-type").allInnerTexts())).slice(0, 3),
        ["1. after", "2. before", "3. the third one"]
      )
      yield* goTo(page, "#view=compare&c=2")
      yield* run(() => page.getByText("60 examples", { exact: true }).waitFor())
      // It stands in the comments of rows that the third experiment has, and the first one has not.
      yield* run(() => page.getByLabel("Search").fill("leaves out what"))
      const leaving = (experiment: Experiment.Experiment, index: number) =>
        JSON.stringify(experiment.rows[index]?.evaluations[1]?.outcome).includes("Leaves out")
      const count = after.rows.filter((_, index) => leaving(before, index) || leaving(third, index)).length
      yield* run(() => page.getByText(`${count} of 60 examples`, { exact: true }).waitFor())
      yield* quiet(opened)
    }))

  it.effect("lets nothing of what it shows do anything", () =>
    Effect.gen(function*() {
      const opened = yield* open(yield* Html.report(yield* hostile))
      const { page } = opened
      for (const hash of ["", "#view=rows", ...hostileTexts.map((_, place) => `#view=rows&row=${place}`)]) {
        yield* goTo(page, hash)
        if (hash.includes("row=")) yield* run(() => page.locator(".detail").waitFor())
        yield* run(() =>
          page.evaluate(
            "document.querySelectorAll('.detail .tabs button, .detail summary').forEach((it) => it.click())"
          )
        )
      }
      yield* goTo(page, "#view=rows&row=15")
      yield* run(() => page.getByText("Cut: of").first().waitFor())
      assert.isFalse(yield* run(() => page.evaluate(() => "pwned" in globalThis)))
      assert.strictEqual(yield* run(() => page.locator("img, iframe, b").count()), 0)
      yield* quiet(opened)
    }))

  it.effect("shows experiments that were judged against one another", () =>
    Effect.gen(function*() {
      const judged = yield* duel(3)
      const html = yield* Html.pairwise(judged)
      // From what a store has, it is the same page.
      assert.strictEqual(yield* Html.report(judged.recorded), html)
      const opened = yield* open(html)
      const { page } = opened
      assert.include(yield* text(page, ".differences"), `${names[1]} against ${names[0]}`)
      const { losses, winRate, wins } = judged.keys["longer"]!.pairs[0]!
      assert.strictEqual(yield* text(page, ".differences .mean"), winRate!.toFixed(3))
      assert.include(yield* text(page, ".differences"), `${wins} won, ${losses} lost`)
      assert.include(yield* text(page, "main"), "1. <b>kind</b> | *x*")
      assert.include(yield* text(page, "main"), "the run presented earlier won 100 % of the decided")
      assert.isFalse(yield* run(() => page.evaluate(() => "pwned" in globalThis)))
      assert.deepStrictEqual(yield* serious(page), [])
      yield* goTo(page, "#view=rows&row=3")
      yield* run(() => page.locator(".detail").getByText("counted the <i>letters</i>").first().waitFor())
      yield* quiet(opened)

      // Of two, the bar leads to the rows that one has won.
      const two = yield* duel(2)
      const second = yield* open(yield* Html.pairwise(two, { title: "Two" }))
      yield* run(() => second.page.locator(`.differences a[aria-label^="1 won by ${names[0]}"]`).first().click())
      yield* run(() => second.page.locator(".list tbody tr").first().waitFor())
      assert.strictEqual(yield* run(() => second.page.locator(".list tbody tr").count()), 1)
      assert.include(yield* text(second.page, ".list tbody tr"), "q3")
      yield* quiet(second)
    }).pipe(Effect.provide(TracingClient.layerNone)))

  it.effect(
    "can be read by everybody, in the light and in the dark, wide and narrow, and on paper",
    () =>
      Effect.gen(function*() {
        const { one, two } = yield* pages
        for (
          const [html, hash, width, dark] of [
            [one, "", 1280, false],
            [one, "#view=rows&row=17", 1280, true],
            [two, "", 390, true],
            [two, "#view=compare&pair=3", 1280, false],
            [one, "#view=rows&row=11", 390, false]
          ] as const
        ) {
          const opened = yield* open(html, hash, { dark, width })
          if (hash !== "") yield* run(() => opened.page.locator(".detail").waitFor())
          assert.deepStrictEqual(yield* serious(opened.page), [])
          // Nothing but tables may be wider than the window, and those move on their own.
          assert.isAtMost(
            yield* run(() => opened.page.evaluate<number>("document.documentElement.scrollWidth")),
            width
          )
          yield* quiet(opened)
        }
        const opened = yield* open(one, "#view=rows", { width: 800 })
        yield* run(() => opened.page.emulateMedia({ media: "print" }))
        yield* run(() => opened.page.locator(".list tbody tr").first().waitFor())
        assert.isFalse(yield* run(() => opened.page.locator(".tools").isVisible()))
        yield* quiet(opened)
      }),
    60_000
  )
})
