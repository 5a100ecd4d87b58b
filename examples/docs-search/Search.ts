/** What is evaluated: a full-text search as a service. Its Layers are the two configurations to compare. */
import { Effect, Layer, Schema } from "effect"
import { Target } from "effect-evals"
import MiniSearch from "minisearch"
import { Corpus, type Page } from "./Corpus.ts"

export class Search extends Target.Service<Search>()("docs-search/Search", {
  inputs: Schema.Struct({ question: Schema.String }),
  outputs: Schema.Struct({ pages: Schema.Array(Schema.String) })
}) {
  /** The library as it comes. */
  static readonly Plain = Layer.effect(
    Search,
    Effect.map(Corpus, ({ pages }) => {
      const index = new MiniSearch<Page>({ fields: ["title", "summary", "code"] })
      index.addAll(pages)
      return Search.of({
        version: "plain",
        run: ({ question }) => Effect.sync(() => ({ pages: top(index.search(question)) }))
      })
    })
  )

  /** Tuned on the `tune` split of the questions. */
  static readonly Tuned = Layer.effect(
    Search,
    Effect.map(Corpus, ({ pages }) => {
      const index = new MiniSearch<Page>({
        fields: ["title", "summary", "code", "path"],
        extractField: (page, field) => field === "path" ? page.id.replace(/[^a-z]+/gi, " ") : page[field as keyof Page],
        tokenize,
        processTerm
      })
      index.addAll(pages)
      return Search.of({
        version: "tuned",
        run: ({ question }) =>
          Effect.sync(() => ({
            pages: top(index.search(question, {
              boost: { title: 3, summary: 2, path: 2 },
              prefix: (term) => term.length > 3,
              fuzzy: (term) => term.length > 5 ? 0.2 : false,
              weights: { prefix: 0.4, fuzzy: 0.3 },
              // It has a bit of everything, so it stands first where another page says it better.
              boostDocument: (id) => id === "AGENTS.md" ? 0.3 : 1
            }))
          }))
      })
    })
  )
}

const shown = 10

const top = (results: ReadonlyArray<{ readonly id: unknown }>): ReadonlyArray<string> =>
  results.slice(0, shown).map(({ id }) => String(id))

/** Words, and identifiers both whole and in parts: `acquireRelease` is found by `acquire` as well. */
const tokenize = (text: string): Array<string> =>
  text.split(/[^\p{L}\p{N}]+/u).flatMap((word) => {
    const parts = word.split(/(?<=\p{Ll})(?=\p{Lu})/u)
    return parts.length > 1 ? [word, ...parts] : [word]
  })

const stopWords = new Set(
  ("a an and are as at be but by can do does for from have how i if in into is it its me my no not of on one only or " +
    "should so some than that the them then there this to use using want way what when where which while with without you your")
    .split(" ")
)

/** Lower case, without the words that every page has, and without the endings that only grammar asks for. */
const processTerm = (term: string): string | false => {
  const word = term.toLowerCase()
  if (word === "" || stopWords.has(word)) return false
  return word.length > 4 ? word.replace(/(?:ing|ed|es|s|ly)$/, "") : word
}
