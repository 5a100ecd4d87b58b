/** What the type checker infers. These tests are held by `tsc`; running them shows that they are there. */
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Cause, Context, Effect, type FileSystem, Layer, Schedule, Schema, type Stdio, Stream } from "effect"
import {
  Dataset,
  Evaluation,
  Evaluator,
  type Example,
  type Experiment,
  PairwiseEvaluation,
  PairwiseEvaluator,
  Progress,
  type Row,
  type Run,
  SummaryEvaluator,
  Target,
  TracingClient
} from "../src/index.ts"

class Model extends Context.Service<Model, {
  readonly ask: (text: string) => Effect.Effect<string, ModelError>
}>()("test/Model") {}

class ModelError extends Schema.TaggedError<ModelError>()("ModelError", { message: Schema.String }) {}

class Answerer extends Target.Service<Answerer>()("support/Answerer", {
  inputs: Schema.Struct({ question: Schema.String }),
  outputs: Schema.Struct({ answer: Schema.String }),
  error: ModelError
}) {}

class Tone extends Evaluator.Service<Tone>()("support/Tone", {
  outputs: Schema.Struct({ answer: Schema.String })
}) {}

/** Such as a scorer library offers: fits whatever has outputs and references of one type. */
const exactMatch = <A>() =>
  Evaluator.make(
    "exact",
    ({ outputs, referenceOutputs }: Evaluator.EvaluatorArgs<unknown, A, A, unknown>) => outputs === referenceOutputs
  )

const groundedness = () =>
  Evaluator.make(
    "groundedness",
    ({ outputs }: Evaluator.EvaluatorArgs<unknown, { readonly answer: string }>) =>
      Model.use((model) => model.ask(outputs.answer))
  )

const tickets = Dataset.fromJsonl("tickets.jsonl", {
  inputs: Answerer.inputs,
  referenceOutputs: Schema.Struct({ answer: Schema.String }),
  metadata: Schema.Struct({ topic: Schema.String })
})

const evaluation = Evaluation.make("support", { data: tickets, target: Answerer })

