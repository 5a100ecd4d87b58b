import { assert, describe, it } from "@effect/vitest"
import { globSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const root = join(import.meta.dirname, "..")

/** What a module imports when it is loaded, by file: imports of types are gone by then. */
const modules = new Map(
  globSync("src/**/*.ts", { cwd: root }).map((file) => {
    const text = readFileSync(join(root, file), "utf8")
    const imports = Array.from(text.matchAll(/^(?:import|export)\s+(?!type\b)([^"';]*?)\s*from\s+"(\.[^"]+)"/gms))
    const loaded = imports.flatMap(([, names = "", path = ""]) => {
      const onlyTypes = names.startsWith("{") &&
        names.replace(/[{}]/g, "").split(",").map((name) => name.trim()).filter((name) => name !== "")
          .every((name) => name.startsWith("type "))
      return onlyTypes ? [] : [normalize(join(dirname(file), path))]
    })
    return [file, loaded] as const
  })
)

const wings = new Set([
  "futureagi",
  "jobs",
  "judge",
  "langsmith",
  "openai",
  "reports",
  "scorers",
  "simulation",
  "sql",
  "testing",
  "traceable"
])

/** What people touch: put together from the wings, and imported by nothing else. */
const surfaces = new Set(["cli", "view", "vitest"])

const folderOf = (file: string): string => file.split("/").length > 2 ? file.split("/")[1] ?? "" : ""

const arrows = Array.from(modules).flatMap(([from, to]) => to.map((to) => ({ from, to })))

describe("the house", () => {
  it("was read", () => {
    assert.isAbove(modules.size, 100)
    assert.deepInclude(arrows, { from: "src/index.ts", to: "src/Evaluation.ts" })
    assert.isTrue(arrows.every(({ to }) => modules.has(to)))
  })

  it("has a core that imports no wing, and wings that do not import one another", () => {
    const crossing = arrows.filter(({ from, to }) =>
      wings.has(folderOf(to)) && folderOf(from) !== folderOf(to) && !surfaces.has(folderOf(from))
    )
    assert.deepStrictEqual(crossing, [])
  })

  it("has surfaces that are imported by nothing but the command line", () => {
    const crossing = arrows.filter(({ from, to }) =>
      surfaces.has(folderOf(to)) && folderOf(from) !== folderOf(to) && folderOf(from) !== "cli"
    )
    assert.deepStrictEqual(crossing, [])
  })

  it("stands on statistics, which import nothing of it", () => {
    const upward = arrows.filter(({ from, to }) => folderOf(from) === "statistics" && folderOf(to) !== "statistics")
    assert.deepStrictEqual(upward, [])
  })

  it("has no circle of imports", () => {
    const done = new Set<string>()
    const visit = (file: string, path: ReadonlyArray<string>): void => {
      assert.notInclude(path, file, `a circle: ${[...path.slice(path.indexOf(file)), file].join(" -> ")}`)
      if (done.has(file)) return
      for (const next of modules.get(file) ?? []) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of modules.keys()) visit(file, [])
  })
})
