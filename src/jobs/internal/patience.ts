/** Waiting for a database that is gone, and saying so once. */
import * as Cause from "effect/Cause"
import { EntityAddress } from "effect/cluster/EntityAddress"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Predicate from "effect/Predicate"
import * as References from "effect/References"
import * as Schedule from "effect/Schedule"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import { isDisconnected, messageOf, rollbackFailed } from "../../internal/values/databaseErrors.ts"

/**
 * Waits for a database that is gone or busy, as long as it takes: a worker that gave up would leave its work half done,
 * and could not even say so. What the database refuses for another reason is a mistake, hence a defect.
 */
export type Patiently = <A, E, R>(
  effect: Effect.Effect<A, E | SqlError, R>
) => Effect.Effect<A, Exclude<E, SqlError>, R>

/** A wait that grows to five seconds. */
const patience = Schedule.min([Schedule.exponential("100 millis", 2), Schedule.spaced("5 seconds")])

const isPassing = (error: unknown): error is SqlError =>
  isSqlError(error) && (error.isRetryable || isDisconnected(error))

/** All that waits by the same patience says together that the database is gone, and that it is back. */
export const makePatience = (): Patiently => {
  let goneSince: number | undefined
  const isGone = (error: SqlError) =>
    Effect.suspend(() => {
      if (goneSince !== undefined) return Effect.void
      goneSince = performance.now()
      return Effect.logWarning(
        `The database of the jobs does not answer: ${
          messageOf(error).replace(/\.?$/, ".")
        } Waiting until it does; nothing ` +
          "is lost."
      )
    })
  const isBack = Effect.suspend(() => {
    if (goneSince === undefined) return Effect.void
    const seconds = Math.max(1, Math.round((performance.now() - goneSince) / 1000))
    goneSince = undefined
    return Effect.logInfo(
      `The database of the jobs answers again, after ${Duration.format(Duration.seconds(seconds))}.`
    )
  })
  return (effect) =>
    Effect.suspend(() => {
      let failures = 0
      return effect.pipe(
        Effect.catchCause(rollbackFailed),
        // A connection that the server has closed is no outage: the next one may be there at once.
        Effect.tapError((error) => isPassing(error) && ++failures > 1 ? isGone(error) : Effect.void),
        Effect.retry({ schedule: patience, while: isPassing }),
        Effect.tap(() => failures > 0 ? isBack : Effect.void),
        Effect.catch((error) =>
          isSqlError(error) ? Effect.die(error) : Effect.fail(error as Exclude<typeof error, SqlError>)
        )
      )
    })
}

/**
 * Keeps `effect/cluster` from saying with a stack, each second, that it could not get at a database that is gone, since the
 * jobs say it; and that it has work for workflows of the jobs before it knows them, which it does whenever a worker starts
 * where another one has stopped; and, where there is but one worker, that it is not there yet. Nothing else is kept from
 * anybody.
 */
export const quietCluster = <A, E, R>(
  cluster: Layer.Layer<A, E, R>,
  workers: "one" | "several"
): Layer.Layer<A, E, R> =>
  Layer.provide(
    cluster,
    Layer.effect(
      Logger.CurrentLoggers,
      Effect.map(
        Effect.service(Logger.CurrentLoggers),
        (loggers) =>
          new Set(Array.from(loggers, (logger) =>
            Logger.make<unknown, unknown>((entry) =>
              isNoise(entry, workers) ? undefined : logger.log(entry)
            )))
      )
    )
  )

const isNoise = (
  { cause, fiber, logLevel, message }: Logger.Options<unknown>,
  workers: "one" | "several"
): boolean => {
  const { address, module } = Context.get(fiber.context, References.CurrentLogAnnotations)
  if (module !== "effect/cluster/Sharding") return false
  return cause.reasons.length === 0
    ? logLevel === "Warn" && (
      (address instanceof EntityAddress && address.entityType.startsWith(ownWorkflows)) ||
      (workers === "one" && String(message) === "No healthy runners available")
    )
    : cause.reasons.every((reason) => Cause.isFailReason(reason) && isOfDatabase(reason.error))
}

/** How `effect/cluster` calls the workflows of the jobs. */
const ownWorkflows = "Workflow/effect-evals/jobs/"

/** Whether an error is, or was caused by, a database that is gone. */
const isOfDatabase = (error: unknown): boolean =>
  isPassing(error) || (Predicate.hasProperty(error, "cause") && isOfDatabase(error.cause))
