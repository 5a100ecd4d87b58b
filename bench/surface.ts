/** What people touch: how long a report takes to be written, opened and searched. */
import chromium from "@sparticuz/chromium"
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { dirname } from "node:path"
import { pathToFileURL } from "node:url"
import { chromium as playwright } from "playwright-core"
import { atMost, type Benchmark, workload } from "./bench.ts"

const rows = 10_000

const median = (values: ReadonlyArray<number>): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

interface Written {
  readonly seconds: number
  readonly megabytes: number
  readonly path: string
}

const report: Benchmark = {
  name: "surface.html",
  run: async function*() {
    const { megabytes, path, seconds } = await workload<Written>("report.ts", rows)
    yield atMost(3, { name: `surface.html.written.${rows}`, value: seconds, unit: "s" })
    yield atMost(15, { name: `surface.html.size.${rows}`, value: megabytes, unit: "MB" })
    const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"] })
    try {
      const page = await browser.newPage()
      // The first page of a browser takes longer than others, whatever is in it.
      await page.goto("about:blank")
      const begun = performance.now()
      await page.goto(pathToFileURL(path).href, { waitUntil: "commit" })
      await page.locator(".score").first().waitFor()
      yield atMost(1.5, {
        name: `surface.html.first-view.${rows}`,
        value: (performance.now() - begun) / 1000,
        unit: "s"
      })
      await page.waitForLoadState("load")
      const opening = performance.now()
      await page.goto(`${pathToFileURL(path).href}#view=rows`)
      await page.locator(".list tbody tr").first().waitFor()
      yield {
        name: `surface.html.rows-view.${rows}`,
        value: (performance.now() - opening) / 1000,
        unit: "s",
        ok: true
      }
      /** From each key to the frame that shows what it found; in the middle of all, since the machine does other things. */
      const keystrokes = async (typed: string): Promise<number> =>
        median(
          await page.evaluate<ReadonlyArray<number>>(`(async () => {
          const input = document.querySelector("input[type=search]")
          const times = []
          for (let end = 1; end <= ${typed.length}; end++) {
            const begun = performance.now()
            input.value = ${JSON.stringify(typed)}.slice(0, end)
            input.dispatchEvent(new Event("input"))
            await new Promise((painted) => requestAnimationFrame(() => setTimeout(painted)))
            times.push(performance.now() - begun)
          }
          return times
        })()`)
        )
      const first = await keystrokes("question-77")
      yield atMost(100, { name: `surface.html.keystroke.while-reading.${rows}`, value: first, unit: "ms" })
      await page.getByText("searching on").waitFor({ state: "detached", timeout: 60_000 })
      await keystrokes(" ")
      yield atMost(100, {
        name: `surface.html.keystroke.${rows}`,
        value: await keystrokes("ab question-4"),
        unit: "ms"
      })
    } finally {
      await browser.close()
      rmSync(dirname(path), { recursive: true })
    }
  }
}

const experiments = 200

const view: Benchmark = {
  name: "surface.view",
  run: async function*() {
    const { first, json, page } = await workload<{
      readonly first: number
      readonly page: number
      readonly json: number
    }>("view.ts", experiments)
    yield { name: `surface.view.first-list.${experiments}`, value: first, unit: "ms", ok: true }
    yield atMost(100, { name: `surface.view.list.${experiments}`, value: page, unit: "ms" })
    yield { name: `surface.view.list-json.${experiments}`, value: json, unit: "ms", ok: true }
  }
}

/** The command line as it is installed, which the build makes. */
const startup: Benchmark = {
  name: "surface.cli",
  async *run() {
    execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "ignore", "inherit"] })
    const { help, list, node } = await workload<
      { readonly node: number; readonly help: number; readonly list: number }
    >(
      "startup.ts",
      9
    )
    const baseline = { name: "node --eval 0", value: node }
    yield atMost(400, { name: "surface.cli.help", value: help, unit: "ms", baseline, ratio: help / node })
    yield atMost(400, { name: "surface.cli.list", value: list, unit: "ms", baseline, ratio: list / node })
  }
}

export const surface: ReadonlyArray<Benchmark> = [report, view, startup]
