/**
 * A claim keeps two processes from doing the same work at the same time. Whoever has it says again and again that it is
 * still there; a process that died says so no more, and loses it.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import { pause } from "../values/pause.ts"
import { type Holder, thisProcess } from "./holder.ts"

/**
 * Somebody else is doing the same work: both would pay for it.
 *
 * @category errors
 * @since 0.1.0
 */
export class ExperimentInUse extends Schema.TaggedError<ExperimentInUse>()("ExperimentInUse", {
  /** The name or the id of the experiment. */
  experiment: Schema.String,
  /** Where the process runs. */
  host: Schema.String,
  /** The number of the process there. */
  pid: Schema.Int,
  /** Since when it has been at work, in milliseconds since 1970. */
  since: Schema.Finite,
  message: Schema.String
}) {}

/** Whoever has a claim, and how often it has said that it is still there. */
export interface Held extends Holder {
  readonly beat: number
}

/** Where claims are kept. */
export interface ClaimStore<E> {
  /** How often the holder says that it is still there, in milliseconds; a fraction of the lease. Default 5,000. */
  readonly beatMillis?: number | undefined
  /** Takes the claim, unless somebody has it who was heard of within the lease and is not gone: then it gives that one. */
  readonly take: (key: string, token: string, holder: Holder) => Effect.Effect<Held | undefined, E>
  /** Says that the holder is still there. Gives `false` if it has the claim no more. */
  readonly beat: (key: string, token: string) => Effect.Effect<boolean, E>
  readonly release: (key: string, token: string) => Effect.Effect<void, E>
}

/** A claim that one has. */
export interface Claim {
  /** Fails when somebody else has taken it, because nothing was heard of this process for too long. */
  readonly lost: Effect.Effect<never, ExperimentInUse>
}

/** How long a claim holds after its holder was last heard of. */
export const leaseMillis = 30_000
const defaultBeatMillis = 5_000
/** How often a claim that somebody has is asked for again. */
const askMillis = 500

/**
 * Takes the claim until the scope closes. If somebody has it, it waits until it is free; or, where it is not to wait, it
 * fails as soon as it is known that the holder is alive.
 */
export const claim = Effect.fnUntraced(function*<E>(
  store: ClaimStore<E>,
  key: string,
  whenInUse: "fail" | "wait"
): Effect.fn.Return<Claim, ExperimentInUse | E, Scope.Scope> {
  const token = Crypto.randomUUID()
  const holder = thisProcess()
  yield* Effect.acquireRelease(
    taken(store, key, token, holder, whenInUse),
    () => Effect.ignore(store.release(key, token))
  )
  const lost = yield* Deferred.make<never, ExperimentInUse>()
  yield* restedBeats(store, key, token).pipe(
    Effect.andThen(Deferred.fail(lost, lostTo(key, holder))),
    Effect.forkScoped
  )
  return { lost: Deferred.await(lost) }
})

const taken = Effect.fnUntraced(function*<E>(
  store: ClaimStore<E>,
  key: string,
  token: string,
  holder: Holder,
  whenInUse: "fail" | "wait"
): Effect.fn.Return<void, ExperimentInUse | E> {
  const first = yield* store.take(key, token, holder)
  let held = first
  if (held !== undefined && whenInUse === "wait") {
    yield* Effect.logInfo(`${who(key, held)} This one waits for it.`)
  }
  while (held !== undefined) {
    // On this machine one can look; of a process elsewhere it takes a sign of life to know.
    const alive = held.host === holder.host || held.beat !== first?.beat
    if (whenInUse === "fail" && alive) return yield* inUse(key, held)
    // Whoever waits can be interrupted; from taking it to giving it back, nothing comes between.
    yield* Effect.interruptible(pause(askMillis))
    held = yield* store.take(key, token, holder)
  }
})

/** Ends when the claim is lost. That the store cannot be reached for a while is no reason to give up. */
const restedBeats = <E>(store: ClaimStore<E>, key: string, token: string): Effect.Effect<void> =>
  pause(store.beatMillis ?? defaultBeatMillis).pipe(
    Effect.andThen(Effect.orElseSucceed(store.beat(key, token), () => true)),
    Effect.repeat({ while: (held) => held }),
    Effect.asVoid
  )

const who = (key: string, { host, pid, since }: Holder): string =>
  `Process ${pid} on ${hostName(host)} has been at work on ${key} since ${new Date(since).toISOString()}.`

/** Without the part that tells one container from another. */
const hostName = (host: string): string => host.split(" ")[0] ?? host

const inUse = (key: string, holder: Holder): ExperimentInUse =>
  new ExperimentInUse({
    experiment: key,
    host: hostName(holder.host),
    pid: holder.pid,
    since: holder.since,
    message:
      `${who(key, holder)} Two at once would pay for the same rows twice. Let it end or stop it, or wait for it ` +
      `with { whenInUse: "wait" }; what it has done is then taken over.`
  })

const lostTo = (key: string, holder: Holder): ExperimentInUse =>
  new ExperimentInUse({
    experiment: key,
    host: hostName(holder.host),
    pid: holder.pid,
    since: holder.since,
    message: `Another process has taken over the work on ${key}, because nothing was heard of this one for more than ` +
      `${leaseMillis / 1000} seconds; was it suspended? The rows that are done are kept.`
  })
