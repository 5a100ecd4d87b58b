/**
 * What judges may use up, all of them together and each by its key: calls, tokens, money; what `Semantic` asks an embedding
 * model counts as well. When it is gone, the rows that are left are `Skipped` with a reason that begins with `budget:`, and a
 * run that resumes makes up for them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Evaluation from "../Evaluation.ts"
import { refuseUnknown } from "../internal/values/options.ts"

/**
 * What may be used up. Calls are counted exactly. What a call takes in tokens and money is known when it has ended; until
 * then it counts as much as the calls so far on average, so a limit can be passed by what the calls that are under way at
 * the end differ from that.
 *
 * @category models
 * @since 0.1.0
 */
export interface Limits {
  /**
   * Questions to a model, those that had to be asked again included. Verdicts from a cache are none. A request for
   * vectors is one, however many texts and rows share it.
   */
  readonly calls?: number | undefined
  /** Of prompts and answers together. */
  readonly tokens?: number | undefined
  /** In the currency of the prices. */
  readonly cost?: number | undefined
}

/**
 * The limits of all judges together, and of single ones.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Limits {
  /** Further limits, by the key of the judge. */
  readonly perKey?: { readonly [feedbackKey: string]: Limits } | undefined
  /** What tokens cost, per million, by the name of the model; the same table as an evaluation's. Money needs it. */
  readonly prices?: { readonly [model: string]: Evaluation.ModelPrices } | undefined
}

/**
 * What was used up.
 *
 * @category models
 * @since 0.1.0
 */
export interface Spent {
  readonly calls: number
  readonly tokens: number
  /** `undefined` where the prices are not known. */
  readonly cost: number | undefined
  /** How often a judge was not allowed to ask. */
  readonly refused: number
}

/**
 * What a call took, as its answer says.
 *
 * @category models
 * @since 0.1.0
 */
export interface Usage {
  /** The model, as the answer names it. */
  readonly model: string | undefined
  /** And as it was asked for, which has a price more often. */
  readonly requestedModel: string | undefined
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

/**
 * The budget of judges. It lasts as long as its layer: around one run it is that run's, around several they share it.
 *
 * @category services
 * @since 0.1.0
 */
export class Budget extends Context.Service<Budget, {
  /** Sets calls aside for a judge; gives why not, if they would be too many. */
  readonly reserve: (feedbackKey: string, calls: number) => Effect.Effect<string | undefined>
  /** One of these calls was not needed. */
  readonly release: (feedbackKey: string) => void
  /** One of these calls was made; `undefined` if nobody says what it took. */
  readonly settle: (feedbackKey: string, usage: Usage | undefined) => void
  /** What keeps the budget from being held: prices or tokens that are not known. */
  readonly problem: () => string | undefined
  readonly spent: Effect.Effect<{
    readonly all: Spent
    readonly perKey: { readonly [feedbackKey: string]: Spent }
  }>
}>()("effect-evals/judge/Budget") {}

class Account {
  calls = 0
  tokens = 0
  cost = 0
  refused = 0
  /** Calls that are set aside or under way. */
  pending = 0
  limits: Limits

  constructor(limits: Limits) {
    this.limits = limits
  }

