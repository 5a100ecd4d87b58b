/**
 * Evaluations as tests: a suite with a test for each example, and tests for what has to hold on the whole.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as Vitest from "vitest"
import type * as Evaluation from "../Evaluation.ts"
import type * as Evaluator from "../Evaluator.ts"
import type * as Example from "../Example.ts"
import type * as Experiment from "../Experiment.ts"
import type * as Gate from "../Gate.ts"
import type * as Row from "../Row.ts"
import type * as Run from "../Run.ts"
import type * as SummaryEvaluator from "../SummaryEvaluator.ts"
import type { TracingClient } from "../TracingClient.ts"
import { registerSuite } from "./internal/registerSuite.ts"

/**
 * A row whose target has given outputs.
 *
 * @category models
 * @since 0.1.0
 */
export interface SucceededRow<out Inputs, out Outputs, out ReferenceOutputs, out Metadata>
  extends Row.Row<Inputs, Outputs, ReferenceOutputs, Metadata>
{
  readonly run: Run.SucceededRun<Inputs, Outputs>
}

/**
 * What the tests hold the run against, besides all options of `Evaluation.run`. The limits of time are those of the run
 * (`timeout`, `rowTimeout`), which interrupt what takes too long; the tests themselves have none.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options<
  Inputs,
  Outputs,
  ReferenceOutputs,
  Metadata,
  TargetError,
  Evaluators extends ReadonlyArray<Evaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  SummaryEvaluators extends ReadonlyArray<SummaryEvaluator.Input<Inputs, Outputs, ReferenceOutputs, Metadata>>,
  R
> extends
  Omit<
    Evaluation.Options<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, Evaluators, SummaryEvaluators, R>,
    "keepRows" | "resume"
  >
{
  /**
   * The scores that each row has to have, by key; `true` counts as 1. A key that an evaluator had nothing to score for
   * (`Skipped`) does not count; one that no evaluator gives fails. Rows in which the target or an evaluator fails or times
   * out fail in any case.
   */
  readonly rows?: { readonly [key: string]: Gate.Limit } | undefined
  /** How many of the `repetitions` of an example have to pass, for its test to pass. Default: all. */
  readonly passingRepetitions?: number | undefined
  /** More to hold a row against: whatever it throws, such as a failing `expect`, fails the row. */
  readonly check?:
    | ((row: SucceededRow<Inputs, Outputs, ReferenceOutputs, Metadata>) => void | PromiseLike<void>)
    | undefined
  /**
   * What has to hold on the whole, by the name of the test: gates, or gates in words (`"correct >= 0.9"`, as `Gate.parse`
   * reads them). They are judged only if all examples were run.
   */
  readonly gates?: { readonly [name: string]: Gate.Gate | string } | undefined
  /** Whether an inconclusive gate fails its test. Default `"fail"`. */
  readonly inconclusive?: "fail" | "pass" | undefined
  /** An earlier experiment, with its rows: the gates are held against the comparison with it. */
  readonly baseline?: Effect.Effect<Experiment.Experiment, unknown, R> | undefined
  /** What was done already, and is not to be done again; an effect is run when the first test is. */
  readonly resume?: Evaluation.Resume<Outputs> | Effect.Effect<Evaluation.Resume<Outputs>, unknown, R> | undefined
  /** The name of an example's test. Default: its inputs in a line. Where two have the same name, the id is added. */
  readonly title?: ((example: Example.Example<Inputs, ReferenceOutputs, Metadata>) => string) | undefined
  /** The examples to run alone, as `test.only`. */
  readonly only?: ((example: Example.Example<Inputs, ReferenceOutputs, Metadata>) => boolean) | undefined
  /** The examples to leave out, as `test.skip`. */
  readonly skip?: ((example: Example.Example<Inputs, ReferenceOutputs, Metadata>) => boolean) | undefined
  /**
   * Which part of the examples to run, such as `"2/3"`: every third, from the second on. Empty or `undefined`: all of
   * them. (Vitest's own `--shard` deals out files.) A part is not judged by gates; the reporter judges what it merges.
   */
  readonly shard?: string | undefined
  /** How long `layer` may take to be built. Default 1 minute; `"Infinity"` waits for as long as it takes. */
  readonly layerTimeout?: Duration.Input | undefined
  /**
   * What the dataset needs to be read when tests are collected. Default: nothing if it needs nothing, else `layer`, which
   * is then built for that alone and released.
   */
  // What it has to give is known where the dataset is made, and no more where it is an evaluation.
  readonly dataLayer?: Layer.Layer<any, unknown> | undefined // oxlint-disable-line typescript/no-explicit-any -- see above
}

