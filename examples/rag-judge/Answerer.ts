/** The system under evaluation: looks sections up, and has a model answer from them. */
import { Effect, Layer, Schema } from "effect"
import { Target } from "effect-evals"
import { AiError, LanguageModel } from "effect/ai"
import { Documents, Section } from "./Documents.ts"

export class Answerer extends Target.Service<Answerer>()("rag-judge/Answerer", {
  inputs: Schema.Struct({ question: Schema.String }),
  outputs: Schema.Struct({ answer: Schema.String, sections: Schema.Array(Section) }),
  error: AiError.AiError
}) {
  static readonly layer = Layer.effect(
    Answerer,
    Effect.gen(function*() {
      const documents = yield* Documents
      const model = yield* LanguageModel.LanguageModel
      return {
        version: "3 sections",
        run: Effect.fnUntraced(function*({ question }: { readonly question: string }) {
          const sections = yield* documents.search(question, 3)
          const { text } = yield* model.generateText({
            prompt: [
              {
                role: "system",
                content: "Answer the question in one or two sentences, from the sections alone. " +
                  "If they do not say, answer that you do not know."
              },
              {
                role: "user",
                content: `${
                  sections.map(({ text }) => `<section>\n${text}\n</section>`).join("\n")
                }\n\nQuestion: ${question}`
              }
            ]
          })
          return { answer: text, sections }
        })
      }
    })
  )
}
