/**
 * LangSmith for an app: experiments are written there while they run, and datasets are read from there.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import { refuseUnknown } from "../internal/values/options.ts"
import { TracingClient } from "../TracingClient.ts"
import * as DatasetStore from "./DatasetStore.ts"
import { configuredPrivacy } from "./internal/configuration.ts"
import { clientNames, writeNames } from "./internal/optionNames.ts"
import { makePrivacy } from "./internal/privacy.ts"
import { unknownServer } from "./internal/serverInfo.ts"
import { makeSpool } from "./internal/spool.ts"
import { makeTracingClient, type Parts } from "./internal/tracingClient.ts"
import { makeUploader } from "./internal/uploader.ts"
import { Writer } from "./internal/writer.ts"
import * as LangSmithClient from "./LangSmithClient.ts"
import type * as Privacy from "./Privacy.ts"

export { Writer } from "./internal/writer.ts"

/**
 * How experiments are written.
 *
 * @category options
 * @since 0.1.0
 */
export interface WriteOptions extends Privacy.Options {
  /**
   * The dataset that experiments are on: its name or id in LangSmith. Default: the one with the name of the evaluation's
   * dataset, if there is one. Without one, the experiment is written as a project, which LangSmith does not compare.
   */
  readonly dataset?: string | undefined
  /**
   * A directory for what cannot be sent: it is sent from there when the server answers again, in this run or the next one
   * that has the same directory. Without it such rows are missing in LangSmith, and the experiment says how many.
   */
  readonly spoolDirectory?: string | undefined
  /** How much the directory takes from one run. Default 1 GiB. */
  readonly spoolMaxBytes?: number | undefined
  /** How many rows are sent in one request, at most; the limits of the server hold as well. Default 100. */
  readonly batchRows?: number | undefined
  /** How long a row waits for others. Default 1 second. */
  readonly flushInterval?: Duration.Input | undefined
  /** How many requests are under way at once. Default 4. */
  readonly uploadConcurrency?: number | undefined
  /**
   * How many bytes may wait to be sent. Beyond that, rows go to the spool directory, or the run waits if there is none.
   * Default 32 MiB.
   */
  readonly bufferBytes?: number | undefined
  /** How long a request that fails for reasons that pass is sent again before it is put aside. Default 1 minute. */
  readonly retryFor?: Duration.Input | undefined
  /**
   * How long the end of an experiment, and the end of the layer, wait for what is still to be sent. Default 30 seconds.
   */
  readonly flushTimeout?: Duration.Input | undefined
}

/**
 * How to reach LangSmith, and how experiments are written.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends LangSmithClient.Options, WriteOptions {}

/**
 * Writes experiments to LangSmith, and reads and writes its datasets. Rows are sent by fibers of their own: a server that
 * is slow or fails costs no score, and what could not be sent is counted in the experiment's `tracingFailures`. Use
 * `TracingClient.layerAll` to write a journal as well.
 *
 * **Example** (An experiment in LangSmith)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer, Redacted } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { LangSmith } from "effect-evals/langsmith"
 *
 * const live = LangSmith.layer({ apiKey: Redacted.make("lsv2_..."), spoolDirectory: "langsmith-spool" }).pipe(
 *   Layer.provide([FetchHttpClient.layer, NodeServices.layer])
 * )
 * // Evaluation.run(...).pipe(Effect.provide(live))
 * await Effect.runPromise(Effect.scoped(Layer.build(live)))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<
  LangSmithClient.LangSmithClient | TracingClient | DatasetStore.DatasetStore | Writer,
  never,
  HttpClient.HttpClient | FileSystem.FileSystem
> => {
  refuseUnknown("LangSmith.layer", options, [...clientNames, ...writeNames])
  return layerServices(options).pipe(Layer.provideMerge(LangSmithClient.layer(ofClient(options))))
}

/**
 * The same, with what is not given from the configuration, by default environment variables. Their names begin with
 * `LANGSMITH_` or `LANGCHAIN_`: `API_KEY`, `ENDPOINT`, `WORKSPACE_ID`, `HIDE_INPUTS`, `HIDE_OUTPUTS`, `HIDE_METADATA`,
 * `TRACING_SAMPLING_RATE`, `FAILED_TRACES_DIR`. LangSmith's own address requires a key.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Options = {}
): Layer.Layer<
  LangSmithClient.LangSmithClient | TracingClient | DatasetStore.DatasetStore | Writer,
  Config.ConfigError,
  HttpClient.HttpClient | FileSystem.FileSystem
> => {
  refuseUnknown("LangSmith.layerConfig", options, [...clientNames, ...writeNames])
  return Layer.unwrap(
    Effect.map(configuredPrivacy, (configured) => {
      const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
      return layerServices({ ...configured, ...given })
    })
  ).pipe(Layer.provideMerge(LangSmithClient.layerConfig(ofClient(options))))
}

/** What the client is told of it. */
const ofClient = (
  { apiKey, apiUrl, retries, timeout, transformClient, webUrl, workspaceId }: Options
): LangSmithClient.Options => ({ apiKey, apiUrl, retries, timeout, transformClient, webUrl, workspaceId })

