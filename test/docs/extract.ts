/**
 * Takes the examples out of the documentation (README.md, docs/, the comments in src/) and puts each into a module of its
 * own, where the type checker and the tests find it.
 *
 *     node test/docs/extract.ts
 */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export interface Snippet {
  /** Such as `README.md:12`. */
  readonly source: string
  readonly module: string
  /** What the example says it prints: the comments `// => ...` after `console.log`. */
  readonly printed: ReadonlyArray<string>
}

const root = join(import.meta.dirname, "../..")
const target = join(root, ".generated/docs")

/** A fenced block of TypeScript, plain or behind the asterisks of a comment. */
const fence = /^([ \t]*(?:\* ?)?)```ts\n([\s\S]*?)^\1```/gm

const snippetsOf = (file: string): ReadonlyArray<Snippet & { readonly code: string }> => {
  const text = readFileSync(join(root, file), "utf8")
  return Array.from(text.matchAll(fence), (match) => {
    const prefix = match[1]?.trimEnd() ?? ""
    const code = (match[2] ?? "").split("\n").map((line) => {
      const withoutPrefix = line.trimStart().startsWith("*") && prefix !== "" ? line.replace(/^[ \t]*\* ?/, "") : line
      return withoutPrefix
    }).join("\n")
    const line = text.slice(0, match.index).split("\n").length
    const name = `${file.replace(/[^\w]+/g, "-")}-${line}.ts`
    const printed = Array.from(code.matchAll(/\/\/ => (.*)$/gm), (found) => found[1] ?? "")
    return { source: `${file}:${line}`, module: join(target, name), printed, code }
  })
}

/** Writes the modules and tells where they are. */
export const extract = (): ReadonlyArray<Snippet> => {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const files = ["README.md", ...globSync("docs/**/*.md", { cwd: root }), ...globSync("src/**/*.ts", { cwd: root })]
  return files.sort().flatMap(snippetsOf).map(({ code, ...snippet }) => {
    // A module, so that its names are its own.
    writeFileSync(snippet.module, `${code}\nexport {}\n`)
    return snippet
  })
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(`${extract().length} examples extracted\n`)
}
