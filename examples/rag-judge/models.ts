/**
 * The models: those of a server that speaks OpenAI's protocol if `OPENAI_API_KEY` or `OPENAI_BASE_URL` is set, else scripted
 * ones, which copy and compare sentences. They stand in for models so that the program runs anywhere; what they say proves
 * nothing about any model.
 */
import { Config, Effect, Layer, Option, Result } from "effect"
import { Judge, ModelLimits } from "effect-evals/judge"
import { OpenAiClient, OpenAiEmbeddingModel, OpenAiLanguageModel } from "effect-evals/openai"
import { ScriptedEmbeddingModel, ScriptedLanguageModel } from "effect-evals/testing"
import { FetchHttpClient } from "effect/http"

/** Who judges. It need not be the model that answers. */
export class JudgeModel extends Judge.Role<JudgeModel>()("rag-judge/JudgeModel") {}

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [])

const sentencesOf = (text: string): ReadonlyArray<string> =>
  text.split(/\n\n+/).flatMap((paragraph) => paragraph.replace(/\s+/g, " ").split(/(?<=[.?!]) /))
    .map((sentence) => sentence.trim()).filter((sentence) => /[.?!]$/.test(sentence))

const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>): number =>
  Array.from(a).filter((word) => b.has(word)).length

/** Copies the sentence that shares most words with the question; makes something up about prices. */
const answer = (text: string): string => {
  const [sections = "", question = ""] = text.split("\n\nQuestion: ")
  if (question.includes("cost")) return "It costs 10 euros a month for each user."
  const wanted = wordsOf(question)
  const [best] = sentencesOf(sections.replace(/<\/?section>/g, "")).toSorted((a, b) =>
    shared(wordsOf(b), wanted) - shared(wordsOf(a), wanted)
  )
  return best ?? "I do not know."
}

const shownAs = (name: string, text: string): string =>
  text.match(new RegExp(`--- begin ${name} \\w+ ---\n([\\s\\S]*?)\n--- end ${name} `))?.[1] ?? ""

/** Finds each sentence of the answer in the context, or does not; asks for what an answer is about. */
const verdict = (text: string): object => {
  const output = shownAs("output", text)
  if (text.includes("evasive")) {
    const about = output.replace(/\.$/, "")
    return {
      questions: [`${about}?`, `Is it so that ${about}?`, `What is known of this: ${about}?`],
      evasive: output.includes("do not know")
    }
  }
  // The context is shown as JSON, in which line breaks are written out.
  const context = shownAs("context", text).replace(/\\n/g, " ").replace(/\s+/g, " ")
  const missing = sentencesOf(output).filter((sentence) => !context.includes(JSON.stringify(sentence).slice(1, -1)))
  return {
    reasoning: missing.length === 0 ? "Each sentence is in the context." : `Not in the context: ${missing.join(" ")}`,
    verdict: missing.length === 0
  }
}

const scripted = {
  note: "Scripted models: set OPENAI_API_KEY (and OPENAI_BASE_URL for another server) to ask real ones.",
  models: Layer.mergeAll(
    ScriptedLanguageModel.layer(({ text }) => answer(text)),
    ScriptedEmbeddingModel.layer(),
    Judge.layerRole(
      JudgeModel,
      ModelLimits.limited(ScriptedLanguageModel.layer(({ text }) => ({ json: verdict(text) })))
    )
  )
}

const live = (model: string, judge: string, embeddings: string) => ({
  note: `Live models: ${model} answers, ${judge} judges, ${embeddings} embeds.`,
  models: Layer.mergeAll(
    OpenAiLanguageModel.layer({ model, config: { temperature: 0 } }),
    OpenAiEmbeddingModel.layer({ model: embeddings }),
    Judge.layerRole(
      JudgeModel,
      ModelLimits.limited(OpenAiLanguageModel.layer({ model: judge, config: { temperature: 0 } }))
    )
  ).pipe(Layer.provide(OpenAiClient.layer({ timeout: "1 minute" })), Layer.provide(FetchHttpClient.layer))
})

/** Whichever can be had, and which that is. */
export const models = Effect.gen(function*() {
  const isSet = (name: string) => Effect.map(Effect.result(Config.NonEmptyString(name)), Result.isSuccess)
  if (!(yield* isSet("OPENAI_API_KEY")) && !(yield* isSet("OPENAI_BASE_URL"))) return scripted
  const named = (name: string, otherwise: string) =>
    Effect.map(Config.option(Config.NonEmptyString(name)), Option.getOrElse(() => otherwise))
  const model = yield* named("OPENAI_MODEL", "gpt-4.1-mini")
  return live(
    model,
    yield* named("OPENAI_JUDGE_MODEL", model),
    yield* named("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small")
  )
})
