/**
 * Whether data is of the shape that a schema describes: an Effect Schema, a Standard Schema or a JSON Schema.
 *
 * @since 0.1.0
 */
import { type OutputUnit, type Schema as ValidatorSchema, type SchemaDraft, Validator } from "@cfworker/json-schema"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { StandardSchemaV1 } from "effect/StandardSchema"
import * as Evaluator from "../Evaluator.ts"
import { describe, formatPath } from "../internal/values/describe.ts"
import { toJson } from "../internal/values/json.ts"
import { formatProblems, type Problem, problemsOf } from "../internal/values/schemaMessage.ts"
import { lookUp } from "./internal/jsonPaths.ts"
import { makeTimeLimit, TookTooLong } from "./internal/jsonTimeLimit.ts"
import { isJsonObject } from "./internal/jsonValues.ts"
import { anything } from "./internal/readers.ts"
import { evaluatorOptions, refuseOthers, selecting } from "./internal/scorer.ts"
import { counted } from "./internal/words.ts"
import { type Extraction, parse } from "./JsonText.ts"
import { type SingleOptions, UnusableValue } from "./Scorer.ts"

/**
 * Options of the scorers that hold data against a schema.
 *
 * @category options
 * @since 0.1.0
 */
export interface ConformsOptions<in I = never, in O = never, in Ref = never, in M = never>
  extends SingleOptions<I, O, Ref, M>
{
  /**
   * How a text is read: as JSON, which is then held against the schema, or as itself (`"keep"`). A text without JSON
   * does not conform. Default: `"strict"`.
   */
  readonly text?: Extraction | "keep" | undefined
}

/** Nothing is wrong, or this is. */
type Verdict = ReadonlyArray<Problem>

const resultOf = (problems: Verdict) =>
  problems.length === 0
    ? { score: true, comment: "conforms" }
    : { score: false, comment: `${counted(problems.length, "problem")}: ${formatProblems(problems)}` }

/** Reads a text as JSON; the other part says that there is none. */
const readData = (value: unknown, text: Extraction | "keep"): Result.Result<unknown, Problem> => {
  if (typeof value !== "string" || text === "keep") return Result.succeed(value)
  const parsed = parse(value, { extraction: text })
  return Result.isSuccess(parsed)
    ? Result.succeed(parsed.success.value)
    : Result.fail({ path: "", expected: `no JSON: ${parsed.failure.message}` })
}

/**
 * The services that decoding with a schema needs.
 *
 * @category type-level
 * @since 0.1.0
 */
export type SchemaServices<S> = S extends Schema.Constraint ? S["DecodingServices"] : never

/**
 * Whether the output can be decoded with an Effect Schema, or passes a Standard Schema (as Zod, Valibot and ArkType
 * make them): `true` or `false`, under the key `schema`. The comment says what is wrong, and where. Services that the
 * schema decodes with are needed by the evaluator.
 *
 * **Example** (An Effect Schema)
 *
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const Person = Schema.Struct({ name: Schema.String, born: Schema.Int })
 * const answers = Dataset.fromIterable("answers", [{ inputs: "{\"name\": \"Ada\", \"born\": \"1815\"}" }])
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("people", { data: answers, target: (text) => text }), {
 *     evaluators: [Json.conforms(Person)]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * for (const { comment, score } of experiment.rows.flatMap(Row.results)) console.log(score, comment)
 * // => false 1 problem: born: expected number, got "1815"
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const conforms = <S extends Schema.Constraint | StandardSchemaV1, I, O, Ref, M>(
  schema: S,
  options: ConformsOptions<I, O, Ref, M> & {
    /** Whether fields that an Effect Schema does not know are fine. Default: `"ignore"`. */
    readonly extras?: "ignore" | "refuse" | undefined
  } = {}
): Evaluator.Evaluator<I, O, Ref, M, SchemaServices<S>> => {
  refuseOthers({ name: "schema", own: { extras: true, text: true } }, options, ["key", "actual", "when"])
  const { extras = "ignore", key = "schema", text = "strict" } = options
  const judge = judgeOf(schema, extras)
  const read = selecting(key, "actual", options.actual, anything)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>): Judgement<S> => {
    const actual = read(args)
    if (Result.isFailure(actual)) return Effect.fail(actual.failure)
    const data = readData(actual.success, text)
    return Result.isFailure(data)
      ? Effect.succeed(resultOf([data.failure]))
      : Effect.map(judge(data.success), resultOf)
    // A schema is known by what it describes; two that describe the same judge the same.
  }, evaluatorOptions({ name: key, config: { schema: nameOf(schema), extras, text } }, options)) as Evaluator.Evaluator<
    I,
    O,
    Ref,
    M,
    // `Evaluator.make` reads the services off the result, which the compiler cannot do while `S` is not known.
    SchemaServices<S>
  >
}

type Judgement<S> = Effect.Effect<ReturnType<typeof resultOf>, UnusableValue, SchemaServices<S>>

