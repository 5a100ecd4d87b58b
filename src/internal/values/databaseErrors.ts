/** What is to be known about errors of databases, beyond what `effect/sql` says of them. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

/** PostgreSQL's client says what it was doing; why it failed is what the server or the network said. */
export const messageOf = ({ reason }: SqlError): string =>
  codeOf(reason) === undefined || !(reason.cause instanceof Error) || reason.message.includes(reason.cause.message)
    ? reason.message
    : `${reason.message}: ${reason.cause.message}`

const codeOf = ({ cause }: SqlError["reason"]): string | undefined =>
  Predicate.hasProperty(cause, "code") && typeof cause.code === "string" ? cause.code : undefined

/**
 * Whether there is no connection to the database, so that the same may be tried again later: also while the server shuts
 * down or starts up (SQLSTATE class 57P), or has too many connections (53300).
 */
export const isDisconnected = ({ reason }: SqlError): boolean =>
  reason._tag === "ConnectionError" || /^(?:57P|53300)/.test(codeOf(reason) ?? "")

/** A transaction whose connection is gone cannot be rolled back either, which effect/sql takes for a defect. */
export const rollbackFailed = <E>(cause: Cause.Cause<E>): Effect.Effect<never, E | SqlError> => {
  const defect = Cause.hasInterrupts(cause)
    ? undefined
    : cause.reasons.filter(Cause.isDieReason).map(({ defect }) => defect).find(isSqlError)
  return defect === undefined ? Effect.failCause(cause) : Effect.fail(defect)
}
