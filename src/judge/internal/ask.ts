/** Asking a model for a judgement, once more if its answer cannot be read. */
import type * as AiError from "effect/ai/AiError"
import type * as LanguageModel from "effect/ai/LanguageModel"
import type * as Prompt from "effect/ai/Prompt"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

/** Whoever gives a language model: `LanguageModel` itself, or a role. */
export type Model<R = unknown> = Context.Key<R, LanguageModel.LanguageModel>

/**
 * Asks for an object of the schema. A model that answers with something else is told what was wrong, and asked once more;
 * if that does not help it is a failure, and no score.
 */
export const ask = <A, R>(
  model: Model<R>,
  prompt: ReadonlyArray<Prompt.MessageEncoded>,
  schema: Schema.Codec<A, Record<string, unknown>>
): Effect.Effect<A, AiError.AiError, R> =>
  Effect.flatMap(Effect.service(model), (service) => {
    const once = (prompt: ReadonlyArray<Prompt.MessageEncoded>): Effect.Effect<A, AiError.AiError> =>
      Effect.map(
        // What comes is of the schema; the compiler does not follow that for a schema that is a parameter.
        service.generateObject({ prompt, schema, objectName: "judgement" }) as Effect.Effect<
          { readonly value: A },
          AiError.AiError
        >,
        ({ value }) => value
      )
    return Effect.catch(once(prompt), (error) => {
      const { reason } = error
      if (reason._tag !== "StructuredOutputError" && reason._tag !== "InvalidOutputError") return Effect.fail(error)
      return once([
        ...prompt,
        ...(reason._tag === "StructuredOutputError" ? [text("assistant", reason.responseText)] : []),
        text(
          "user",
          `Your answer could not be read: ${reason.description}\nGive the judgement again, in the form asked for.`
        )
      ])
    })
  })

const text = (role: "assistant" | "user", text: string): Prompt.MessageEncoded => ({
  role,
  content: [{ type: "text", text }]
})