const layerServices = (options: WriteOptions) => Layer.merge(layerWriting(options), DatasetStore.layer)

/**
 * Only the writing of experiments, on a client that is there.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerTracingClient = (
  options: WriteOptions = {}
): Layer.Layer<TracingClient | Writer, never, LangSmithClient.LangSmithClient | FileSystem.FileSystem> => {
  refuseUnknown("LangSmith.layerTracingClient", options, writeNames)
  return layerWriting(options)
}

const layerWriting = (
  options: WriteOptions
): Layer.Layer<TracingClient | Writer, never, LangSmithClient.LangSmithClient | FileSystem.FileSystem> =>
  Layer.effectContext(Effect.gen(function*() {
    const parts = yield* makeParts(options)
    return Context.make(TracingClient, TracingClient.of({ clients: [makeTracingClient(parts)] })).pipe(
      Context.add(Writer, Writer.of({ parts }))
    )
  }))

const makeParts = Effect.fnUntraced(function*(options: WriteOptions) {
  const client = yield* LangSmithClient.LangSmithClient
  const { spoolDirectory } = options
  const spool = spoolDirectory === undefined
    ? undefined
    : yield* makeSpool(spoolDirectory, options.spoolMaxBytes ?? 2 ** 30)
  const millis = (duration: Duration.Input | undefined, otherwise: Duration.Input) =>
    Duration.toMillis(Duration.fromInputUnsafe(duration ?? otherwise))
  const flushMillis = millis(options.flushTimeout, "30 seconds")
  const retryForMillis = millis(options.retryFor, "1 minute")
  // A server that does not say what it takes is given what any takes.
  const info = Effect.orElseSucceed(client.info, () => unknownServer)
  const uploader = yield* makeUploader(client, info, spool, {
    concurrency: options.uploadConcurrency ?? 4,
    bufferBytes: options.bufferBytes ?? 32 * 1024 * 1024,
    retryForMillis,
    closeMillis: flushMillis
  })
  const parts: Parts = {
    client,
    info,
    uploader,
    privacy: makePrivacy(options),
    settings: {
      dataset: options.dataset,
      batchRows: options.batchRows ?? 100,
      flushIntervalMillis: millis(options.flushInterval, "1 second"),
      flushMillis,
      // The uploader gives up before the engine does.
      writeMillis: Math.max(retryForMillis, flushMillis) + 60_000,
      spoolDirectory
    }
  }
  return parts
})

/**
 * Sends what waits in the spool directory now, and tells how many requests it sent.
 *
 * @category running
 * @since 0.1.0
 */
export const replay: Effect.Effect<number, never, Writer> = Writer.use(({ parts }) => parts.uploader.replay)
