/** The client that writes an experiment to LangSmith while it runs. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Experiment from "../../Experiment.ts"
import { makeUuids } from "../../internal/values/identity.ts"
import { type Json, toJson } from "../../internal/values/json.ts"
import type * as Outcome from "../../Outcome.ts"
import type * as Row from "../../Row.ts"
import * as TracingClient from "../../TracingClient.ts"
import type { LangSmithClient } from "../LangSmithClient.ts"
import type { LangSmithError } from "../LangSmithError.ts"
import { batches } from "./batches.ts"
import { summaryFeedback } from "./feedback.ts"
import { newBoundary } from "./multipart.ts"
import type { Privacy } from "./privacy.ts"
import { createProject, type DatasetRef, findDataset, type NewProject, type Project } from "./projects.ts"
import { isUuid, makeRowWriter } from "./rowParts.ts"
import type { Home } from "./runIds.ts"
import type { ServerInfo } from "./serverInfo.ts"
import { isRecord } from "./spans.ts"
import { Ticket } from "./ticket.ts"
import { isoMicros, millisOf } from "./times.ts"
import { isFinal, type Upload, type Uploader } from "./uploader.ts"
import { comparisonUrl, projectUrl } from "./webUrl.ts"

export interface Parts {
  readonly client: LangSmithClient["Service"]
  readonly info: Effect.Effect<ServerInfo>
  readonly uploader: Uploader
  readonly privacy: Privacy
  readonly settings: Settings
}

export interface Settings {
  /** The dataset that experiments are on: a name or id, or `undefined` for the one that the data is named after. */
  readonly dataset: string | undefined
  /** Rows in one request, at most. */
  readonly batchRows: number
  readonly flushIntervalMillis: number
  readonly flushMillis: number
  readonly writeMillis: number
  readonly spoolDirectory: string | undefined
}

/** An experiment of the server's that is there already, to which only evaluations are added. */
export interface Existing {
  readonly project: Project
  readonly home: Home
  /** What evaluators said before, which is there already. */
  readonly said: ReadonlySet<Outcome.Outcome>
}

export const clientName = "LangSmith"

const failed = (error: LangSmithError) =>
  new TracingClient.TracingError({ client: clientName, message: error.message, cause: error })

export const makeTracingClient = (parts: Parts, existing?: Existing): TracingClient.Client => ({
  name: clientName,
  batchSize: 100,
  writeTimeout: Duration.millis(parts.settings.writeMillis),
  flushTimeout: Duration.millis(parts.settings.flushMillis * 2 + 5000),
  open: (header) => Effect.mapError(openSession(parts, header, existing), failed)
})

