/**
 * Which model a service is. Effect's `LanguageModel` does not say, and whoever keeps its answers has to know; so it stands
 * on the service itself, beside what the type shows.
 */
import * as Predicate from "effect/Predicate"

/** What an answer depends on besides the prompt. */
export interface ModelIdentity {
  /** Who runs it, such as the address of the server. */
  readonly provider: string
  readonly model: string
  /** Whatever changes its answers, such as the temperature. */
  readonly settings: unknown
}

const key = "~effect-evals/ModelIdentity"

/** The same service, which says what it is. */
export const withIdentity = <S extends object>(service: S, identity: ModelIdentity): S => ({
  ...service,
  [key]: identity
})

export const identityOf = (service: object): ModelIdentity | undefined =>
  // Nothing else is ever put there.
  Predicate.hasProperty(service, key) ? service[key] as ModelIdentity : undefined
