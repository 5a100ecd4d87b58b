/**
 * Sends what is to be written, in fibers of its own. What waits is bounded in bytes; requests that fail for reasons that
 * pass are sent again, the same bytes with the same ids; what cannot be sent goes to the spool, if there is one, and from
 * there to the server when it answers again.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Zlib from "node:zlib"
import { errorLine } from "../../internal/values/causes.ts"
import type { LangSmithClient } from "../LangSmithClient.ts"
import { LangSmithError } from "../LangSmithError.ts"
import { formEnd } from "./multipart.ts"
import { delayBefore } from "./retry.ts"
import type { ServerInfo } from "./serverInfo.ts"
import type { Entry, Spool } from "./spool.ts"
import type { Ticket } from "./ticket.ts"

/** A request that is to be sent. */
export interface Upload {
  readonly method: "POST" | "PATCH"
  readonly path: string
  readonly contentType: string
  /** Of a form: without its end. */
  readonly body: Uint8Array
  /** Of a form: its boundary, and where its pieces end, so that it can be taken apart if it is too large. */
  readonly form: { readonly boundary: string; readonly cuts: ReadonlyArray<Cut> } | undefined
  readonly rows: number
  readonly ticket: Ticket
}

/** The end of a piece, and the rows that begin in it. */
export interface Cut {
  readonly end: number
  readonly rows: number
}

export interface Uploader {
  /** Takes a request. Ends when there is room for the next one. */
  readonly offer: (upload: Upload) => Effect.Effect<void>
  /** Keeps a request in the spool at once, if there is one. */
  readonly keep: (upload: Upload, why: LangSmithError) => Effect.Effect<boolean>
  /** Ends when everything of a ticket was sent or put aside. */
  readonly settled: (ticket: Ticket) => Effect.Effect<void>
  /** Sends what is in the spool, and tells how many requests it sent. */
  readonly replay: Effect.Effect<number>
}

export interface Settings {
  readonly concurrency: number
  readonly bufferBytes: number
  /** How long a request is sent again before it is put aside. */
  readonly retryForMillis: number
  readonly closeMillis: number
}

/** While the server does not answer, it is asked no more often than this. */
const probeMillis = 5000
/** Below this, compression is not worth it. */
const gzipFrom = 1024