const openSession = Effect.fnUntraced(function*(
  { client, info, privacy, settings, uploader }: Parts,
  header: Experiment.Header,
  existing: Existing | undefined
) {
  const ticket = new Ticket()
  const json = (method: Upload["method"], path: string, body: unknown): Upload => ({
    method,
    path,
    contentType: "application/json",
    body: Buffer.from(JSON.stringify(body)),
    form: undefined,
    rows: 0,
    ticket
  })
  const boundary = newBoundary()
  const newId = makeUuids()
  const userMetadata = toRecord(privacy.metadata(toJson(header.metadata)))
  const [project, { batchBytes, batchRuns }] = yield* Effect.all([
    existing === undefined
      ? begin({ client, privacy, settings, uploader }, header, userMetadata, json)
      : Effect.succeed(existing.project),
    info
  ], { concurrency: 2 })
  const splits = new Set<string>()
  const version = datasetVersion(header)
  const write = makeRowWriter({
    boundary,
    sessionName: project.name,
    sessionId: project.id,
    home: existing?.home ?? header,
    referenceExamples: project.reference_dataset_id !== undefined && project.reference_dataset_id !== null,
    runsExist: existing !== undefined,
    said: existing?.said ?? new Set(),
    metadata: {
      ...userMetadata,
      num_repetitions: header.repetitions,
      ...(version === undefined ? {} : { example_version: version })
    },
    feedbackKeys: new Map(header.evaluators.map(({ feedbackKeys, name }) => [name, feedbackKeys])),
    privacy,
    newId
  })
  const sending = yield* batches({
    boundary,
    ticket,
    uploader,
    limits: { rows: settings.batchRows, runs: batchRuns, bytes: batchBytes },
    intervalMillis: settings.flushIntervalMillis
  })
  /** Sends what was put aside, as long as the server takes it. */
  const fromSpool: Effect.Effect<void> = Effect.suspend(() =>
    ticket.rows.kept === 0 && ticket.others === 0
      ? Effect.void
      : Effect.flatMap(uploader.replay, (sent) => sent > 0 ? fromSpool : Effect.void)
  )
  /** Waits for what is on its way, but not for ever. */
  const settledAfter = (offered: Effect.Effect<void>) =>
    offered.pipe(
      Effect.andThen(uploader.settled(ticket)),
      Effect.andThen(fromSpool),
      Effect.timeoutOption(settings.flushMillis)
    )
  const session: TracingClient.Session = {
    record: Effect.fnUntraced(function*(rows: ReadonlyArray<Row.Row>) {
      for (const row of rows) {
        for (const split of row.example.splits) splits.add(split)
        const room = sending.add(write(row))
        if (room !== undefined) yield* room
      }
    }),
    flush: Effect.andThen(settledAfter(sending.flush), Effect.suspend(() => missing(ticket, settings))),
    end: Effect.fnUntraced(function*(footer: Experiment.Footer) {
      const now = yield* Clock.currentTimeMillis
      const before = ticket.others
      const feedback = summaryFeedback(
        footer.summaryResults,
        project.id,
        privacy,
        () => newId(now),
        isoMicros(footer.endTime)
      )
      const ending = existing !== undefined ? [] : [
        json("PATCH", `/sessions/${project.id}`, {
          end_time: isoMicros(footer.endTime),
          extra: {
            metadata: {
              ...projectMetadata(header, userMetadata),
              ...(splits.size === 0 ? {} : { dataset_splits: Array.from(splits).sort() }),
              experiment_status: footer.status,
              row_count: footer.rowCount,
              ...(footer.error === undefined ? {} : { experiment_error: privacy.text(footer.error) })
            }
          }
        })
      ]
      const uploads = [...feedback.map((said) => json("POST", "/feedback", said)), ...ending]
      yield* settledAfter(Effect.forEach(uploads, uploader.offer, { discard: true }))
      const others = ticket.others - before + ticket.pending
      if (others > 0) {
        return yield* new TracingClient.TracingError({
          client: clientName,
          rows: 0,
          message: `${others} requests that end the experiment in LangSmith (its end, summaries) were not sent` +
            `${whereKept(settings)}. ${ticket.why}`
        })
      }
    })
  }
  return session
})

/** Creates the experiment; if the server does not answer but there is a spool, that is done when it is sent from there. */
const begin = Effect.fnUntraced(function*(
  { client, privacy, settings, uploader }: Omit<Parts, "info">,
  header: Experiment.Header,
  userMetadata: { readonly [key: string]: Json },
  json: (method: Upload["method"], path: string, body: unknown) => Upload
) {
  const wanted = settings.dataset ?? header.dataset.name
  const unsent = { id: header.id, name: header.name, tenant_id: "" }
  let dataset: DatasetRef | undefined
  const offline = (error: LangSmithError, project: NewProject) =>
    isFinal(error)
      ? Effect.fail(error)
      : Effect.flatMap(uploader.keep(json("POST", "/sessions", project), error), (kept): Effect.Effect<
        Project,
        LangSmithError
      > =>
        kept
          ? Effect.as(
            Effect.logWarning(`${error.message} What is written waits in ${settings.spoolDirectory}.`),
            { ...unsent, name: project.name, reference_dataset_id: project.reference_dataset_id }
          )
          : Effect.fail(error))
  const newProject = (): NewProject => ({
    id: header.id,
    name: header.name,
    start_time: isoMicros(header.startTime),
    description: header.description === undefined ? null : privacy.text(header.description),
    extra: { metadata: projectMetadata(header, userMetadata) },
    ...(dataset === undefined && !isUuid(wanted) ? {} : { reference_dataset_id: dataset?.id ?? wanted }),
    ...(header.dataset.size === undefined ? {} : { num_examples: header.dataset.size }),
    num_repetitions: header.repetitions,
    evaluator_keys: header.evaluators.flatMap(({ feedbackKeys, name }) =>
      feedbackKeys.length === 0 ? [name] : feedbackKeys
    )
  })
  const project = yield* findDataset(client, wanted).pipe(
    Effect.tap((found) =>
      Effect.sync(() => {
        dataset = found
      })
    ),
    Effect.tap((found) =>
      found === undefined
        ? Effect.logWarning(
          `LangSmith has no dataset ${wanted}, so the experiment ${header.name} is written as a project without one; it ` +
            "cannot be compared there with others. Create the dataset (DatasetStore), or say which it is (dataset)."
        )
        : Effect.void
    ),
    Effect.andThen(Effect.suspend(() => createProject(client, newProject()))),
    Effect.catch((error) => offline(error, newProject()))
  )
  if (project.tenant_id !== "") yield* Effect.logInfo(`${project.name} in LangSmith: ${experimentUrl(client, project)}`)
  return project
})

