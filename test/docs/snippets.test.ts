/** Every example of the documentation runs, and prints what it says. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { format } from "node:util"
import { vi } from "vitest"
import { extract } from "./extract.ts"

const snippets = extract()

describe("the examples of the documentation", () => {
  it("are there", () => {
    assert.isAbove(snippets.length, 10)
  })

  for (const { module, printed, source } of snippets) {
    // Examples that are suites have tests of their own, which are made when tests are collected.
    if (readFileSync(module, "utf8").includes("describeEvaluation(")) {
      describe(source, async () => {
        await import(module)
      })
      continue
    }
    it(source, async () => {
      const lines: Array<string> = []
      const log = vi.spyOn(console, "log").mockImplementation((...values) =>
        // What is printed in several lines stands in several lines of the example.
        void lines.push(...format(...values).split("\n"))
      )
      try {
        await import(module)
      } finally {
        log.mockRestore()
      }
      if (printed.length > 0) assert.deepStrictEqual(lines, printed)
    })
  }
})
