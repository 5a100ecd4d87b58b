/** The table of all scorers names every one, and nothing comes out of the package that no page knows. */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import * as scorers from "../../src/scorers/index.ts"

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")

const pages = read("docs/scorers.md") + read("docs/scorers-structure.md")

/** The cells of the table. */
const rows = (/\n## All of them\n(.*?)\n## /s.exec(pages)?.[1] ?? "").split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(2).split(" |").slice(0, -1).map((cell) => cell.trim()))

/** Such as `Text.bleu` and `Text.corpusBleu` for "`Text.bleu`, `corpusBleu` (summary)". */
const namedIn = (cell: string): ReadonlyArray<string> => {
  const names = Array.from(cell.matchAll(/`([\w.]+)`/g), ([, name = ""]) => name)
  const [module = ""] = names[0]?.split(".") ?? []
  return names.map((name) => name.includes(".") ? name : `${module}.${name}`)
}

/** What a module is put together from: itself, if it only exports its own. */
const partsOf = (module: string): string => {
  const text = read(`src/scorers/${module}.ts`)
  const parts = Array.from(text.matchAll(/^export .* from "\.\/([\w/]+)\.ts"$/gm), ([, part = ""]) => part)
  return text + parts.map((part) => read(`src/scorers/${part}.ts`)).join("\n")
}

/** The category that the documentation of every export states, by its full name. */
const categories = new Map(
  Object.entries(scorers).flatMap(([module, exported]) => {
    const text = partsOf(module)
    return Object.keys(exported).map((name) => {
      const [, comment = ""] =
        new RegExp(`/\\*\\*((?:(?!\\*/).)*)\\*/\nexport (?:const|class|function) ${name}\\b`, "s")
          .exec(text) ?? []
      return [`${module}.${name}`, /@category (.+)/.exec(comment)?.[1]] as const
    })
  })
)
const inCategory = (...wanted: ReadonlyArray<string>): ReadonlyArray<string> =>
  Array.from(categories).flatMap(([name, category]) =>
    category !== undefined && wanted.includes(category) ? [name] : []
  )

describe("the table of all scorers", () => {
  it("names every scorer there is, once", () => {
    assert.sameMembers(rows.flatMap(([name = ""]) => [...namedIn(name)]), [...inCategory("scorers", "summary scorers")])
  })

  it("says of each what it takes, what it gives, and how", () => {
    for (const cells of rows) {
      assert.lengthOf(cells, 5, cells[0])
      for (const cell of cells.slice(0, 4)) assert.notStrictEqual(cell, "", cells[0])
    }
  })
})

describe("what the scorers export", () => {
  it("is documented with a category", () => {
    assert.deepStrictEqual(
      Array.from(categories).flatMap(([name, category]) => category === undefined ? [name] : []),
      []
    )
  })

  it("is named on a page, if it is a measure", () => {
    const spans = new Set(Array.from(pages.matchAll(/`[\w.]*?(\w+)(?:\([^`]*)?`/g), ([, name = ""]) => name))
    const missing = inCategory("measures", "comparers", "normalization").filter((name) =>
      !spans.has(name.split(".")[1] ?? "")
    )
    assert.deepStrictEqual(missing, [])
  })
})
