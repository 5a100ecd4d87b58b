/**
 * The experiments of a store in a browser: over time, side by side, row by row, and while they run; what people say about
 * rows is written back. It listens on this machine alone, and only answers to whoever has the token in its address.
 *
 * @since 0.1.0
 */
import * as ByteSize from "effect/ByteSize"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiSwagger from "effect/http-api/HttpApiSwagger"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerError from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { EvaluationJobs } from "../jobs/EvaluationJobs.ts"
import type { ExperimentStore } from "../sql/ExperimentStore.ts"
import { Api } from "./Api.ts"
import { layerAuthorization, layerGuard } from "./internal/guard.ts"
import { experimentHandlers } from "./internal/handlers.ts"
import { jobHandlers } from "./internal/jobHandlers.ts"
import * as NodeHttpServer from "./internal/nodeHttpServer.ts"
import { layerPages } from "./internal/pages.ts"

/**
 * How the view is served.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** What whoever asks must know. */
  readonly token: Redacted.Redacted
  /** The names, with ports, by which it is asked for, besides those of this machine, such as `evals.example.com`. */
  readonly hosts?: ReadonlyArray<string> | undefined
  /** The jobs that the HTTP interface is to offer. Default: none. */
  readonly jobs?: EvaluationJobs["Service"] | undefined
  /** How large a request may be. Default 1 MiB. */
  readonly maxBodySize?: ByteSize.Input | undefined
}

/**
 * The view on a server of yours. `serve` is what most people need.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (options: Options): Layer.Layer<never, never, HttpServer.HttpServer | ExperimentStore> => {
  const path = `/${Redacted.value(options.token)}` as const
  const api = HttpApiBuilder.layer(Api, { openapiPath: `${path}/openapi.json` }).pipe(
    Layer.provide([experimentHandlers, jobHandlers(options.jobs)]),
    Layer.provide(layerAuthorization(options.token))
  )
  const routes = Layer.mergeAll(
    api,
    HttpApiSwagger.layer(Api, { path: `${path}/docs` }),
    layerPages(options.token),
    layerGuard(options.hosts ?? [])
  )
  return HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
    Layer.provide(NodeHttpServer.layerHttpServices),
    Layer.provide(
      Layer.succeed(HttpIncomingMessage.MaxBodySize, bodySize(options.maxBodySize))
    )
  )
}

/** The default is beside the type of the option: together, they are too much for the type checker. */
const bodySize = (given: ByteSize.Input | undefined): ByteSize.ByteSize =>
  given === undefined ? ByteSize.fromInputUnsafe("1 MiB") : ByteSize.fromInputUnsafe(given)

/**
 * Where the view is.
 *
 * @category models
 * @since 0.1.0
 */
export interface Served {
  /** The address to open, with the token. Whoever has it can read the store and write feedback. */
  readonly url: string
  /** The address of the HTTP interface, without the token. */
  readonly api: string
  readonly token: Redacted.Redacted
}

/**
 * Serves the view on the loopback interface until the scope closes. Without a token there is a new one each time.
 *
 * **Example** (Open the address that it prints)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { ExperimentStore } from "effect-evals/sql"
 * import { View } from "effect-evals/view"
 *
 * const program = Effect.gen(function*() {
 *   const { url } = yield* View.serve({ port: 0 })
 *   const response = yield* Effect.promise(() => fetch(url))
 *   console.log(response.status, (yield* Effect.promise(() => response.text())).includes("There is no experiment yet.")) // => 200 true
 *   const guessed = yield* Effect.promise(() => fetch(new URL("/guess/", url)))
 *   console.log(guessed.status) // => 404
 * })
 * await Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(ExperimentStore.layerMemory)))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const serve = (
  options: Partial<Options> & {
    /** Default 4983; 0 takes one that is free. */
    readonly port?: number | undefined
  } = {}
): Effect.Effect<Served, HttpServerError.ServeError, ExperimentStore | Scope.Scope> =>
  Effect.gen(function*() {
    const token = options.token ?? Redacted.make(randomBytes(24).toString("base64url"))
    const context = yield* Layer.build(
      layer({ ...options, token }).pipe(
        Layer.provideMerge(
          NodeHttpServer.layerServer(createServer, { host: "127.0.0.1", port: options.port ?? 4983 })
        )
      )
    )
    const { address } = Context.get(context, HttpServer.HttpServer)
    const origin = HttpServer.formatAddress(address)
    return { url: `${origin}/${Redacted.value(token)}/`, api: `${origin}/api`, token }
  })
