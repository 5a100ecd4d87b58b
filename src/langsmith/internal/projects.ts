/** Experiments as LangSmith has them: projects ("sessions") on a dataset. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Request } from "../LangSmithClient.ts"
import { LangSmithError } from "../LangSmithError.ts"
import { isUuid } from "./rowParts.ts"

/** What sends requests. */
export interface Requests {
  readonly request: (request: Request) => Effect.Effect<unknown, LangSmithError>
}

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

/** A project as the server gives it. */
export const Project = Schema.Struct({
  id: Schema.String,
  name: Schema.String,
  tenant_id: Schema.String,
  start_time: nullish(Schema.String),
  end_time: nullish(Schema.String),
  description: nullish(Schema.String),
  reference_dataset_id: nullish(Schema.String),
  extra: nullish(JsonObject),
  run_count: nullish(Schema.Finite)
})

export interface Project extends Schema.Schema.Type<typeof Project> {}

/** A dataset, as far as an experiment has to know it. */
const DatasetRef = Schema.Struct({ id: Schema.String, name: Schema.String, tenant_id: nullish(Schema.String) })

export interface DatasetRef extends Schema.Schema.Type<typeof DatasetRef> {}

/** Decodes an answer; one that does not fit is an error that says so. */
export const decodeAnswer = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, request: string) => {
  const decode = Schema.decodeUnknownEffect(schema)
  return (answer: unknown): Effect.Effect<S["Type"], LangSmithError> =>
    Effect.mapError(
      decode(answer),
      (error) =>
        new LangSmithError({
          reason: "Unreadable",
          message: `What LangSmith answered to ${request} cannot be read: ${error.message}`,
          cause: error
        })
    )
}

const decodeProject = decodeAnswer(Project, "a request for an experiment")
const decodeProjects = decodeAnswer(Schema.Array(Project), "GET /sessions")
const decodeDatasets = decodeAnswer(Schema.Array(DatasetRef), "GET /datasets")
const decodeDataset = decodeAnswer(DatasetRef, "a request for a dataset")

/** The dataset of a name or id; `undefined` if there is none. */
export const findDataset = (
  { request }: Requests,
  nameOrId: string
): Effect.Effect<DatasetRef | undefined, LangSmithError> =>
  isUuid(nameOrId)
    ? Effect.flatMap(request({ method: "GET", path: `/datasets/${nameOrId}` }), decodeDataset).pipe(
      Effect.catchIf((error) => error.reason === "NotFound", () => Effect.undefined)
    )
    : request({ method: "GET", path: "/datasets", query: [["limit", "1"], ["name", nameOrId]] }).pipe(
      Effect.flatMap(decodeDatasets),
      Effect.map(([dataset]) => dataset)
    )

/** The experiment of a name or id. */
export const readProject = Effect.fnUntraced(function*({ request }: Requests, nameOrId: string) {
  if (isUuid(nameOrId)) {
    return yield* Effect.flatMap(request({ method: "GET", path: `/sessions/${nameOrId}` }), decodeProject)
  }
  const [project] = yield* Effect.flatMap(
    request({ method: "GET", path: "/sessions", query: [["limit", "1"], ["name", nameOrId]] }),
    decodeProjects
  )
  return project ?? (yield* new LangSmithError({
    reason: "NotFound",
    message:
      `There is no experiment ${nameOrId} in LangSmith. Check the name, and that key and workspace are those it ` +
      "belongs to."
  }))
})

/** What an experiment is created with. */
export interface NewProject {
  readonly id: string
  readonly name: string
  readonly start_time: string
  readonly description: string | null
  readonly extra: { readonly metadata: { readonly [key: string]: unknown } }
  readonly reference_dataset_id?: string | undefined
  readonly num_examples?: number | undefined
  readonly num_repetitions?: number | undefined
  readonly evaluator_keys?: ReadonlyArray<string> | undefined
}

const maxNames = 7

/**
 * Creates an experiment. Names are unique in LangSmith: if the name is taken, some of the id is added to it, and it is
 * tried again. An attempt whose answer got lost is found by its id.
 */
export const createProject = Effect.fnUntraced(function*(requests: Requests, project: NewProject) {
  const digits = project.id.replaceAll("-", "")
  for (let attempt = 0;; attempt++) {
    const name = attempt === 0 ? project.name : `${project.name}-${digits.slice(-4 - 4 * attempt)}`
    const created = yield* requests.request({
      method: "POST",
      path: "/sessions",
      body: { ...project, name },
      idempotent: true
    }).pipe(
      Effect.flatMap(decodeProject),
      Effect.catchIf((error) => error.reason === "Conflict" && attempt < maxNames, Effect.succeed)
    )
    if (!(created instanceof LangSmithError)) return created
    const own = yield* Effect.catchIf(
      readProject(requests, project.id),
      (error) => error.reason === "NotFound",
      () => Effect.undefined
    )
    if (own !== undefined) return own
  }
})