const judgeOf = <S extends Schema.Constraint | StandardSchemaV1>(
  schema: S,
  extras: "ignore" | "refuse"
): (data: unknown) => Effect.Effect<Verdict, never, SchemaServices<S>> => {
  if (Schema.isSchema(schema)) {
    const decode = Schema.decodeUnknownEffect(schema, {
      errors: "all",
      onExcessProperty: extras === "refuse" ? "error" : "ignore"
    })
    return (data) =>
      Effect.match(decode(data), {
        onFailure: (error): Verdict => problemsOf(error, data),
        onSuccess: (): Verdict => []
        // The guard above forgets which schema it is; its services are those of `S`.
      }) as Effect.Effect<Verdict, never, SchemaServices<S>>
  }
  const standard = (schema as StandardSchemaV1)["~standard"]
  return (data) =>
    Effect.map(
      Effect.promise(async () => standard.validate(data)),
      ({ issues = [] }) =>
        issues.map(({ message, path = [] }) => ({
          path: formatPath(path.map((step) => typeof step === "object" ? step.key : step)),
          expected: message
        }))
    )
}

const nameOf = (schema: unknown): unknown => {
  if (Schema.isSchema(schema)) {
    try {
      return Schema.toJsonSchemaDocument(schema)
    } catch {
      // Not every schema can be said in JSON.
      return String(schema.ast)
    }
  }
  return (schema as StandardSchemaV1)["~standard"].vendor
}

/**
 * A JSON Schema: an object with keywords, or `true` or `false`.
 *
 * @category models
 * @since 0.1.0
 */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

/**
 * A check against a JSON Schema: what is wrong with some data, nothing if it conforms. Paths are such as
 * `items[0].name`.
 *
 * @category models
 * @since 0.1.0
 */
export type JsonSchemaCheck = (data: unknown) => ReadonlyArray<Problem>

/**
 * Makes a check of a JSON Schema. The drafts 4, 7, 2019-09 and 2020-12 are told apart by `$schema`; without one it is
 * 2020-12. `format` is checked. The work is done by `@cfworker/json-schema`, which makes no code at run time.
 *
 * A schema with a mistake (an unknown `type`, a `pattern` that is no regular expression, the format `url`, for which
 * there is no standard, a `$ref` to elsewhere) throws a `RangeError`. Patterns, and lists whose members have to be
 * unique, can be driven by data into work without end; a schema with one of these gets a second for each check, after
 * which the check throws.
 *
 * **Example** (Two mistakes)
 *
 * ```ts
 * import { Json } from "effect-evals/scorers"
 *
 * const check = Json.jsonSchemaCheck({
 *   type: "object",
 *   required: ["name", "age"],
 *   properties: { name: { type: "string" }, age: { type: "integer" } }
 * })
 * console.log(check({ name: "Ada", age: 36 })) // => []
 * console.log(check({ name: 5 }).map(({ path }) => path)) // => [ '', 'name' ]
 * ```
 *
 * @category measures
 * @since 0.1.0
 */
export const jsonSchemaCheck = (schema: JsonSchema): JsonSchemaCheck => {
  refuseMistakes(schema, "#", schema)
  const mayNotEnd = hasKeyword(schema, ["pattern", "patternProperties", "uniqueItems"])
  const within = mayNotEnd ? makeTimeLimit(1000) : <A>(f: () => A): A => f()
  // The library takes any JSON Schema; its type is narrower than what the standard allows.
  const validator = new Validator(schema as ValidatorSchema | boolean, draftOf(schema), false)
  return (data) => {
    const { errors, valid } = within(() => validator.validate(toJson(data)))
    return valid ? [] : errors.filter(isReason).map(toProblem)
  }
}

const draftOf = (schema: JsonSchema): SchemaDraft => {
  const uri = isJsonObject(schema) ? String(schema["$schema"] ?? "") : ""
  return uri.includes("draft-04")
    ? "4"
    : /draft-0[67]/.test(uri)
    ? "7"
    : uri.includes("2019-09")
    ? "2019-09"
    : "2020-12"
}

/** Keywords that only say that something further down is wrong, which is listed as well. */
const containers = new Set([
  "$ref",
  "additionalItems",
  "additionalProperties",
  "allOf",
  "dependentSchemas",
  "else",
  "if",
  "items",
  "patternProperties",
  "prefixItems",
  "properties",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties"
])

const isReason = ({ keyword }: OutputUnit, _: number, all: ReadonlyArray<OutputUnit>): boolean =>
  all.length === 1 || !containers.has(keyword)

const toProblem = ({ error, instanceLocation, keyword }: OutputUnit): Problem => ({
  path: formatPath(
    pointerSteps(instanceLocation).map((key) => /^\d+$/.test(key) ? Number(key) : key)
  ),
  expected: keyword === "false" ? "nothing is allowed here" : error.replace(/\.$/, "")
})

const types = new Set(["array", "boolean", "integer", "null", "number", "object", "string"])

/** Keywords whose values are data or names, and no schemas. */
const notSchemas = new Set(["const", "enum", "default", "examples", "required", "dependentRequired"])

/** Keywords whose members are schemas by a name of their own. */
const byName = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"])

