/**
 * Asking for vectors, within the budget. Texts of rows that are judged at the same time share requests; with a budget only
 * those of one evaluator do, since a request that serves several could not be counted for each.
 */
import type * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Request from "effect/Request"
import * as RequestResolver from "effect/RequestResolver"
import * as Schema from "effect/Schema"
import { Skip } from "../../EvaluationResult.ts"
import { identityOf } from "../../internal/values/modelIdentity.ts"
import { postponedReason } from "../../internal/values/postponed.ts"
import { Budget } from "../Budget.ts"
import type { JudgeError } from "../JudgeError.ts"
import { asksNoMore } from "./ask.ts"

type Vector = ReadonlyArray<number>

/** Gives the vectors of texts in their order, or says that the budget is used up. */
export type Embedder = (
  texts: ReadonlyArray<string>
) => Effect.Effect<ReadonlyArray<Vector> | Skip, AiError.AiError | JudgeError, EmbeddingModel.EmbeddingModel>

/** Not to be seen from outside: it becomes `Skipped`. */
class OutOfBudget extends Schema.TaggedError<OutOfBudget>()("OutOfBudget", { why: Schema.String }) {}

class Embed extends Request.Class<
  { readonly text: string; readonly model: EmbeddingModel.EmbeddingModel; readonly budget: Budget["Service"] },
  Vector,
  AiError.AiError | JudgeError | OutOfBudget
> {}

/** For the evaluator of a key, which has budgets of its own. */
export const makeEmbedder = (key: string): Embedder => {
  const resolver = RequestResolver.makeWith<Embed>({
    batchKey: ({ request }) => request.model,
    delay: Effect.yieldNow,
    collectWhile: () => true,
    runAll: (entries) =>
      // Runs with different budgets may share a model.
      Effect.forEach(
        Map.groupBy(entries, ({ request }) => request.budget),
        ([budget, together]) => embedAll(key, budget, together),
        { concurrency: "unbounded", discard: true }
      )
  })
  return (texts) =>
    Effect.contextWith((context: Context.Context<EmbeddingModel.EmbeddingModel>) => {
      const model = Context.get(context, EmbeddingModel.EmbeddingModel)
      const budget = Option.getOrUndefined(Context.getOption(context, Budget))
      const embed = (text: string): Effect.Effect<Vector, AiError.AiError | JudgeError | OutOfBudget> =>
        budget === undefined
          ? Effect.map(model.embed(text), ({ vector }) => vector)
          : Effect.request(new Embed({ text, model, budget }), resolver)
      return Effect.forEach(texts, embed, { concurrency: "unbounded" }).pipe(
        Effect.catchTag("OutOfBudget", ({ why }) => Effect.succeed(new Skip(postponedReason(why))))
      )
    })
}

/** One request for all of them. Each is told how it ended. */
const embedAll = (
  key: string,
  budget: Budget["Service"],
  entries: ReadonlyArray<Request.Entry<Embed>>
): Effect.Effect<void> => {
  const [first] = entries
  if (first === undefined) return Effect.void
  const { model } = first.request
  const ask = Effect.suspend(() => model.embedMany(entries.map(({ request }) => request.text))).pipe(
    Effect.onExit((exit) =>
      Effect.sync(() => {
        budget.settle(
          key,
          Exit.isFailure(exit) ? undefined : {
            // The answer does not name it.
            model: undefined,
            requestedModel: identityOf(model)?.model,
            inputTokens: exit.value.usage.inputTokens,
            outputTokens: undefined
          }
        )
      })
    )
  )
  const granted = Effect.suspend((): Effect.Effect<void, JudgeError | OutOfBudget> => {
    const problem = budget.problem()
    if (problem !== undefined) return Effect.fail(asksNoMore(key, problem))
    return Effect.flatMap(
      budget.reserve(key, 1),
      (refused): Effect.Effect<void, OutOfBudget> =>
        refused === undefined ? Effect.void : Effect.fail(new OutOfBudget({ why: refused }))
    )
  })
  return Effect.andThen(granted, ask).pipe(
    Effect.exit,
    Effect.map((exit) => {
      entries.forEach((entry, i) =>
        entry.completeUnsafe(Exit.map(exit, ({ embeddings }) => embeddings[i]?.vector ?? []))
      )
    })
  )
}
