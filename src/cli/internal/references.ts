/** Experiments as people name them: by id or the end of one, by name, by file, as the latest. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import * as Experiment from "../../Experiment.ts"
import * as ExperimentSource from "../../ExperimentSource.ts"
import * as Journal from "../../Journal.ts"
import * as ExperimentStore from "../../sql/ExperimentStore.ts"
import { type Failure, usage } from "./failure.ts"
import type { Project } from "./project.ts"
import { messageOf } from "./sourcePosition.ts"
import { shownStore, storeExists, storeLayer } from "./store.ts"

/** Where an experiment is. */
export type Reference =
  | { readonly _tag: "Stored"; readonly entry: ExperimentStore.Entry }
  | { readonly _tag: "File"; readonly file: string }

const latest = /^latest(?:~(\d+))?$/

const failed = (doing: string) => (error: unknown) => usage(`${doing}. ${messageOf(error)}`, error)

/** Finds the experiment that a text names; of several with a name, the latest. */
export const findExperiment = Effect.fnUntraced(function*(
  text: string,
  project: Project,
  filter: ExperimentStore.Filter = {}
): Effect.fn.Return<Reference, Failure> {
  const file = resolve(project.cwd, text)
  if (/\.jsonl?$/.test(text) && existsSync(file)) return { _tag: "File", file }
  if (/[\\/]/.test(text) || /\.jsonl?$/.test(text)) return yield* usage(`There is no file ${text}.`)
  const entry = yield* Effect.provide(findStored(text, filter, project), storeLayer(project, { create: false }))
  return { _tag: "Stored", entry }
})

/** The latest experiment that the filter lets through, if there is one. */
export const findLatest = Effect.fnUntraced(function*(
  project: Project,
  filter: ExperimentStore.Filter
): Effect.fn.Return<Reference | undefined, Failure> {
  if (!storeExists(project)) return undefined
  const [entry] = yield* ExperimentStore.ExperimentStore.use((store) =>
    Stream.runCollect(store.list({ ...filter, limit: 1 }))
  ).pipe(
    Effect.mapError(failed("The experiments cannot be listed")),
    Effect.provide(storeLayer(project, { create: false }))
  )
  return entry === undefined ? undefined : { _tag: "Stored", entry }
})

const findStored = Effect.fnUntraced(function*(
  text: string,
  filter: ExperimentStore.Filter,
  project: Project
): Effect.fn.Return<ExperimentStore.Entry, Failure, ExperimentStore.ExperimentStore> {
  const store = yield* ExperimentStore.ExperimentStore
  const orFailure = Effect.mapError(failed(`The experiment ${text} cannot be found`))
  const list = (filter: ExperimentStore.Filter) => orFailure(Stream.runCollect(store.list(filter)))
  const [, back] = latest.exec(text) ?? []
  if (latest.test(text)) {
    const [entry] = yield* list({ ...filter, offset: Number(back ?? 0), limit: 1 })
    if (entry !== undefined) return entry
    const of = filter.evaluation === undefined ? "" : ` of ${filter.evaluation}`
    const which = filter.status === "completed" ? "completed experiment" : "experiment"
    return yield* usage(
      back === undefined || back === "0"
        ? `There is no ${which}${of} in ${shownStore(project)} yet.`
        : `There are no ${Number(back) + 1} experiments${of} in ${shownStore(project)}, so ${text} is not there.`
    )
  }
  const [named] = yield* list({ ...filter, name: text, limit: 1 })
  if (named !== undefined) return named
  const id = text.toLowerCase()
  if (!/^[0-9a-f-]{4,36}$/.test(id)) return yield* notFound(text, project)
  // Ids begin with the time, so their ends tell them apart.
  const matching = (yield* list(filter)).filter(({ header }) => header.id.endsWith(id) || header.id.startsWith(id))
  const [match, another] = matching
  if (match === undefined) return yield* notFound(text, project)
  if (another !== undefined) {
    return yield* usage(
      `${text} fits several experiments: ${
        matching.slice(0, 5).map(({ header }) => `${header.id} (${header.name})`).join(", ")
      }. Give more of the id.`
    )
  }
  return match
})

const notFound = (text: string, project: Project): Failure =>
  usage(`There is no experiment ${text} in ${shownStore(project)}. See which there are: effect-evals list`)

type Data = Experiment.DataSchemas<unknown, unknown, unknown, unknown>

/** Reads an experiment with its rows, the data by schemas where there are some. */
export const readExperiment = Effect.fnUntraced(function*(
  reference: Reference,
  project: Project,
  data: Data = {}
): Effect.fn.Return<Experiment.Experiment, Failure, FileSystem.FileSystem> {
  if (reference._tag === "File") {
    const { file } = reference
    const fileSystem = yield* FileSystem.FileSystem
    const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Experiment.schema(data)))
    return yield* (file.endsWith(".jsonl")
      ? Journal.read(file, data)
      : Effect.flatMap(fileSystem.readFileString(file), decode)).pipe(
        Effect.mapError(failed(`The experiment in ${file} cannot be read`))
      )
  }
  const { id, name } = reference.entry.header
  return yield* ExperimentSource.ExperimentSource.use((source) => source.read(id, data)).pipe(
    Effect.mapError(failed(`The experiment ${name} cannot be read`)),
    Effect.provide(Layer.provide(ExperimentStore.layerTracingClient, storeLayer(project, { create: false })))
  )
})

/**
 * An experiment with those that it went on from and those that went on from it, the oldest first: each may have done what
 * the others have not. What one that completed went on from is all in it.
 */
export const lineage = Effect.fnUntraced(function*(
  reference: Reference,
  project: Project
): Effect.fn.Return<ReadonlyArray<Reference>, Failure> {
  if (reference._tag === "File") return [reference]
  const { evaluation } = reference.entry.header
  const all = yield* ExperimentStore.ExperimentStore.use((store) => Stream.runCollect(store.list({ evaluation }))).pipe(
    Effect.mapError(failed("The experiments cannot be listed")),
    Effect.provide(storeLayer(project, { create: false }))
  )
  const ids = new Set([reference.entry.header.id])
  // The newest first: whatever an experiment went on from comes after it.
  for (const { header, status } of all) {
    if (ids.has(header.id) && status !== "completed") { for (const id of header.resumes ?? []) ids.add(id) }
  }
  const entries = all.toReversed()
  for (const { header } of entries) {
    if (header.resumes?.some((id) => ids.has(id)) === true) ids.add(header.id)
  }
  return entries.filter(({ header }) => ids.has(header.id)).map((entry) => ({ _tag: "Stored", entry }))
})