export const makeUploader = Effect.fnUntraced(function*(
  client: LangSmithClient["Service"],
  info: Effect.Effect<ServerInfo>,
  spool: Spool | undefined,
  settings: Settings
): Effect.fn.Return<Uploader, never, Scope.Scope> {
  const queue = yield* Queue.unbounded<Upload>()
  const inFlight = new Set<Upload>()
  let bytes = 0
  let whenRoom: Array<() => void> = []
  /** The server asked to be left alone until then. */
  let pausedUntil = 0
  /** Since when the server has not answered at all, and how it failed last. */
  let down: { readonly error: LangSmithError; readonly probed: number } | undefined
  /** The files that this process has put into the spool, and whose they are. */
  const kept = new Map<string, { readonly ticket: Ticket; readonly rows: number }>()
  let replaying = false

  const done = (upload: Upload) => {
    inFlight.delete(upload)
    bytes -= upload.body.length
    if (bytes < settings.bufferBytes) {
      const awaiting = whenRoom
      whenRoom = []
      for (const resume of awaiting) resume()
    }
    upload.ticket.settle()
  }

  const sendOnce = (request: Pick<Entry, "method" | "path" | "contentType" | "contentEncoding" | "body">) =>
    client.requestOnce({
      method: request.method,
      path: request.path,
      body: request.body,
      contentType: request.contentType,
      headers: request.contentEncoding === undefined ? undefined : { "content-encoding": request.contentEncoding }
    }).pipe(
      // What the app is told about itself is no part of what it does.
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
      Effect.provideService(HttpClient.TracerPropagationEnabled, false)
    )

  const bodyOf = Effect.fnUntraced(function*({ body, form }: Upload) {
    const whole = form === undefined ? body : Buffer.concat([body, Buffer.from(formEnd(form.boundary))])
    const { gzip } = yield* info
    return gzip && whole.length >= gzipFrom
      ? { body: yield* compress(whole), contentEncoding: "gzip" as const }
      : { body: whole }
  })

  const entryOf = (upload: Upload, body: Pick<Entry, "body" | "contentEncoding">): Entry => ({
    apiUrl: client.apiUrl,
    ...(client.workspaceId === undefined ? {} : { workspaceId: client.workspaceId }),
    method: upload.method,
    path: upload.path,
    contentType: upload.contentType,
    rows: upload.rows,
    ...body
  })

  /** Puts a request aside: into the spool if there is one, else it is lost. */
  const putAside = (
    upload: Upload,
    body: Pick<Entry, "body" | "contentEncoding">,
    why: LangSmithError,
    rejected: boolean
  ): Effect.Effect<void> => {
    const { rows, ticket } = upload
    if (spool === undefined) {
      return Effect.sync(() => ticket.lose(rows, rejected ? "rejected" : "lost", why.message))
    }
    return Effect.match(spool.write(entryOf(upload, body), rejected), {
      onSuccess: (file) => {
        if (rejected) return ticket.lose(rows, "rejected", why.message)
        kept.set(file, { ticket, rows })
        ticket.keep(rows, why.message)
      },
      onFailure: (error) =>
        ticket.lose(
          rows,
          rejected ? "rejected" : "lost",
          `${why.message} It could not be kept either: ${error.message}`
        )
    })
  }

  const deliver = Effect.fnUntraced(function*(upload: Upload): Effect.fn.Return<void> {
    const body = yield* bodyOf(upload)
    if (down !== undefined && (yield* Clock.currentTimeMillis) - down.probed < probeMillis) {
      return yield* putAside(upload, body, down.error, false)
    }
    const begun = yield* Clock.currentTimeMillis
    for (let attempt = 0;; attempt++) {
      const pause = pausedUntil - (yield* Clock.currentTimeMillis)
      if (pause > 0) yield* Effect.sleep(pause)
      const error = yield* Effect.match(sendOnce({ ...upload, ...body }), {
        onSuccess: () => undefined,
        onFailure: (error) => error
      })
      if (error === undefined) {
        down = undefined
        upload.ticket.sent(upload.rows)
        return
      }
      if (error.reason === "TooLarge" && upload.form !== undefined && upload.form.cuts.length > 1) {
        for (const half of halves(upload, upload.form)) yield* deliver(half)
        return
      }
      if (isFinal(error) || isMendable(error)) return yield* putAside(upload, body, error, isFinal(error))
      const now = yield* Clock.currentTimeMillis
      const delay = yield* delayBefore(attempt, error)
      if (down !== undefined || now + delay - begun > settings.retryForMillis) {
        if (error.reason !== "RateLimited") down = { error, probed: now }
        return yield* putAside(upload, body, error, false)
      }
      if (error.retryAfterMillis === undefined) yield* Effect.sleep(delay)
      else pausedUntil = Math.max(pausedUntil, now + delay)
    }
  })

  const replayFiles = Effect.fnUntraced(function*(spool: Spool) {
    let sent = 0
    for (const file of yield* spool.waiting) {
      const entry = yield* spool.read(file)
      const belongsHere = entry !== undefined && entry.apiUrl === client.apiUrl &&
        entry.workspaceId === client.workspaceId
      if (!belongsHere) continue
      const owner = kept.get(file)
      const error = yield* Effect.match(sendOnce(entry), { onSuccess: () => undefined, onFailure: (error) => error })
      // A session that is there already was created by an attempt whose answer got lost.
      if (error === undefined || (error.reason === "Conflict" && entry.path === "/sessions")) {
        sent++
        down = undefined
        kept.delete(file)
        owner?.ticket.unkeep(owner.rows, true)
        yield* spool.remove(file)
      } else if (isFinal(error)) {
        kept.delete(file)
        owner?.ticket.unkeep(owner.rows, false)
        owner?.ticket.lose(owner.rows, "rejected", error.message)
        yield* Effect.logWarning(`LangSmith would not take ${spool.directory}/${file}: ${error.message}`)
        yield* spool.reject(file)
      } else break
    }
    return sent
  })

  const oneAtATime = yield* Semaphore.make(1)
  const replay = spool === undefined ? Effect.succeed(0) : replayFiles(spool).pipe(
    Effect.catch((error) =>
      Effect.as(Effect.logWarning(`What waits in ${spool.directory} could not be read: ${error.message}`), 0)
    ),
    Semaphore.withPermits(oneAtATime, 1)
  )
  /** For whoever has time, if nobody is at it. */
  const replayIfIdle = Effect.suspend(() => {
    if (replaying || kept.size === 0 || down !== undefined || bytes > 0) return Effect.void
    replaying = true
    return Effect.ensuring(
      replay,
      Effect.sync(() => {
        replaying = false
      })
    )
  })

  const worker = Queue.take(queue).pipe(
    Effect.flatMap((upload) =>
      deliver(upload).pipe(
        Effect.catchDefect((defect) =>
          Effect.sync(() => upload.ticket.lose(upload.rows, "lost", `It could not be sent: ${errorLine(defect)}.`))
        ),
        // Not when it is interrupted: what was not sent is put aside at the end.
        Effect.andThen(Effect.sync(() => done(upload))),
        // The server answers again, and there is time.
        Effect.andThen(replayIfIdle)
      )
    ),
    Effect.forever({ disableYield: true })
  )

  const closing = Effect.gen(function*() {
    const left = Array.from(inFlight)
    for (const upload of left) {
      const body = yield* bodyOf(upload)
      yield* putAside(upload, body, closed, false)
    }
    const rows = left.reduce((sum, { rows }) => sum + rows, 0)
    if (left.length > 0) {
      yield* Effect.logWarning(
        spool === undefined
          ? `${rows} rows were not sent to LangSmith before the end, and are lost there.`
          : `${rows} rows were not sent to LangSmith before the end. They wait in ${spool.directory}.`
      )
    }
  })
  // Added before the workers are forked, hence run after they have been interrupted.
  yield* Effect.addFinalizer(() => closing)
  for (let i = 0; i < settings.concurrency; i++) yield* Effect.forkScoped(worker)
  // Added last, hence run first: what is on its way gets some time.
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() =>
      inFlight.size === 0 ? Effect.void : Effect.callback<void>((resume) => {
        const look = () => {
          if (inFlight.size === 0) resume(Effect.void)
          else whenRoom.push(look)
        }
        look()
      })
    ).pipe(
      Effect.interruptible,
      Effect.timeoutOrElse({ duration: settings.closeMillis, orElse: () => Effect.void })
    )
  )
  if (spool !== undefined) {
    yield* replay.pipe(
      Effect.tap((sent) =>
        sent === 0
          ? Effect.void
          : Effect.logInfo(`Sent ${sent} requests to LangSmith that waited in ${spool.directory} from earlier.`)
      ),
      Effect.forkScoped
    )
  }

  return {
    offer: (upload) =>
      Effect.suspend(() => {
        upload.ticket.begin(upload.rows)
        if (spool !== undefined && bytes > 0 && bytes + upload.body.length > settings.bufferBytes) {
          // The run is not to wait for a server that is too slow, if there is another place.
          return bodyOf(upload).pipe(
            Effect.flatMap((body) => putAside(upload, body, down?.error ?? tooSlow, false)),
            Effect.ensuring(Effect.sync(() => upload.ticket.settle()))
          )
        }
        bytes += upload.body.length
        inFlight.add(upload)
        Queue.offerUnsafe(queue, upload)
        return bytes <= settings.bufferBytes ? Effect.void : Effect.callback<void>((resume) => {
          whenRoom.push(() => resume(Effect.void))
        })
      }),
    keep: (upload, why) =>
      spool === undefined ? Effect.succeed(false) : Effect.as(
        Effect.flatMap(bodyOf(upload), (body) => putAside(upload, body, why, false)),
        true
      ),
    settled: (ticket) =>
      Effect.callback((resume) => {
        if (ticket.pending === 0) resume(Effect.void)
        else ticket.onSettled(() => resume(Effect.void))
      }),
    replay
  }
})