/**
 * The `it` that `layer` of `@effect/vitest` gives.
 *
 * @category models
 * @since 0.1.0
 */
export interface EffectIt<in R> {
  readonly effect: EffectTest<R> & {
    readonly only: EffectTest<R>
    readonly skip: EffectTest<R>
  }
}

/**
 * Makes a test of an effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface EffectTest<in R> {
  <A, E>(
    name: string,
    self: (context: Vitest.TestContext) => Effect.Effect<A, E, R | Scope.Scope>,
    options?: number | Vitest.TestOptions
  ): void
}

/**
 * Where the services come from: a layer, which is built when the first test runs and released after the last; or the `it`
 * of a `layer(...)` block of `@effect/vitest`, whose services the tests then share with the others of the block. A
 * `TracingClient` among them gets the rows; without one they are written nowhere.
 *
 * @category options
 * @since 0.1.0
 */
export type Services<R> =
  | ([R] extends [never] ? { readonly layer?: Layer.Layer<never, unknown> | undefined; readonly it?: undefined }
    : { readonly layer: Layer.Layer<R, unknown>; readonly it?: undefined })
  | { readonly it: EffectIt<R>; readonly layer?: undefined }

/**
 * Makes a suite of an evaluation.
 *
 * @category models
 * @since 0.1.0
 */
export interface DescribeEvaluation {
  <
    Inputs,
    Outputs,
    ReferenceOutputs,
    Metadata,
    TargetError,
    E,
    R,
    const Evaluators extends ReadonlyArray<
      Evaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
    >,
    const SummaryEvaluators extends ReadonlyArray<
      SummaryEvaluator.Input<NoInfer<Inputs>, NoInfer<Outputs>, NoInfer<ReferenceOutputs>, NoInfer<Metadata>>
    >,
    RO = never
  >(
    evaluation: Evaluation.Evaluation<Inputs, Outputs, ReferenceOutputs, Metadata, TargetError, E, R>,
    options:
      & Options<
        NoInfer<Inputs>,
        NoInfer<Outputs>,
        NoInfer<ReferenceOutputs>,
        NoInfer<Metadata>,
        NoInfer<TargetError>,
        Evaluators,
        SummaryEvaluators,
        RO
      >
      & Services<
        Exclude<
          R | RO | Evaluator.Services<Evaluators[number]> | SummaryEvaluator.Services<SummaryEvaluators[number]>,
          TracingClient
        >
      >
  ): void
}

/**
 * Makes a suite of an evaluation: a test for each example, one for the run as a whole (`summary`), and one for each gate.
 *
 * The dataset is read when tests are collected. The first test that runs starts one run of all examples whose tests are
 * to run, with the concurrency of the options; each test waits for its own rows. What `-t`, `only` and `skip` leave out is
 * not run and costs nothing; gates then say that there was only a part, instead of judging it.
 *
 * **Example** (A test for each number, and one for all)
 *
 * ```ts
 * import { Dataset, Evaluation, Evaluator, Gate } from "effect-evals"
 * import { describeEvaluation } from "effect-evals/vitest"
 *
 * const data = Dataset.fromIterable("digits", [7, 12, 95].map((n) => ({ inputs: n, referenceOutputs: n % 10 })))
 *
 * describeEvaluation(Evaluation.make("last digit", { data, target: (n) => n % 10 }), {
 *   evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => outputs === referenceOutputs)],
 *   rows: { correct: { atLeast: 1 } },
 *   gates: { "is right nearly always": Gate.mean("correct", { atLeast: 0.9 }) }
 * })
 * ```
 *
 * @category suites
 * @since 0.1.0
 */
export const describeEvaluation: DescribeEvaluation & {
  /** As `describe.only`. */
  readonly only: DescribeEvaluation
  /** As `describe.skip`: the dataset is not even read. */
  readonly skip: DescribeEvaluation
} = Object.assign(registerSuite("run"), { only: registerSuite("only"), skip: registerSuite("skip") })