  /** The limit that so many more calls would pass. */
  passed(more: number): string | undefined {
    const { calls, cost, tokens } = this.limits
    if (calls !== undefined && this.calls + this.pending + more > calls) {
      return `${this.calls + this.pending} of ${calls} calls`
    }
    const expected = (spent: number): number =>
      spent + (this.calls === 0 ? 0 : spent / this.calls) * (this.pending + more)
    if (tokens !== undefined && (this.tokens >= tokens || expected(this.tokens) > tokens)) {
      return `${this.tokens} of ${tokens} tokens`
    }
    if (cost !== undefined && (this.cost >= cost || expected(this.cost) > cost)) {
      return `${Number(this.cost.toPrecision(4))} of ${cost} in money`
    }
    return undefined
  }
}

/**
 * A budget. A limit that is no number from 0 throws a `RangeError`.
 *
 * **Example** (Two questions, and no more)
 *
 * ```ts
 * import { Effect, Logger } from "effect"
 * import { Dataset, Evaluation, TracingClient } from "effect-evals"
 * import { Budget, Judge } from "effect-evals/judge"
 * import { ScriptedLanguageModel } from "effect-evals/testing"
 *
 * const program = Effect.gen(function*() {
 *   const experiment = yield* Evaluation.run(
 *     Evaluation.make("greetings", {
 *       data: Dataset.fromIterable("greetings", ["hello", "good morning", "hi"].map((inputs) => ({ inputs }))),
 *       target: (text) => text
 *     }),
 *     { evaluators: [Judge.make("polite", { criteria: "The output is polite." })], evaluatorConcurrency: 1 }
 *   )
 *   console.log(experiment.rows.map(({ evaluations }) => evaluations[0]?.outcome._tag)) // => [ 'Scored', 'Scored', 'Skipped' ]
 *   const outcome = experiment.rows[2]?.evaluations[0]?.outcome
 *   console.log(outcome?._tag === "Skipped" && outcome.reason) // => budget: 2 of 2 calls of all judges are used up
 *   console.log((yield* Effect.flatMap(Budget.Budget, ({ spent }) => spent)).all.calls) // => 2
 * })
 * const model = ScriptedLanguageModel.layer(() => ({ json: { reasoning: "It greets.", verdict: true } }))
 * // It is logged, too, which is not shown here.
 * const quiet = Logger.layer([])
 * await Effect.runPromise(
 *   program.pipe(Effect.provide([model, Budget.layer({ calls: 2 }), TracingClient.layerNone, quiet]))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<Budget> => {
  refuseUnknown("Budget.layer", options, ["calls", "tokens", "cost", "perKey", "prices"])
  for (const [name, limits] of [["", options] as const, ...Object.entries(options.perKey ?? {})]) {
    for (const what of ["calls", "tokens", "cost"] as const) {
      const limit = limits[what]
      if (limit !== undefined && !(limit >= 0)) {
        throw new RangeError(
          `the budget ${name === "" ? "" : `of ${name} `}allows ${what}: ${limit}, not a number from 0`
        )
      }
    }
  }
  return Layer.sync(Budget, () => make(options))
}

const make = ({ perKey = {}, prices = {}, ...limits }: Options): Budget["Service"] => {
  const all = new Account(limits)
  const byKey = new Map<string, Account>()
  const accountOf = (key: string): Account => {
    let account = byKey.get(key)
    if (account === undefined) {
      account = new Account(Object.hasOwn(perKey, key) ? perKey[key] ?? {} : {})
      byKey.set(key, account)
    }
    return account
  }
  const allLimits = [limits, ...Object.values(perKey)]
  const needsCost = allLimits.some(({ cost }) => cost !== undefined)
  const needsTokens = needsCost || allLimits.some(({ tokens }) => tokens !== undefined)
  let problem: string | undefined
  let allPriced = true
  const told = new Set<Account>()

  const addUsage = (key: string, usage: Usage): void => {
    const { inputTokens, outputTokens } = usage
    const names = [usage.model, usage.requestedModel].filter((name) => name !== undefined)
    const model = names[0] ?? "a model that does not say its name"
    if (inputTokens === undefined && outputTokens === undefined) {
      if (needsTokens) {
        problem ??= `the answers of ${model} do not say how many tokens they took, so a budget of tokens or ` +
          "money cannot be held; give it calls"
      }
      allPriced = false
      return
    }
    const priced = names.find((name) => Object.hasOwn(prices, name))
    const price = priced === undefined ? undefined : prices[priced]
    if (price === undefined) {
      allPriced = false
      if (needsCost) {
        const nameIt = names.length === 0 ? "give it one with Judge.identified or Semantic.identified, and " : ""
        problem ??= `the budget is of money, but knows no price of ${model}; ${nameIt}add it to prices`
      }
    }
    for (const account of [all, accountOf(key)]) {
      account.tokens += (inputTokens ?? 0) + (outputTokens ?? 0)
      account.cost += price === undefined
        ? 0
        : ((inputTokens ?? 0) * price.inputTokens + (outputTokens ?? 0) * price.outputTokens) / 1e6
    }
  }

  const spentOf = ({ calls, cost, refused, tokens }: Account): Spent => ({
    calls,
    tokens,
    cost: allPriced ? cost : undefined,
    refused
  })

  return {
    reserve: (key, calls) =>
      Effect.suspend(() => {
        const own = accountOf(key)
        for (const [account, whose] of [[all, "of all judges"], [own, `of the judge ${key}`]] as const) {
          const passed = account.passed(calls)
          if (passed === undefined) continue
          account.refused++
          const why = `${passed} ${whose} are used up`
          if (told.has(account)) return Effect.succeed(why)
          told.add(account)
          return Effect.as(Effect.logWarning(`The budget of judges: ${why}. Rows that are left are skipped.`), why)
        }
        all.pending += calls
        own.pending += calls
        return Effect.undefined
      }),
    release(key) {
      all.pending--
      accountOf(key).pending--
    },
    settle(key, usage) {
      for (const account of [all, accountOf(key)]) {
        account.pending--
        account.calls++
      }
      if (usage !== undefined) addUsage(key, usage)
    },
    problem: () => problem,
    spent: Effect.sync(() => ({
      all: spentOf(all),
      perKey: Object.fromEntries(Array.from(byKey, ([key, account]) => [key, spentOf(account)]))
    }))
  }
}