const refuseMistakes = (schema: unknown, at: string, root: unknown): void => {
  if (Array.isArray(schema)) schema.forEach((member, i) => refuseMistakes(member, `${at}/${i}`, root))
  if (!isJsonObject(schema)) {
    if (typeof schema === "boolean" || Array.isArray(schema)) return
    throw new RangeError(`the JSON Schema has ${describe(schema)} at ${at}; a schema is an object or a boolean`)
  }
  for (const [keyword, value] of Object.entries(schema)) {
    const place = `${at}/${keyword}`
    switch (keyword) {
      case "type":
        for (const type of Array.isArray(value) ? value : [value]) {
          if (typeof type !== "string" || !types.has(type)) {
            throw new RangeError(`the JSON Schema has the type ${describe(type)} at ${place}; there is no such type`)
          }
        }
        break
      case "pattern":
        refuseBrokenPattern(value, place)
        break
      case "patternProperties":
        for (const pattern of Object.keys(Object(value))) refuseBrokenPattern(pattern, place)
        break
      case "format":
        if (value === "url") throw new RangeError(`the JSON Schema has the format "url" at ${place}; use "uri"`)
        break
      case "$ref":
        if (typeof value !== "string" || !value.startsWith("#") || !leadsSomewhere(value, root)) {
          throw new RangeError(
            `the JSON Schema refers to ${
              describe(value)
            } at ${place}; there has to be something there in the schema itself`
          )
        }
        break
    }
    if (notSchemas.has(keyword)) continue
    if (byName.has(keyword) && isJsonObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (!Array.isArray(member)) refuseMistakes(member, `${place}/${name}`, root)
      }
    } else if (isJsonObject(value) || Array.isArray(value)) {
      if (schemaKeywords.has(keyword)) refuseMistakes(value, place, root)
    }
  }
}

/** A name (an anchor) is found by the library; a JSON pointer is followed here. */
const leadsSomewhere = (reference: string, root: unknown): boolean =>
  !reference.startsWith("#/") || lookUp(root, pointerSteps(reference)).found

const pointerSteps = (pointer: string): ReadonlyArray<string> =>
  pointer.split("/").slice(1).map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"))

/** Keywords that have a schema, or a list of them. */
const schemaKeywords = new Set([
  "items",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
  "contains",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "allOf",
  "anyOf",
  "oneOf"
])

const refuseBrokenPattern = (pattern: unknown, place: string): void => {
  try {
    RegExp(String(pattern), "u")
  } catch (error) {
    throw new RangeError(`the JSON Schema has a pattern at ${place} that is no regular expression: ${String(error)}`)
  }
}

const hasKeyword = (schema: unknown, keywords: ReadonlyArray<string>): boolean =>
  typeof schema === "object" && schema !== null &&
  Object.entries(schema).some(([keyword, value]) => keywords.includes(keyword) || hasKeyword(value, keywords))

/**
 * Whether the output is as a JSON Schema says: `true` or `false`, under the key `json_schema`. The comment says what is
 * wrong, and where. A schema with a mistake throws when the scorer is made: see `jsonSchemaCheck`.
 *
 * **Example** (An answer in a fenced block)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Dataset, Evaluation, Row, TracingClient } from "effect-evals"
 * import { Json } from "effect-evals/scorers"
 *
 * const answers = Dataset.fromIterable("answers", [{ inputs: "```json\n{ \"name\": \"Ada\" }\n```" }])
 * const experiment = await Effect.runPromise(
 *   Evaluation.run(Evaluation.make("people", { data: answers, target: (text) => text }), {
 *     evaluators: [
 *       Json.conformsToJsonSchema({ type: "object", properties: { name: { type: "string" } } }, { text: "extract" })
 *     ]
 *   }).pipe(Effect.provide(TracingClient.layerNone))
 * )
 * console.log(experiment.rows.map((row) => Row.score(row, "json_schema"))) // => [ 1 ]
 * ```
 *
 * @category scorers
 * @since 0.1.0
 */
export const conformsToJsonSchema = <I, O, Ref, M>(
  schema: JsonSchema,
  options: ConformsOptions<I, O, Ref, M> = {}
): Evaluator.Evaluator<I, O, Ref, M> => {
  refuseOthers({ name: "json_schema", own: { text: true } }, options, ["key", "actual", "when"])
  const { key = "json_schema", text = "strict" } = options
  const check = jsonSchemaCheck(schema)
  const read = selecting(key, "actual", options.actual, anything)
  return Evaluator.make(key, (args: Evaluator.EvaluatorArgs<I, O, Ref, M>) => {
    const actual = read(args)
    if (Result.isFailure(actual)) return Effect.fail(actual.failure)
    const data = readData(actual.success, text)
    if (Result.isFailure(data)) return resultOf([data.failure])
    try {
      return resultOf(check(data.success))
    } catch (error) {
      if (!(error instanceof TookTooLong) && !(error instanceof RangeError)) throw error
      const message = `${key}: holding the value against the JSON Schema failed: ${error.message}.`
      return Effect.fail(new UnusableValue({ scorer: key, part: "actual", message }))
    }
  }, evaluatorOptions({ name: key, config: { schema, text } }, options))
}