describe("inference", () => {
  it("takes a dataset's types from its schemas, with its errors and services", () => {
    expectTypeOf(tickets).toExtend<
      Dataset.Dataset<
        { readonly question: string },
        { readonly answer: string },
        { readonly topic: string },
        Dataset.DatasetError,
        FileSystem.FileSystem
      >
    >()
    expectTypeOf(Dataset.fromIterable("words", [{ inputs: "a", referenceOutputs: { n: 1 } }]))
      // Literals are widened, so that scorers which compare two types fit.
      .toEqualTypeOf<Dataset.Dataset<string, { n: number }>>()
    expectTypeOf(Dataset.fromJsonl("x.jsonl").items).toExtend<
      Stream.Stream<Dataset.Item<unknown, unknown, unknown>, Dataset.DatasetError, FileSystem.FileSystem>
    >()
  })

  it("makes a target class a target that asks the context", () => {
    expectTypeOf(Answerer).toExtend<
      Target.Target<
        { readonly question: string },
        { readonly answer: string },
        ModelError | Target.SchemaMismatch,
        Answerer
      >
    >()
    const layer = Layer.succeed(Answerer, {
      run: ({ question }) => {
        expectTypeOf(question).toEqualTypeOf<string>()
        return Effect.succeed({ answer: question })
      }
    })
    expectTypeOf(layer).toEqualTypeOf<Layer.Layer<Answerer>>()
  })

  it("types the arguments of every evaluator in the list, and collects what they need", () => {
    const program = Evaluation.run(evaluation, {
      evaluators: [
        Evaluator.make("correct", ({ outputs, referenceOutputs }) => {
          expectTypeOf(outputs).toEqualTypeOf<{ readonly answer: string }>()
          expectTypeOf(referenceOutputs).toEqualTypeOf<{ readonly answer: string }>()
          return outputs.answer === referenceOutputs.answer
        }),
        ({ inputs, metadata, outputs, run }) => {
          expectTypeOf(inputs).toEqualTypeOf<{ readonly question: string }>()
          expectTypeOf(metadata).toEqualTypeOf<{ readonly topic: string }>()
          expectTypeOf(run.outputs).toEqualTypeOf<{ readonly answer: string }>()
          return { key: "length", score: outputs.answer.length }
        },
        (run, example) => {
          expectTypeOf(run.outputs).toEqualTypeOf<{ readonly answer: string }>()
          expectTypeOf(example).toEqualTypeOf<
            Example.Example<{ readonly question: string }, { readonly answer: string }, { readonly topic: string }>
          >()
          return { key: "positional", score: run.outputs.answer === example.referenceOutputs.answer }
        },
        async ({ outputs }) => ({ key: "async", score: outputs.answer.length }),
        Evaluator.make("judge", ({ inputs }) => Model.use((model) => model.ask(inputs.question))),
        Evaluator.makeForAllRuns("survived", ({ outputs, run }) => {
          expectTypeOf(outputs).toEqualTypeOf<{ readonly answer: string } | undefined>()
          return run.error === undefined
        }),
        Evaluator.make("when", ({ outputs }) => outputs.answer.length, {
          when: ({ metadata }) => metadata.topic === "billing"
        }),
        {
          evaluateRun: (run, example) => ({ key: "object", score: run.outputs.answer === example.inputs.question })
        },
        groundedness(),
        exactMatch(),
        Tone
      ],
      summaryEvaluators: [
        ({ outputs, rows }) => {
          expectTypeOf(outputs).toEqualTypeOf<ReadonlyArray<{ readonly answer: string } | undefined>>()
          return { key: "rows", score: rows.length }
        },
        SummaryEvaluator.make("answers", ({ runs }) => runs.filter((run) => run.outputs?.answer === "").length),
        SummaryEvaluator.fold("longest", {
          initial: () => 0,
          step: (longest, { run }) => Math.max(longest, run.outputs?.answer.length ?? 0),
          result: (longest) => Effect.as(Model, longest)
        })
      ],
      repetitions: 3,
      concurrency: 16,
      timeout: "30 seconds",
      retry: Schedule.exponential("200 millis")
    })
    type Result = typeof program extends Effect.Effect<infer A, infer E, infer R> ? { A: A; E: E; R: R } : never
    expectTypeOf<Result["A"]>().toEqualTypeOf<
      Experiment.Experiment<
        { readonly question: string },
        { readonly answer: string },
        { readonly answer: string },
        { readonly topic: string },
        ModelError | Target.SchemaMismatch
      >
    >()
    expectTypeOf<Result["E"]>().toEqualTypeOf<
      Dataset.DatasetError | Evaluation.InvalidOptions | Evaluation.TooManyFailures
    >()
    expectTypeOf<Result["R"]>().toEqualTypeOf<
      Answerer | Model | Tone | FileSystem.FileSystem | TracingClient.TracingClient
    >()
  })

  it("streams rows of the same types", () => {
    const rows = Evaluation.stream(evaluation, {
      evaluators: [({ outputs }) => ({ key: "k", score: outputs.answer.length })]
    })
    type Element = typeof rows extends Stream.Stream<infer A, infer _E, infer _R> ? A : never
    expectTypeOf<Element["run"]["outputs"]>().toEqualTypeOf<{ readonly answer: string } | undefined>()
    expectTypeOf<Element>().toExtend<Row.Row>()
    expectTypeOf<Element["run"]>().toExtend<Run.Run>()
  })

  it("reads a function target's outputs, errors and services off its result", () => {
    const data = Dataset.fromIterable("numbers", [{ inputs: 1 }])
    const value = Evaluation.make("value", { data, target: (n) => n * 2 })
    expectTypeOf(value.target).toEqualTypeOf<Target.Target<number, number>>()
    const promise = Evaluation.make("promise", { data, target: async (n) => String(n) })
    expectTypeOf(promise.target).toEqualTypeOf<Target.Target<number, string, unknown>>()
    const effect = Evaluation.make("effect", { data, target: (n) => Model.use((model) => model.ask(String(n))) })
    expectTypeOf(effect.target).toEqualTypeOf<Target.Target<number, string, ModelError, Model>>()
  })

  it("takes it that a function which gives `any` needs nothing", () => {
    const data = Dataset.fromIterable("texts", [{ inputs: "1" }])
    expectTypeOf(Target.make("parsed", (text: string) => JSON.parse(text)))
      // What it gives and how it fails cannot be known.
      .toEqualTypeOf<Target.Target<string, any, unknown>>() // oxlint-disable-line typescript/no-explicit-any
    const parsing = Evaluation.make("parsing", { data, target: (text) => JSON.parse(text) })
    const program = Evaluation.run(parsing, {
      evaluators: [
        ({ outputs }) => JSON.parse(outputs),
        Evaluator.make("made", ({ outputs }) => JSON.parse(outputs)),
        Evaluator.makeForAllRuns("all", ({ outputs }) => JSON.parse(outputs)),
        { evaluateRun: ({ outputs }) => JSON.parse(outputs) }
      ],
      summaryEvaluators: [
        ({ outputs }) => JSON.parse(String(outputs[0])),
        SummaryEvaluator.make("made", ({ outputs }) => JSON.parse(String(outputs[0])))
      ]
    })
    expectTypeOf<Effect.Services<typeof program>>().toEqualTypeOf<TracingClient.TracingClient>()
    const judging = (experiment: Experiment.Experiment<string, string>) =>
      PairwiseEvaluation.run([experiment, experiment], {
        evaluators: [
          ({ outputs }) => JSON.parse(String(outputs[0])),
          PairwiseEvaluator.make("made", ({ outputs }) => JSON.parse(String(outputs[0])))
        ]
      })
    expectTypeOf<Effect.Services<ReturnType<typeof judging>>>().toEqualTypeOf<TracingClient.TracingClient>()
    // Beside what says what it needs, that is still asked for.
    const asking = Evaluation.run(parsing, {
      evaluators: [({ outputs }) => JSON.parse(outputs), Evaluator.make("k", () => Model.use((model) => model.ask("")))]
    })
    expectTypeOf<Effect.Services<typeof asking>>().toEqualTypeOf<Model | TracingClient.TracingClient>()
  })

  it("says what several layers of progress give and need together", () => {
    const own = Layer.effect(Progress.Progress, Effect.as(Model, Progress.silent))
    expectTypeOf(Progress.layerAll(Progress.layerTerminal(), Progress.layerEvents(), own))
      .toEqualTypeOf<Layer.Layer<Progress.Events, never, Stdio.Stdio | Model>>()
  })

  it("keeps the typed cause of a target's failure in the row", () => {
    const data = Dataset.fromIterable("numbers", [{ inputs: 1 }])
    const evaluation = Evaluation.make("effect", { data, target: (n) => Model.use((model) => model.ask(String(n))) })
    const rows = Evaluation.stream(evaluation)
    const causes = Stream.map(
      rows,
      ({ run }) => run.outcome._tag === "Failed" ? run.outcome.cause : Cause.empty
    )
    expectTypeOf(causes).toExtend<Stream.Stream<Cause.Cause<ModelError>, unknown, unknown>>()
  })

  it("refuses what does not fit", () => {
    const data = Dataset.fromIterable("numbers", [{ inputs: 1, referenceOutputs: "one" }])
    const numbers = Evaluation.make("numbers", { data, target: (n) => n * 2 })
    // @ts-expect-error -- a Date is no result
    void Evaluation.stream(numbers, { evaluators: [() => new Date()] })
    // @ts-expect-error -- there is no such field
    void Evaluation.stream(numbers, { evaluators: [({ outputs }) => ({ key: "k", score: outputs.length })] })
    const ofTexts = Evaluator.make("k", ({ outputs }: Evaluator.EvaluatorArgs<unknown, string>) => outputs === "")
    // @ts-expect-error -- this evaluator judges texts
    void Evaluation.stream(numbers, { evaluators: [ofTexts] })
    // @ts-expect-error -- outputs are numbers, references are texts
    void Evaluation.stream(numbers, { evaluators: [exactMatch<string>()] })
    // @ts-expect-error -- the target wants texts
    void Evaluation.make("texts", { data, target: Target.make("length", (text: string) => text.length) })
    const asking = Evaluation.run(numbers, {
      evaluators: [Evaluator.make("k", () => Model.use((model) => model.ask("")))]
    }).pipe(Effect.provide(TracingClient.layerNone))
    // @ts-expect-error -- what an evaluator needs has to be provided
    // @effect-diagnostics-next-line missingEffectContext:off
    void (() => Effect.runPromise(asking))
    void (() => Effect.runPromise(Effect.provide(Evaluation.run(numbers), TracingClient.layerNone)))
    assert.isTrue(true)
  })
})
