/** The runs of an experiment, by whichever query the server answers. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { LangSmithClient } from "../LangSmithClient.ts"
import type { LangSmithError } from "../LangSmithError.ts"
import { decodeAnswer, type Project } from "./projects.ts"
import { unknownServer } from "./serverInfo.ts"
import { millisOf } from "./times.ts"

const JsonObject = Schema.Record(Schema.String, Schema.Unknown)

const nullish = <S extends Schema.Constraint>(schema: S) => Schema.optional(Schema.NullOr(schema))

/** What both queries say of a run by the same names. */
const common = {
  id: Schema.String,
  name: Schema.String,
  run_type: nullish(Schema.String),
  trace_id: nullish(Schema.String),
  inputs: Schema.optional(Schema.Unknown),
  outputs: Schema.optional(Schema.Unknown),
  error: nullish(Schema.String),
  start_time: Schema.optional(Schema.Unknown),
  end_time: Schema.optional(Schema.Unknown),
  reference_example_id: nullish(Schema.String),
  extra: nullish(JsonObject),
  tags: nullish(Schema.Array(Schema.String)),
  prompt_tokens: nullish(Schema.Finite),
  completion_tokens: nullish(Schema.Finite),
  total_cost: Schema.optional(Schema.Unknown)
}

const RunAnswer = Schema.Struct({ ...common, parent_run_id: nullish(Schema.String) })

export interface RunAnswer extends Schema.Schema.Type<typeof RunAnswer> {}

const decodeRuns = decodeAnswer(
  Schema.Struct({
    runs: Schema.Array(RunAnswer),
    cursors: nullish(Schema.Struct({ next: nullish(Schema.String) }))
  }),
  "POST /runs/query"
)

const decodeItems = decodeAnswer(
  Schema.Struct({
    items: nullish(Schema.Array(Schema.Struct({ ...common, parent_run_ids: nullish(Schema.Array(Schema.String)) }))),
    next_cursor: nullish(Schema.String)
  }),
  "POST /api/v2/runs/query"
)

/** What is asked of runs, beside how they hang together. */
const fields = [...Object.keys(common), "dotted_order"]

type Client = Pick<LangSmithClient["Service"], "apiUrl" | "info" | "request">

/** All pages of an answer, from the first one on. */
const pages = (
  page: (cursor: string | undefined) => Effect.Effect<
    readonly [runs: ReadonlyArray<RunAnswer>, next: string | null | undefined],
    LangSmithError
  >
) =>
  Stream.runCollect(
    Stream.paginate(undefined as string | undefined, (cursor) =>
      Effect.map(page(cursor), ([runs, next]) =>
        [
          runs,
          // An empty text stands for none, too.
          next === "" ? Option.none() : Option.fromNullishOr(next)
        ] as const))
  )

const queried = (client: Client, project: Project, nested: boolean) =>
  pages((cursor) =>
    client.request({
      method: "POST",
      path: "/runs/query",
      body: {
        session: [project.id],
        select: [...fields, "parent_run_id", "session_id"],
        ...(nested ? {} : { is_root: true }),
        ...(cursor === undefined ? {} : { cursor })
      },
      idempotent: true
    }).pipe(
      Effect.flatMap(decodeRuns),
      Effect.map(({ cursors, runs }) => [runs, cursors?.next] as const)
    )
  )

/**
 * Without a time, only the last day is looked at. Runs that were taken over from another experiment are older than their
 * own; LangSmith keeps none for more than 400 days.
 */
const longestKept = 400 * 24 * 60 * 60 * 1000

const queriedAgain = (client: Client, project: Project, nested: boolean) =>
  pages((cursor) =>
    client.request({
      method: "POST",
      path: secondPath(client.apiUrl),
      body: {
        project_ids: [project.id],
        min_start_time: new Date(Math.max(0, (millisOf(project.start_time) ?? 0) - longestKept)).toISOString(),
        selects: [...fields, "parent_run_ids", "project_id"].map((field) => field.toUpperCase()),
        ...(nested ? {} : { is_root: true }),
        ...(cursor === undefined ? {} : { cursor })
      },
      idempotent: true
    }).pipe(
      Effect.flatMap(decodeItems),
      Effect.map(({ items, next_cursor }) =>
        [
          (items ?? []).map(({ parent_run_ids, run_type, ...run }): RunAnswer => ({
            ...run,
            run_type: run_type?.toLowerCase(),
            parent_run_id: parent_run_ids?.at(-1)
          })),
          next_cursor
        ] as const
      )
    )
  )

/** The second query lies beside the API of the first one, which some addresses name and others do not. */
export const secondPath = (apiUrl: string): string =>
  apiUrl.endsWith("/api/v1")
    ? "/../v2/runs/query"
    : apiUrl.endsWith("/api")
    ? "/v2/runs/query"
    : "/api/v2/runs/query"

/** The runs of an experiment; those below the runs of the target as well if `nested`. */
export const readRuns = (client: Client, project: Project, nested: boolean) =>
  Effect.orElseSucceed(client.info, () => unknownServer).pipe(
    Effect.flatMap(({ secondQueryOnly }) => (secondQueryOnly ? queriedAgain : queried)(client, project, nested))
  )
