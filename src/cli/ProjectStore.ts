/**
 * The store of the project that a process runs in: the one that `effect-evals` writes experiments to and has datasets in.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { DatasetStore } from "../sql/DatasetStore.ts"
import type { ExperimentStore } from "../sql/ExperimentStore.ts"

/**
 * The store cannot be used: its file is no database, say, or the configuration that names it is not right.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProjectStoreError extends Schema.TaggedError<ProjectStoreError>()("ProjectStoreError", {
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

/**
 * The datasets and experiments of the project, as the command line knows them: `--store` or `EFFECT_EVALS_STORE`, else what
 * the configuration says, else `.effect-evals/evals.db`, looked for from the current directory upwards. It is made if it is
 * not there.
 *
 * **Example** (An evaluation on a dataset that `effect-evals datasets import` has taken in)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Evaluation } from "effect-evals"
 * import { ProjectStore } from "effect-evals/cli"
 * import { DatasetStore } from "effect-evals/sql"
 *
 * const evaluation = DatasetStore.dataset("tickets", { inputs: Schema.String }).pipe(
 *   Effect.map((data) => Evaluation.make("support", { data, target: (text) => text.length }))
 * )
 *
 * export default Evaluation.entry(evaluation, { layer: ProjectStore.layer })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<DatasetStore | ExperimentStore, ProjectStoreError> = Layer.unwrap(
  Effect.gen(function*() {
    // Loaded when it is wanted: configurations import this module's neighbour, and no database.
    const [{ findProject }, { storeLayer }] = yield* Effect.promise(() =>
      Promise.all([import("./internal/project.ts"), import("./internal/store.ts")])
    )
    const project = yield* findProject({ store: undefined, config: undefined })
    return storeLayer(project, { create: true })
  })
).pipe(
  Layer.catch((failure) =>
    Layer.effectContext(Effect.fail(new ProjectStoreError({ message: failure.message, cause: failure.cause })))
  )
)