/** A key can be mended; what was to be sent is not wrong because of it. */
const isMendable = ({ reason }: LangSmithError): boolean => reason === "WrongKey" || reason === "Forbidden"

/** The server has answered, and will not take it, now or later. */
export const isFinal = (error: LangSmithError): boolean =>
  !error.isRetryable && error.reason !== "Unreadable" && !isMendable(error)

const closed = new LangSmithError({
  reason: "Unavailable",
  message: "The program ended before it was sent."
})

const tooSlow = new LangSmithError({
  reason: "Unavailable",
  message: "LangSmith took the rows more slowly than they came."
})

const halves = (upload: Upload, { boundary, cuts }: NonNullable<Upload["form"]>): ReadonlyArray<Upload> => {
  const middle = cuts.length >> 1
  const at = cuts[middle - 1]?.end ?? 0
  const part = (body: Uint8Array, of: ReadonlyArray<Cut>, offset: number): Upload => ({
    ...upload,
    body,
    form: { boundary, cuts: of.map(({ end, rows }) => ({ end: end - offset, rows })) },
    rows: of.reduce((sum, { rows }) => sum + rows, 0)
  })
  return [
    part(upload.body.subarray(0, at), cuts.slice(0, middle), 0),
    part(upload.body.subarray(at), cuts.slice(middle), at)
  ]
}

/** On the threads of the runtime, not on this one. */
const compress = (body: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.callback((resume) => {
    Zlib.gzip(body, { level: 3 }, (error, compressed) =>
      resume(error === null ? Effect.succeed(compressed) : Effect.die(error)))
  })
