/** A browser without a window, which tells what goes wrong in a page and what the page asks of the network. */
import chromium from "@sparticuz/chromium"
import axe from "axe-core"
import { Effect, type Scope } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, chromium as playwright, type Page } from "playwright-core"

export const launch: Effect.Effect<Browser, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () =>
    // Not with the flags that the package has for its own purposes: they turn off what is to be tested here.
    playwright.launch({ executablePath: await chromium.executablePath(), args: ["--no-sandbox"], headless: true })
  ),
  (browser) => Effect.promise(() => browser.close())
)

export interface Opened {
  readonly page: Page
  /** Errors, warnings of the console, and violations of the policy. */
  readonly complaints: ReadonlyArray<string>
  /** What was asked for besides the page itself. */
  readonly requests: ReadonlyArray<string>
}

export interface PageOptions {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

/** Opens an address. */
export const openUrl = (
  browser: Browser,
  url: string,
  { dark = false, height = 900, width = 1280 }: PageOptions = {}
) =>
  Effect.promise(async (): Promise<Opened> => {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce"
    })
    const page = await context.newPage()
    const complaints: Array<string> = []
    const requests: Array<string> = []
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text())
    })
    page.on("pageerror", (error) => complaints.push(String(error)))
    page.on("request", (request) => {
      if (request.url() !== url.split("#")[0]) requests.push(request.url())
    })
    await page.goto(url)
    return { page, complaints, requests }
  })

/** Opens a page as a file, as a reader would. */
export const openFile = (browser: Browser, html: string, hash = "", options: PageOptions = {}) => {
  const path = join(mkdtempSync(join(tmpdir(), "effect-evals-page-")), "report.html")
  writeFileSync(path, html)
  return openUrl(browser, `${pathToFileURL(path).href}${hash}`, options)
}

/** What a program that checks for accessibility finds serious. */
export const serious = (page: Page) =>
  Effect.promise(async () => {
    // The page lets no program in but its own; the check comes in on another way.
    await page.evaluate(axe.source)
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
      return violations.map(({ help, impact, nodes }) => ({
        impact,
        help,
        where: nodes.slice(0, 3).map(({ html }) => html)
      }))
    })
    return found.filter(({ impact }) => impact === "serious" || impact === "critical")
  })
