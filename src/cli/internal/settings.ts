/** What a run is told: by flags, by the environment, by the entry, by the configuration, in this order. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Evaluation from "../../Evaluation.ts"
import * as Gate from "../../Gate.ts"
import { readDuration } from "../../internal/values/durationText.ts"
import { meantOf } from "../../internal/values/meantOf.ts"
import { formatProblems, type Problem, problemsOf } from "../../internal/values/schemaMessage.ts"
import { RunOptions } from "../Config.ts"
import { type Failure, usage } from "./failure.ts"
import { readFailures } from "./failuresText.ts"
import type { Said } from "./invocation.ts"
import type { Project } from "./project.ts"
import { runOptions, variableOf, variablePrefix } from "./runOptions.ts"
import { watchVariable } from "./watched.ts"

/** What only a call says, not a configuration. */
const CallOptions = Schema.Struct({
  ...RunOptions.fields,
  evaluations: Schema.optional(Schema.Array(Schema.String)),
  resume: Schema.optional(Schema.NonEmptyString),
  rerunFailed: Schema.optional(Schema.Boolean)
})

export type CallOptions = typeof CallOptions.Type

/** What a run is told; what an entry says comes in between. */
export interface RunSettings {
  /** By flags and the environment. */
  readonly said: CallOptions
  /** By the configuration. */
  readonly defaults: RunOptions
}

const decode = Schema.decodeUnknownResult(CallOptions, { errors: "all" })

/** Reads flags and environment; what is wrong is told by the name of the flag or variable. */
export const readSettings = Effect.fnUntraced(function*(
  said: Said,
  { config }: Pick<Project, "config">,
  environment: { readonly [name: string]: string | undefined } = process.env
): Effect.fn.Return<RunSettings, Failure> {
  const values: { [name: string]: unknown } = {}
  const sources = new Map<string, string>()
  for (const option of runOptions) {
    const flag = said[option.name]
    const variable = environment[variableOf(option)]
    if (flag !== undefined && !(Array.isArray(flag) && flag.length === 0)) {
      values[option.name] = flag
      sources.set(option.name, `--${option.flag}`)
    } else if (variable !== undefined && variable !== "") {
      values[option.name] = valueOf(option.kind, variable)
      sources.set(option.name, variableOf(option))
    }
  }
  const misspelt = Object.keys(environment).flatMap(misspeltVariable)
  if (misspelt.length > 0) return yield* usage(`${formatProblems(misspelt)}.`)
  if (Array.isArray(values["report"])) values["report"] = values["report"].flatMap(readNames)
  const decoded = decode(values)
  if (Result.isFailure(decoded)) {
    const problems = problemsOf(decoded.failure, values).map(({ expected, path }) => ({
      path: path.replace(/^\w+/, (name) => sources.get(name) ?? name).replace(/\[\d+\]$/, ""),
      // That an option need not be said goes without saying.
      expected: expected.replace(" | undefined", "")
    }))
    return yield* usage(`${formatProblems(problems)}.`)
  }
  const { files: _files, store: _store, ...defaults } = config
  return { said: decoded.success, defaults }
})

const variables = runOptions.map(variableOf)
const otherVariables = ["EFFECT_EVALS_STORE", "EFFECT_EVALS_CONFIG", "EFFECT_EVALS_TOKEN", watchVariable]

/** A variable that nobody reads, and that looks like one of ours; others are somebody else's matter. */
const misspeltVariable = (name: string): ReadonlyArray<Problem> => {
  if (!name.startsWith(variablePrefix) || variables.includes(name) || otherVariables.includes(name)) return []
  const meant = meantOf(
    name.slice(variablePrefix.length),
    [...variables, ...otherVariables].map((other) => other.slice(variablePrefix.length))
  )
  return meant === undefined
    ? []
    : [{ path: name, expected: `no such variable (did you mean ${variablePrefix}${meant}?)` }]
}

/** Names with commas between. */
export const readNames = (text: string): ReadonlyArray<string> =>
  text.split(",").map((name) => name.trim()).filter((name) => name !== "")

const valueOf = (kind: (typeof runOptions)[number]["kind"], text: string): unknown => {
  switch (kind) {
    case "integer":
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text
    case "switch":
      return /^(1|true|yes|on)$/i.test(text) ? true : /^(0|false|no|off)$/i.test(text) ? false : text
    case "names":
      return [text]
    case "texts":
      return text.split(/[\n;]/).map((part) => part.trim()).filter((part) => part !== "")
    case "text":
    case "optional text":
      return text
  }
}

/** The gates of a run: those that flags or environment say, else the entry's; those of the configuration always. */
export const gateOf = Effect.fnUntraced(function*(
  { defaults, said }: RunSettings,
  entry: Gate.Gate | undefined
): Effect.fn.Return<Gate.Gate | undefined, Failure> {
  const own = said.gate ?? (entry === undefined ? [] : [entry])
  const [first, ...rest] = yield* Effect.forEach([...own, ...(defaults.gate ?? [])], readGate)
  return first === undefined || rest.length === 0 ? first : Gate.and(first, ...rest)
})

/** A gate that is a text, or one already. */
export const readGate = (gate: string | Gate.Gate): Effect.Effect<Gate.Gate, Failure> =>
  typeof gate === "string"
    ? Effect.mapError(Gate.parse(gate), (error) => usage(error.message, error))
    : Effect.succeed(gate)

/** What goes over to a worker: the settings that are plain data. */
export type EngineSettings = Omit<Evaluation.Settings, "order" | "keepRows">

/** The settings that the call says. */
export const engineSettings = (said: CallOptions): EngineSettings => {
  const { keepRows: _keepRows, order: _order, rowTimeout: _rowTimeout, timeout: _timeout, ...settings } = engineOptions(
    said
  )
  return settings
}

/** The options for the engine, of one side. */
const engineOptions = ({ maxFailures, rowTimeout, timeout, ...rest }: CallOptions) => {
  const {
    allowInconclusive: _allow,
    baseline: _baseline,
    comparison: _comparison,
    evaluations: _evaluations,
    filter: _filter,
    gate: _gate,
    limit: _limit,
    out: _out,
    report: _report,
    rerunFailed: _rerun,
    resume: _resume,
    sample: _sample,
    seed: _seed,
    thresholds: _thresholds,
    ...settings
  } = rest
  return defined({
    ...settings,
    maxFailures: typeof maxFailures === "string" ? readFailures(maxFailures) : maxFailures,
    timeout: typeof timeout === "string" ? readDuration(timeout) : timeout,
    rowTimeout: typeof rowTimeout === "string" ? readDuration(rowTimeout) : rowTimeout
  })
}

const defined = <A extends object>(options: A): Partial<A> =>
  // What is left of it is a part of it.
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<A>

/** The options of an entry, with what the call and the configuration say. */
export const mergedOptions = (
  entry: Evaluation.Entry,
  { defaults, said }: RunSettings
): Evaluation.Entry["options"] => ({
  ...engineOptions(defaults),
  ...defined(entry.options),
  ...engineOptions(said)
})