/** Where people look at an experiment. */
export const experimentUrl = (client: Pick<LangSmithClient["Service"], "webUrl">, project: Project): string =>
  project.reference_dataset_id === undefined || project.reference_dataset_id === null
    ? projectUrl(client.webUrl, project.tenant_id, project.id)
    : comparisonUrl(client.webUrl, project.tenant_id, project.reference_dataset_id, [project.id])

/** What the experiment says about itself. */
const projectMetadata = (header: Experiment.Header, userMetadata: { readonly [key: string]: Json }): {
  readonly [key: string]: Json
} => {
  const version = datasetVersion(header)
  return {
    ...userMetadata,
    ...toRecord(toJson(header.provenance)),
    num_repetitions: header.repetitions,
    ...(version === undefined ? {} : { dataset_version: version }),
    ...(header.dataset.steps.length === 0 ? {} : { dataset_steps: header.dataset.steps }),
    ...(header.tags.length === 0 ? {} : { tags: header.tags }),
    target: header.target.name,
    target_fingerprint: header.target.fingerprint,
    ...(header.resumes === undefined ? {} : { resumes: header.resumes })
  }
}

/** Versions of datasets in LangSmith are times; what others name their versions by means nothing there. */
const datasetVersion = ({ dataset: { version } }: Experiment.Header): string | undefined =>
  version !== undefined && millisOf(version) !== undefined && /^\d{4}-\d\d-\d\dT/.test(version) ? version : undefined

const toRecord = (json: Json): { readonly [key: string]: Json } => isRecord(json) ? json : {}

const whereKept = ({ spoolDirectory }: Settings): string =>
  spoolDirectory === undefined ? "" : `; they wait in ${spoolDirectory}`

/** What is missing on the server, in words. */
export const missing = (ticket: Ticket, settings: Settings): Effect.Effect<void, TracingClient.TracingError> => {
  const { kept, lost, offered, rejected, sent } = ticket.rows
  const underWay = offered - sent - kept - lost - rejected
  const parts = [
    kept === 0
      ? undefined
      : `${kept} rows wait in ${settings.spoolDirectory} and are sent when LangSmith answers again`,
    lost === 0 ? undefined : `${lost} rows could not be sent and are lost in LangSmith` +
      (settings.spoolDirectory === undefined ? " (spoolDirectory would keep such rows)" : ""),
    rejected === 0 ? undefined : `${rejected} rows were refused` +
      (settings.spoolDirectory === undefined ? "" : `; they are kept in ${settings.spoolDirectory}`),
    underWay === 0 ? undefined : `${underWay} rows are still on their way`
  ].filter((part) => part !== undefined)
  if (parts.length === 0) return Effect.void
  return Effect.fail(
    new TracingClient.TracingError({
      client: clientName,
      rows: kept + lost + rejected + underWay,
      message: `${parts.join("; ")}. ${ticket.why}`.trim()
    })
  )
}
