/** Comparative experiments: runs of several experiments, judged against one another. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Experiment from "../../Experiment.ts"
import { makeUuids, uuidV7 } from "../../internal/values/identity.ts"
import { toJson } from "../../internal/values/json.ts"
import type * as PairwiseEvaluation from "../../PairwiseEvaluation.ts"
import type * as PairwiseEvaluator from "../../PairwiseEvaluator.ts"
import type * as TracingClient from "../../TracingClient.ts"
import { LangSmithClient } from "../LangSmithClient.ts"
import { LangSmithError } from "../LangSmithError.ts"
import { batches } from "./batches.ts"
import { jsonPart, newBoundary } from "./multipart.ts"
import { type Project, readProject } from "./projects.ts"
import { makeRowWriter, type Piece } from "./rowParts.ts"
import { type Home, homeOf, runId } from "./runIds.ts"
import { Ticket } from "./ticket.ts"
import { isoMicros } from "./times.ts"
import { clientName, missing, type Parts } from "./tracingClient.ts"
import { comparisonUrl } from "./webUrl.ts"
import { Writer } from "./writer.ts"

/** Runs a pairwise evaluation, whose evaluators are written by the client, and sends what it says. */
export const runComparative = Effect.fnUntraced(
  function*<A extends PairwiseEvaluation.PairwiseExperiment, E, R>(
    experiments: ReadonlyArray<Experiment.Header>,
    options: Pick<PairwiseEvaluation.Options<unknown>, "name" | "description" | "metadata">,
    judge: (client: TracingClient.Client) => Effect.Effect<A, E, R>
  ): Effect.fn.Return<
    A & { readonly comparativeExperimentId: string; readonly url: string },
    E | LangSmithError,
    R | LangSmithClient | Writer
  > {
    const client = yield* LangSmithClient
    const { parts } = yield* Writer
    const projects = yield* Effect.forEach(experiments, ({ id }) => readProject(client, id), { concurrency: 4 })
    const datasetId = yield* sharedDataset(projects)
    const now = yield* Clock.currentTimeMillis
    const id = uuidV7(now)
    const name = options.name ?? `${projects.map(({ name }) => name).join(" vs. ")}-${id.slice(-8)}`
    // Before anything is judged: what LangSmith will not take is not worth paying for.
    yield* client.request({
      method: "POST",
      path: "/datasets/comparative",
      body: {
        id,
        name,
        experiment_ids: projects.map(({ id }) => id),
        reference_dataset_id: datasetId,
        description: options.description ?? null,
        created_at: isoMicros(now),
        extra: options.metadata === undefined ? {} : { metadata: parts.privacy.metadata(toJson(options.metadata)) }
      },
      idempotent: true
    }).pipe(
      // An attempt whose answer got lost.
      Effect.catchIf((error) => error.reason === "Conflict", () => Effect.void)
    )
    const ticket = new Ticket()
    return yield* Effect.scoped(Effect.gen(function*() {
      const sending = yield* openBatches(parts, ticket)
      const sources = new Map<string, string>()
      const judged = yield* judge(evaluatorRuns(parts, sending, name, id, sources))
      for (const row of judged.rows) {
        const room = sending.add(
          feedbackOf(row, { homes: experiments.map(homeOf), projects, comparativeId: id, sources, ...sending, parts })
        )
        if (room !== undefined) yield* room
      }
      yield* sending.flush
      yield* Effect.timeoutOption(parts.uploader.settled(ticket), parts.settings.flushMillis)
      const failures = yield* Effect.match(missing(ticket, parts.settings), {
        onSuccess: () => [],
        onFailure: ({ message, rows = 0 }) => [{ client: clientName, rows, message }]
      })
      return {
        ...judged,
        tracingFailures: [...judged.tracingFailures, ...failures],
        comparativeExperimentId: id,
        url: comparisonUrl(client.webUrl, projects[0]?.tenant_id ?? "", datasetId, projects.map(({ id }) => id), id)
      }
    }))
  }
)

const sharedDataset = (projects: ReadonlyArray<Project>): Effect.Effect<string, LangSmithError> => {
  const ids = new Set(projects.map(({ reference_dataset_id: id }) => id ?? undefined))
  const [id] = ids
  return ids.size === 1 && id !== undefined ? Effect.succeed(id) : Effect.fail(
    new LangSmithError({
      reason: "Invalid",
      message: `${projects.map(({ name }) => name).join(", ")} are not experiments on one and the same dataset, so ` +
        "LangSmith cannot compare them."
    })
  )
}

