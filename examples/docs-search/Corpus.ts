/** Effect's own documentation as it ships with the package: the pages that questions are answered from. */
import { Context, Effect, FileSystem, Layer, Path, Schema } from "effect"
import { fileURLToPath } from "node:url"

export interface Page {
  /** The path below the package, such as `ai-docs/src/03_stream/10_creating-streams.ts`. */
  readonly id: string
  readonly title: string
  /** What the page says about itself, before the code. */
  readonly summary: string
  readonly code: string
}

export class CorpusError extends Schema.TaggedError<CorpusError>()("CorpusError", { message: Schema.String }) {}

/** The pages, read once. */
export class Corpus extends Context.Service<Corpus, { readonly pages: ReadonlyArray<Page> }>()("docs-search/Corpus") {
  static readonly layer = Layer.effect(
    Corpus,
    Effect.gen(function*() {
      const fileSystem = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const root = path.dirname(fileURLToPath(import.meta.resolve("effect/package.json")))
      const files = (yield* fileSystem.readDirectory(path.join(root, "ai-docs/src"), { recursive: true }))
        .filter((file) => file.endsWith(".ts") && !file.includes("fixtures"))
        .map((file) => path.join("ai-docs/src", file))
      const pages = yield* Effect.forEach(
        ["AGENTS.md", ...files.sort()],
        (file) => Effect.map(fileSystem.readFileString(path.join(root, file)), (text) => toPage(file, text))
      )
      if (pages.length < 20) {
        return yield* new CorpusError({ message: `Found only ${pages.length} pages of documentation in ${root}.` })
      }
      return { pages }
    })
  )
}

const toPage = (file: string, text: string): Page => {
  const id = file.replaceAll("\\", "/")
  const [comment] = /^\/\*\*[\s\S]*?\*\//.exec(text) ?? [""]
  const summary = comment.replace(/^\s*\/?\*+\/?/gm, "").trim()
  const title = /@title (.*)/.exec(summary)?.[1] ?? /^# (.*)/m.exec(text)?.[1] ?? id
  return { id, title, summary: summary.replace(/@title .*/, "").trim(), code: text.slice(comment.length) }
}
