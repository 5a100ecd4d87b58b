/** Entries as jobs: what `jobs submit` sends, and what `jobs worker` works on. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Evaluation from "../../Evaluation.ts"
import * as EvaluationJob from "../../jobs/EvaluationJob.ts"
import type * as TracingClient from "../../TracingClient.ts"
import { RunOptions } from "../Config.ts"
import type { Platform } from "./command.ts"
import type { Located } from "./entries.ts"
import { made, selected } from "./evaluating.ts"
import { type Failure, usage } from "./failure.ts"
import { mergedOptions, type RunSettings } from "./settings.ts"

const { filter, limit, sample, seed } = RunOptions.fields

/** Which examples a job is about. All else that is said of it are settings. */
export const Payload = Schema.Struct({ filter, limit, sample, seed })

/** An entry under the name by which it is submitted. */
export const jobOf = (
  { entry, name }: Located,
  evaluation: Evaluation.Evaluation<unknown, unknown, unknown, unknown, unknown, unknown, Evaluation.EntryServices>,
  { defaults }: RunSettings
): EvaluationJob.Any<Evaluation.EntryServices> => {
  const { keepRows: _keepRows, onEnd: _onEnd, order: _order, provenance: _provenance, ...options } = mergedOptions(
    entry,
    { defaults, said: {} }
  )
  return EvaluationJob.withOptions(
    EvaluationJob.make(name, {
      payload: Payload,
      evaluation: (payload) => ({ ...evaluation, data: selected(evaluation.data, { defaults, said: payload }) }),
      data: entry.dataSchemas
    }),
    options
  )
}

/** The jobs of entries, and what they need. Two entries cannot have the same name, nor the same service in two ways. */
export const jobsOf = Effect.fnUntraced(function*(
  entries: ReadonlyArray<Located>,
  settings: RunSettings,
  cwd: string
): Effect.fn.Return<
  {
    readonly jobs: ReadonlyArray<EvaluationJob.Any<Evaluation.EntryServices>>
    readonly context: Context.Context<never>
  },
  Failure,
  Scope.Scope | Platform | TracingClient.TracingClient
> {
  const twice = entries.find(({ name }, i) => entries.findIndex((other) => other.name === name) !== i)
  if (twice !== undefined) {
    return yield* usage(`Two evaluations have the name ${twice.name}, by which jobs are submitted. Name them apart.`)
  }
  const memoMap = yield* Layer.makeMemoMap
  const base: Context.Context<never> = yield* Effect.context<Platform | TracingClient.TracingClient>()
  const services = new Map<string, { readonly service: unknown; readonly of: string }>()
  const jobs: Array<EvaluationJob.Any<Evaluation.EntryServices>> = []
  let context = base
  for (const located of entries) {
    const { context: own, evaluation } = yield* made(located, cwd, memoMap)
    for (const [key, service] of own.mapUnsafe) {
      if (base.mapUnsafe.has(key)) continue
      const known = services.get(key)
      if (known !== undefined && known.service !== service) {
        return yield* usage(
          `${known.of} and ${located.name} provide ${key} in two ways, and a worker has it in one. Start a worker for the ` +
            `file of each of them.`
        )
      }
      services.set(key, { service, of: located.name })
    }
    context = entries.length === 1 ? own : Context.merge(own, context)
    jobs.push(jobOf(located, evaluation, settings))
  }
  return { jobs, context }
})
