/** The pictures in the documentation: `npm run screenshots` makes them again from the experiments of the tests. */
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { Html } from "../../src/reports/index.ts"
import { launch, openFile } from "./browser.ts"
import { tickets } from "./tickets.ts"

const folder = join(import.meta.dirname, "../../docs/images")

const program = Effect.gen(function*() {
  yield* TestClock.setTime(Date.UTC(2026, 0, 15, 2))
  const before = yield* tickets({ name: "support, as it was", quality: 0.55, rows: 400 })
  const after = yield* tickets({ name: "support, new prompt", quality: 0.85, rows: 400 })
  const one = yield* Html.report(after)
  const two = yield* Html.report([before, after])
  const browser = yield* launch
  mkdirSync(folder, { recursive: true })
  for (
    const { dark = false, height, html, name, route } of [
      { name: "report-overview", html: one, route: "", height: 900 },
      { name: "report-row", html: one, route: "#view=rows&sort=score:helpfulness&row=17", height: 860, dark: true },
      { name: "report-comparison", html: two, route: "", height: 620 },
      { name: "report-changes", html: two, route: "#view=compare&change=worse&pair=40", height: 760 }
    ]
  ) {
    const { page } = yield* openFile(browser, html, route, { width: 1280, height, dark })
    yield* Effect.promise(async () => {
      await page.locator(route === "" ? ".score" : ".list tbody tr").first().waitFor()
      if (route.includes("pair")) {
        await page.locator(".list tbody a").nth(2).click()
        await page.getByRole("button", { name: "difference" }).click()
      }
      await page.waitForTimeout(300)
      await page.evaluate("scrollTo(0, 0)")
      await page.screenshot({ path: join(folder, `${name}.png`) })
      await page.context().close()
    })
  }
})

await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(TestClock.layer())))
