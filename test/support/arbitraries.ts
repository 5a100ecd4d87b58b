/** What property tests draw: JSON that looks more or less like a result, and ways for user code to behave. */
import { Arbitrary, Effect, Schema } from "effect"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

// -----------------------------------------------------------------------------
// results
// -----------------------------------------------------------------------------

const Key = Schema.Union([Schema.Literals(["a", "b", "before", "__proto__", "toString"]), Schema.NonEmptyString])

/** Scores whose sums and squares stay far from the ends of what numbers can say. */
export const Score = Schema.Union([
  Schema.Finite.check(Schema.isBetween({ minimum: -1e9, maximum: 1e9 })),
  Schema.Literals([0, 1, -1, 0.1, 0.5, 1e-9]),
  Schema.Boolean
])

/** A result that is right. */
export const GoodResult = Schema.Struct({
  key: Key,
  score: Schema.Union([Score, Schema.Finite]),
  value: Schema.optionalKey(
    Schema.Union([Schema.String, Schema.Finite, Schema.Array(Schema.Json), Schema.Record(Schema.String, Schema.Json)])
  ),
  comment: Schema.optionalKey(Schema.String),
  metadata: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  extra: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json))
})

/** Something with the fields of a result, of which any may be wrong. */
export const ResultLike = Schema.Struct({
  key: Schema.optionalKey(Schema.Union([Key, Schema.Json])),
  score: Schema.optionalKey(Schema.Union([Score, Schema.Json])),
  value: Schema.optionalKey(Schema.Json),
  comment: Schema.optionalKey(Schema.Json),
  correction: Schema.optionalKey(Schema.Json),
  evaluatorInfo: Schema.optionalKey(Schema.Json),
  metadata: Schema.optionalKey(Schema.Json)
})

/** JSON that an evaluator may return, be it right or wrong. */
export const ReturnedJson = Schema.Union([
  Schema.Json,
  GoodResult,
  ResultLike,
  Schema.NonEmptyArray(GoodResult),
  Schema.Array(ResultLike),
  Schema.Struct({ results: Schema.Array(GoodResult) }),
  Schema.Struct({ results: Schema.Union([Schema.Json, Schema.Array(ResultLike)]) })
])

// -----------------------------------------------------------------------------
// behaviours
// -----------------------------------------------------------------------------

const delay = between(0, 40)

/** A way for a target or an evaluator to behave. Delays are in milliseconds. */
export const Behaviour = Schema.Union([
  Schema.Struct({ _tag: Schema.tag("Value") }),
  Schema.Struct({ _tag: Schema.tag("Throw") }),
  Schema.Struct({ _tag: Schema.tag("Resolve") }),
  Schema.Struct({ _tag: Schema.tag("Reject") }),
  Schema.Struct({ _tag: Schema.tag("Succeed"), delay }),
  Schema.Struct({ _tag: Schema.tag("Fail"), delay }),
  Schema.Struct({ _tag: Schema.tag("Die"), delay }),
  Schema.Struct({ _tag: Schema.tag("Interrupt"), delay }),
  Schema.Struct({ _tag: Schema.tag("Hang") }),
  /** Fails so often before it succeeds. */
  Schema.Struct({ _tag: Schema.tag("Flaky"), failures: between(0, 4), delay })
])

export type Behaviour = typeof Behaviour.Type

/** How a behaviour comes out with so many retries, and how many attempts that takes. */
export const outcomeOf = (
  behaviour: Behaviour,
  retries: number
): readonly ["Succeeded" | "Failed" | "TimedOut" | "Cancelled", number] => {
  switch (behaviour._tag) {
    case "Value":
    case "Resolve":
    case "Succeed":
      return ["Succeeded", 1]
    case "Throw":
    case "Die":
      return ["Failed", 1]
    case "Reject":
    case "Fail":
      return ["Failed", retries + 1]
    case "Interrupt":
      return ["Cancelled", 1]
    case "Hang":
      return ["TimedOut", retries + 1]
    case "Flaky":
      return behaviour.failures <= retries ? ["Succeeded", behaviour.failures + 1] : ["Failed", retries + 1]
  }
}

/** Behaves. `onEnd` is called right before it ends by itself. */
export const behave = <A>(
  behaviour: Behaviour,
  value: A,
  attempt: number,
  onEnd: () => void = () => {}
): A | Promise<A> | Effect.Effect<A, string> => {
  const after = (millis: number, effect: Effect.Effect<A, string>) =>
    (millis === 0 ? Effect.void : Effect.sleep(millis)).pipe(
      Effect.andThen(Effect.sync(onEnd)),
      Effect.andThen(effect)
    )
  switch (behaviour._tag) {
    case "Value":
      onEnd()
      return value
    case "Throw":
      onEnd()
      throw new RangeError("thrown")
    case "Resolve":
      return Promise.resolve().then(() => (onEnd(), value))
    case "Reject":
      return Promise.resolve().then(() => {
        onEnd()
        throw new RangeError("rejected")
      })
    case "Succeed":
      return after(behaviour.delay, Effect.succeed(value))
    case "Fail":
      return after(behaviour.delay, Effect.fail("failed"))
    case "Die":
      return after(behaviour.delay, Effect.die(new RangeError("died")))
    case "Interrupt":
      return after(behaviour.delay, Effect.interrupt)
    case "Hang":
      return Effect.never
    case "Flaky":
      return after(behaviour.delay, attempt <= behaviour.failures ? Effect.fail("flaky") : Effect.succeed(value))
  }
}

/** What is run, and how. */
export const planWith = ({ minTargets }: { readonly minTargets: number }) =>
  Arbitrary.all({
    targets: Arbitrary.array(Arbitrary.schema(Behaviour), { minLength: minTargets, maxLength: 12 }),
    evaluators: Arbitrary.array(Arbitrary.array(Arbitrary.schema(Behaviour), { minLength: 1, maxLength: 6 }), {
      maxLength: 3
    }),
    repetitions: Arbitrary.schema(between(1, 3)),
    concurrency: Arbitrary.schema(between(1, 8)),
    evaluatorConcurrency: Arbitrary.schema(between(1, 8)),
    retries: Arbitrary.schema(between(0, 2)),
    order: Arbitrary.schema(Schema.Literals(["input", "completion"])),
    runTrees: Arbitrary.schema(Schema.Boolean)
  })
