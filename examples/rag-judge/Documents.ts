/** What can be looked up: sections of this project's own documentation, found by the meaning of a question. */
import { Array as Arr, Context, Effect, FileSystem, Layer, Order, Path, Schema } from "effect"
import { Semantic } from "effect-evals/judge"
import { type AiError, EmbeddingModel } from "effect/ai"

export const Section = Schema.Struct({ id: Schema.String, text: Schema.String })
export interface Section extends Schema.Schema.Type<typeof Section> {}

const files = ["datasets.md", "gates.md", "progress.md", "resume.md", "running.md"]

/** From one heading to the next; code is left out. */
const sectionsOf = (file: string, text: string): ReadonlyArray<Section> =>
  text.replace(/```[\s\S]*?```/g, "").split(/^##? /m).slice(1).flatMap((part) => {
    const [heading = "", ...lines] = part.split("\n")
    const text = lines.join("\n").trim()
    return text === "" ? [] : [{ id: `${file}#${heading.trim()}`, text: `${heading.trim()}\n\n${text}` }]
  })

export class Documents extends Context.Service<Documents, {
  /** The sections that are closest to a question, the closest first. */
  readonly search: (question: string, count: number) => Effect.Effect<ReadonlyArray<Section>, AiError.AiError>
}>()("rag-judge/Documents") {
  static readonly layer = Layer.effect(
    Documents,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const model = yield* EmbeddingModel.EmbeddingModel
      const folder = path.join(import.meta.dirname, "../../docs")
      const sections = (yield* Effect.forEach(files, (file) =>
        Effect.map(fs.readFileString(path.join(folder, file)), (text) =>
          sectionsOf(file, text)))).flat()
      const { embeddings } = yield* model.embedMany(sections.map(({ text }) =>
        text
      ))
      return Documents.of({
        search: (question, count) =>
          Effect.map(model.embed(question), ({ vector }) =>
            Arr.sortBy(
              Order.mapInput(
                Order.flip(Order.Number),
                ([i]: readonly [number, Section]) => Semantic.cosine(vector, embeddings[i]?.vector ?? []) ?? -1
              )
            )(sections.map((section, i) => [i, section] as const)).slice(0, count).map(([, section]) => section))
      })
    })
  )
}