interface Sending {
  readonly add: (pieces: ReadonlyArray<Piece>) => Effect.Effect<void> | undefined
  readonly flush: Effect.Effect<void>
  readonly boundary: string
  readonly newId: (epochMillis: number) => string
}

const openBatches = Effect.fnUntraced(function*({ info, settings, uploader }: Parts, ticket: Ticket) {
  const boundary = newBoundary()
  const { batchBytes, batchRuns } = yield* info
  const open = yield* batches({
    boundary,
    ticket,
    uploader,
    limits: { rows: settings.batchRows, runs: batchRuns, bytes: batchBytes },
    intervalMillis: settings.flushIntervalMillis
  })
  const sending: Sending = { ...open, boundary, newId: makeUuids() }
  return sending
})

/** Where a judgement was made, for the feedback that comes from it. */
const sourceKey = (exampleId: string, repetition: number, evaluator: string): string =>
  JSON.stringify([exampleId, repetition, evaluator])

/** Writes the runs of the evaluators as they finish. */
const evaluatorRuns = (
  { privacy }: Parts,
  sending: Sending,
  name: string,
  comparativeId: string,
  sources: Map<string, string>
): TracingClient.Client => {
  const write = makeRowWriter({
    boundary: sending.boundary,
    sessionName: name,
    sessionId: "",
    home: { id: comparativeId, startTime: Number.NEGATIVE_INFINITY },
    referenceExamples: true,
    runsExist: true,
    said: new Set(),
    metadata: {},
    feedbackKeys: new Map(),
    privacy: { ...privacy, sampled: () => true },
    newId: sending.newId,
    comparative: {
      id: comparativeId,
      onEvaluatorRun: ({ example, run }, evaluator, id) => {
        sources.set(sourceKey(example.id, run.repetition, evaluator), id)
      }
    }
  })
  return {
    name: clientName,
    open: () =>
      Effect.succeed({
        record: Effect.fnUntraced(function*(rows) {
          for (const row of rows) {
            const room = sending.add(write(row))
            if (room !== undefined) yield* room
          }
        }),
        end: () => Effect.void
      })
  }
}

/** The scores of a row: feedback on each run, and what was said at once belongs to one group. */
const feedbackOf = (
  { example, judgements, repetition, runs }: PairwiseEvaluation.PairwiseRow,
  { boundary, comparativeId, newId, homes, parts: { privacy }, projects, sources }: {
    readonly boundary: string
    readonly comparativeId: string
    readonly newId: Sending["newId"]
    readonly parts: Parts
    readonly homes: ReadonlyArray<Home>
    readonly projects: ReadonlyArray<Project>
    readonly sources: ReadonlyMap<string, string>
  }
): Array<Piece> =>
  judgements.flatMap(({ evaluator, results, reversed }) => {
    const engineName = reversed ? `${evaluator} (reversed)` : evaluator
    return results.flatMap((result) => {
      const time = Math.max(...runs.map(({ endTime }) => endTime))
      const group = newId(time)
      const source = result.sourceRunId ?? sources.get(sourceKey(example.id, repetition, engineName))
      return runs.flatMap((run, i): ReadonlyArray<Piece> => {
        const score = result.scores[run.id]
        const project = projects[i]
        const home = homes[i]
        if (score === undefined || project === undefined || home === undefined) return []
        const id = newId(time)
        const about = runId(home, run)
        const comment = commentOn(result.comment, run.id)
        const text = jsonPart(
          boundary,
          `feedback.${id}`,
          JSON.stringify({
            id,
            run_id: about,
            trace_id: about,
            key: result.key,
            score,
            value: null,
            comment: comment === undefined ? null : privacy.text(comment),
            correction: null,
            feedback_source: {
              type: "api",
              metadata: {
                ...(result.metadata === undefined ? {} : { evaluator: privacy.metadata(toJson(result.metadata)) }),
                ...(source === undefined ? {} : { __run: { run_id: source } })
              }
            },
            session_id: project.id,
            start_time: isoMicros(run.startTime),
            comparative_experiment_id: comparativeId,
            feedback_group_id: group
          })
        )
        return [{ text, bytes: Buffer.byteLength(text), runs: 0 }]
      })
    })
  })

const commentOn = (
  comment: PairwiseEvaluator.ComparisonEvaluationResult["comment"],
  runId: string
): string | undefined => comment === undefined || typeof comment === "string" ? comment : comment[runId]
