/** Options from the configuration, by LangSmith's names. */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/**
 * A variable under either prefix. One that is set to nothing is as good as not set: that is how shells and CI leave them.
 */
export const variable = (name: string): Config.Config<string | undefined> =>
  Config.map(
    Config.all([Config.option(Config.String(`LANGSMITH_${name}`)), Config.option(Config.String(`LANGCHAIN_${name}`))]),
    (values) => values.map(Option.getOrUndefined).find((value) => value !== undefined && value.trim() !== "")
  )

/** Options of the client. */
interface ClientOptions {
  readonly apiKey?: Redacted.Redacted | undefined
  readonly apiUrl?: string | undefined
  readonly workspaceId?: string | undefined
}

/** Adds what is not given. Without an address it is LangSmith's own, which requires a key. */
export const configuredClient = Effect.fnUntraced(function*<Options extends ClientOptions>(options: Options) {
  const apiUrl = options.apiUrl ?? (yield* variable("ENDPOINT"))
  const workspaceId = options.workspaceId ?? (yield* variable("WORKSPACE_ID"))
  const key = yield* variable("API_KEY")
  const apiKey = options.apiKey ?? (key === undefined ? undefined : Redacted.make(key)) ??
    // Says that it is missing.
    (apiUrl === undefined
      ? yield* Config.schema(Schema.Redacted(Schema.NonEmptyString), "LANGSMITH_API_KEY")
      : undefined)
  return { ...options, apiUrl, workspaceId, apiKey }
})

/** Options of privacy. */
export const configuredPrivacy = Effect.gen(function*() {
  const flag = (name: string) => Config.map(variable(name), (value) => value?.toLowerCase() === "true")
  const rate = yield* Effect.flatMap(variable("TRACING_SAMPLING_RATE"), shareOf)
  return {
    hideInputs: yield* flag("HIDE_INPUTS"),
    hideOutputs: yield* flag("HIDE_OUTPUTS"),
    hideMetadata: yield* flag("HIDE_METADATA"),
    samplingRate: rate,
    spoolDirectory: yield* variable("FAILED_TRACES_DIR")
  }
})

const shareOf = (text: string | undefined): Effect.Effect<number | undefined, Config.ConfigError> => {
  if (text === undefined) return Effect.undefined
  const share = Number(text)
  return share >= 0 && share <= 1 ? Effect.succeed(share) : Effect.fail(
    new Config.ConfigError(
      new ConfigProvider.SourceError({
        message: `LANGSMITH_TRACING_SAMPLING_RATE is ${JSON.stringify(text)}; it has to be a number from 0 to 1.`
      })
    )
  )
}
