/** Gathers pieces into requests: as many as fit, but not for long. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { formType } from "./multipart.ts"
import type { Piece } from "./rowParts.ts"
import type { Ticket } from "./ticket.ts"
import type { Cut, Upload, Uploader } from "./uploader.ts"

export interface Batches {
  /** Takes the pieces of a row. If a request is full now, it gives what to wait for before there are more. */
  readonly add: (pieces: ReadonlyArray<Piece>) => Effect.Effect<void> | undefined
  /** Sends what is there. */
  readonly flush: Effect.Effect<void>
}

export const batches = Effect.fnUntraced(function*(options: {
  readonly boundary: string
  readonly ticket: Ticket
  readonly uploader: Uploader
  readonly limits: { readonly rows: number; readonly runs: number; readonly bytes: number }
  /** How long a piece may wait for others. */
  readonly intervalMillis: number
}): Effect.fn.Return<Batches, never, Scope.Scope> {
  const { boundary, limits, ticket, uploader } = options
  // What the form says around its pieces.
  const maxBytes = limits.bytes - boundary.length - 10
  let texts: Array<string> = []
  let cuts: Array<Cut> = []
  let bytes = 0
  let runs = 0
  let rows = 0

  const seal = (): Upload => {
    const upload: Upload = {
      method: "POST",
      path: "/runs/multipart",
      contentType: formType(boundary),
      body: Buffer.from(texts.join("")),
      form: { boundary, cuts },
      rows,
      ticket
    }
    texts = []
    cuts = []
    bytes = 0
    runs = 0
    rows = 0
    return upload
  }

  const flush = Effect.suspend(() => texts.length === 0 ? Effect.void : uploader.offer(seal()))

  yield* Effect.sleep(options.intervalMillis).pipe(
    Effect.andThen(flush),
    Effect.forever({ disableYield: true }),
    Effect.forkScoped
  )

  return {
    add(pieces) {
      let room: Effect.Effect<void> | undefined
      const offer = () => {
        const offered = uploader.offer(seal())
        room = room === undefined ? offered : Effect.andThen(room, offered)
      }
      pieces.forEach((piece, i) => {
        const tooMuch = bytes + piece.bytes > maxBytes || runs + piece.runs > limits.runs ||
          (i === 0 && rows + 1 > limits.rows)
        if (texts.length > 0 && tooMuch) offer()
        texts.push(piece.text)
        bytes += piece.bytes
        runs += piece.runs
        // A row counts where it begins.
        if (i === 0) rows++
        cuts.push({ end: bytes, rows: i === 0 ? 1 : 0 })
      })
      return room
    },
    flush
  }
})
