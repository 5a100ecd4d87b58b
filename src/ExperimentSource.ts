/**
 * Where experiments are read back from by id or name, so that a run may go on where others were cut short, or have what
 * they did judged anew. Whatever a tracing client has written can be read back by the same layer.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Experiment from "./Experiment.ts"
import type { ClaimStore } from "./internal/claims/claim.ts"

export { ExperimentInUse } from "./internal/claims/claim.ts"

/**
 * Experiments could not be read back.
 *
 * - `NotFound`: there is none with that id or name;
 * - `Unreadable`: it is there, and cannot be read; the message says why.
 *
 * @category errors
 * @since 0.1.0
 */
export class ExperimentSourceError extends Schema.TaggedError<ExperimentSourceError>()("ExperimentSourceError", {
  /** Such as `the journals in ./evals`. */
  source: Schema.String,
  reason: Schema.Literals(["NotFound", "Unreadable"]),
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

/**
 * The service. `TracingClient.layerJournal` and `layerMemory` provide it, and so does `ExperimentStore.layerTracingClient`
 * of `effect-evals/sql`; of several in `TracingClient.layerAll`, the last one counts.
 *
 * @category services
 * @since 0.1.0
 */
export class ExperimentSource extends Context.Service<ExperimentSource, {
  /** Such as `the journals in ./evals`, for messages. */
  readonly name: string
  /** The header of an experiment, if there is one with this id. */
  readonly withId: (id: string) => Effect.Effect<Experiment.Header | undefined, ExperimentSourceError>
  /** The headers of the experiments of a name, the oldest first. */
  readonly named: (name: string) => Effect.Effect<ReadonlyArray<Experiment.Header>, ExperimentSourceError>
  /** An experiment with its rows. Data is read by the schemas that are given for it, else it is what was kept of it. */
  readonly read: <Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
    id: string,
    data?: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
  ) => Effect.Effect<Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>, ExperimentSourceError>
  /** Where it is kept who is at work on what, so that no two processes pay for the same. */
  readonly claims: ClaimStore<ExperimentSourceError>
}>()("effect-evals/ExperimentSource") {}

/**
 * The experiment with this id, or else the latest one of this name.
 *
 * **Example** (What was the mean last night?)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Dataset, Evaluation, ExperimentSource, TracingClient } from "effect-evals"
 *
 * const program = Effect.gen(function*() {
 *   const data = Dataset.fromIterable("numbers", [{ inputs: 2 }, { inputs: 4 }])
 *   yield* Evaluation.run(Evaluation.make("double", { data, target: (n) => n * 2 }), { name: "nightly" })
 *   return yield* ExperimentSource.read("nightly", { outputs: Schema.Number })
 * })
 * const { rows } = await Effect.runPromise(program.pipe(Effect.provide(TracingClient.layerMemory)))
 * console.log(rows.map(({ run }) => run.outputs)) // => [ 4, 8 ]
 * ```
 *
 * @category reading
 * @since 0.1.0
 */
export const read = Effect.fnUntraced(
  function*<Inputs = unknown, Outputs = unknown, ReferenceOutputs = unknown, Metadata = unknown>(
    idOrName: string,
    data?: Experiment.DataSchemas<Inputs, Outputs, ReferenceOutputs, Metadata>
  ): Effect.fn.Return<
    Experiment.Experiment<Inputs, Outputs, ReferenceOutputs, Metadata>,
    ExperimentSourceError,
    ExperimentSource
  > {
    const source = yield* ExperimentSource
    const header = (yield* source.withId(idOrName)) ?? (yield* source.named(idOrName)).at(-1)
    return header === undefined
      ? yield* new ExperimentSourceError({
        source: source.name,
        reason: "NotFound",
        message: `There is no experiment with the id or name ${idOrName} in ${source.name}.`
      })
      : yield* source.read(header.id, data)
  }
)
