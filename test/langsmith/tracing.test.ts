import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Logger, Schema } from "effect"
import { Dataset, Evaluation, EvaluationResult, Evaluator, TracingClient } from "../../src/index.ts"
import { DatasetStore, Experiments } from "../../src/langsmith/index.ts"
import { traceable, traceHeaders } from "../../src/traceable/index.ts"
import { datasetId, exampleId } from "./stub.ts"
import { langsmith, startStub, temporaryDirectory } from "./support.ts"

const Inputs = Schema.Struct({ x: Schema.Finite, question: Schema.String })
const Outputs = Schema.Struct({ y: Schema.Finite })

const evaluation = Effect.map(
  DatasetStore.dataset("stub-dataset", { inputs: Inputs, referenceOutputs: Outputs }),
  (data) => Evaluation.make("doubling", { data, target: ({ x }) => Effect.succeed({ y: 2 * x }) })
)

/** Counts by value. */
const countBy = <A>(all: ReadonlyArray<A>, of: (a: A) => string) =>
  Object.fromEntries(Array.from(Map.groupBy(all, of), ([value, { length }]) => [value, length]))

describe("an experiment in LangSmith", () => {
  it.live("is a session on the dataset, with all that is known about it, and ends", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const experiment = yield* Effect.flatMap(evaluation, (evaluation) =>
        Evaluation.run(evaluation, {
          name: "nightly",
          description: "every night",
          // What the run knows by itself is not for the user to say.
          metadata: { model: "m1", num_repetitions: 99 },
          tags: ["ci"],
          repetitions: 2,
          evaluators: [function correct({ outputs, referenceOutputs }) {
            return outputs.y === referenceOutputs.y
          }],
          provenance: Effect.succeed({ git: { commit: "abc" } })
        })).pipe(Effect.provide(langsmith(stub)))
      assert.deepStrictEqual(experiment.tracingFailures, [])
      const [created] = stub.askedOf("POST /sessions")
      const { extra, ...body } = created?.body ?? {}
      assert.deepStrictEqual(body, {
        id: experiment.id,
        name: "nightly",
        start_time: body.start_time,
        description: "every night",
        reference_dataset_id: datasetId,
        num_examples: 3,
        num_repetitions: 2,
        evaluator_keys: ["correct"]
      })
      assert.match(body.start_time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
      assert.deepInclude(extra.metadata, {
        model: "m1",
        git: { commit: "abc" },
        num_repetitions: 2,
        dataset_version: "2025-01-02T00:00:00.100002+00:00",
        tags: ["ci"]
      })
      const session = stub.sessions.get(experiment.id)
      assert.match(session.end_time, /^\d{4}-/)
      assert.deepInclude(session.extra.metadata, {
        model: "m1",
        dataset_splits: ["base", "train"],
        experiment_status: "completed",
        row_count: 6
      })
      assert.strictEqual(session.run_count ?? stub.runsOf("nightly").length, 6)
    }))

  it.live("has runs that refer to their examples, with the runs of their spans below, and the tokens of models", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 1 })
      const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs }).pipe(Effect.provide(langsmith(stub)))
      const answer = Effect.succeed({ y: 0 }).pipe(
        Effect.withSpan("chat", {
          attributes: {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.provider.name": "openai",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.usage.output_tokens": 4,
            "gen_ai.input.messages": JSON.stringify([{ role: "user", content: "0 + 0?" }])
          }
        }),
        Effect.withSpan("LanguageModel.generateText", {
          attributes: { "gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4 }
        }),
        Effect.withSpan("answer")
      )
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target: () => answer }), { tags: ["t"] })
        .pipe(
          Effect.provide(langsmith(stub))
        )
      const [root, outer, model, call] = stub.runsOf(experiment.name)
      const row = experiment.rows[0]
      assert.deepInclude(root, {
        id: row?.run.id,
        trace_id: row?.run.id,
        run_type: "chain",
        reference_example_id: exampleId(0),
        inputs: { x: 0, question: "What is 0 + 0?" },
        outputs: { y: 0 },
        tags: ["t"]
      })
      assert.isUndefined(root.parent_run_id)
      assert.deepInclude(root.extra.metadata, {
        num_repetitions: 1,
        repetition: 0,
        example_version: "2025-01-02T00:00:00.100000+00:00"
      })
      assert.deepInclude(root.extra.runtime, { sdk: "effect-evals" })
      assert.deepStrictEqual([outer, model, call].map(({ name, run_type }) => `${name} ${run_type}`), [
        "answer chain",
        "LanguageModel.generateText llm",
        "chat llm"
      ])
      assert.deepStrictEqual([outer.parent_run_id, model.parent_run_id, call.parent_run_id], [
        root.id,
        outer.id,
        model.id
      ])
      assert.deepStrictEqual([outer, model, call].map(({ trace_id }) => trace_id), [root.id, root.id, root.id])
      // The order of a run begins with that of its parent.
      for (const [parent, child] of [[root, outer], [outer, model], [model, call]]) {
        assert.isTrue(child.dotted_order.startsWith(`${parent.dotted_order}.`))
        assert.isTrue(child.dotted_order.endsWith(child.id))
      }
      assert.match(root.dotted_order, /^\d{8}T\d{12}Z[0-9a-f-]{36}$/)
      // Both spans say what was used; LangSmith adds up, so only the inner one does there.
      assert.isUndefined(model.outputs)
      assert.deepStrictEqual(call.outputs.usage_metadata, { input_tokens: 3, output_tokens: 4, total_tokens: 7 })
      assert.deepStrictEqual(call.inputs, { messages: [{ role: "user", content: "0 + 0?" }] })
      assert.deepInclude(call.extra.metadata, { ls_model_name: "gpt-4o", ls_provider: "openai" })
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("has a run for each evaluator, with its name and only its inputs, and feedback that leads there", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const full: EvaluationResult.ReturnedResult = {
        key: "full",
        score: 0.123456789,
        value: "label",
        comment: "because",
        correction: { y: 1 },
        evaluatorInfo: { judge: "j" },
        feedbackConfig: { type: "continuous", min: 0, max: 1 },
        metadata: { a: 1 },
        extra: { b: 2 }
      }
      const experiment = yield* Effect.flatMap(evaluation, (evaluation) =>
        Evaluation.run(evaluation, {
          name: "feedback",
          evaluators: [
            Evaluator.make("full", () => full),
            Evaluator.make("several", () => [{ key: "a", score: 1 }, { key: "b", value: "blue" }]),
            Evaluator.make("broken", () => {
              throw new Error("no judge")
            }),
            Evaluator.make("silent", () => new EvaluationResult.Skip("nothing to say"))
          ],
          summaryEvaluators: [
            function overall() {
              return { score: 0.5, comment: "so so" }
            },
            function failing() {
              throw new Error("no summary")
            }
          ]
        })).pipe(Effect.provide(langsmith(stub)))
      const feedback = Array.from(stub.feedback.values())
      assert.deepStrictEqual(countBy(feedback, ({ key }) => key), {
        overall: 1,
        failing: 1,
        full: 3,
        a: 3,
        b: 3,
        broken: 3
      })
      const runs = stub.runsOf("evaluators")
      assert.deepStrictEqual(countBy(runs, ({ name }) => name), { full: 3, several: 3, broken: 3, silent: 3 })
      const row = experiment.rows[1]
      const own = feedback.filter(({ run_id }) => run_id === row?.run.id)
      const said = own.find(({ key }) => key === "full")
      const evaluatorRun = runs.find(({ id }) => id === said.feedback_source.metadata.__run.run_id)
      assert.deepInclude(said, {
        trace_id: row?.run.id,
        // Never rounded.
        score: 0.123456789,
        value: "label",
        comment: "because",
        correction: { y: 1 },
        session_id: experiment.id,
        feedback_config: { type: "continuous", min: 0, max: 1 },
        extra: { b: 2, metadata: { a: 1 } },
        error: null
      })
      assert.deepStrictEqual(said.feedback_source, {
        type: "model",
        metadata: { judge: "j", __run: { run_id: evaluatorRun.id } }
      })
      assert.deepStrictEqual(evaluatorRun.inputs, {
        inputs: { x: 1, question: "What is 1 + 1?" },
        outputs: { y: 2 },
        reference_outputs: { y: 2 }
      })
      assert.deepInclude(evaluatorRun.outputs, { key: "full", value: "label" })
      assert.deepInclude(evaluatorRun.extra.metadata, {
        target_run_id: row?.run.id,
        reference_example_id: exampleId(1),
        experiment: "feedback"
      })
      const broken = own.find(({ key }) => key === "broken")
      assert.deepInclude(broken, { score: null, error: true, comment: "Error: no judge", extra: { error: true } })
      assert.strictEqual(runs.find(({ name }) => name === "broken").error, "Error: no judge")
      const overall = feedback.find(({ key }) => key === "overall")
      assert.deepInclude(overall, { run_id: null, session_id: experiment.id, score: 0.5, comment: "so so" })
      assert.deepInclude(feedback.find(({ key }) => key === "failing"), { run_id: null, error: true })
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("shows runs that failed, and feedback on a child run", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 2 })
      const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs }).pipe(Effect.provide(langsmith(stub)))
      const target = ({ x }: typeof Inputs.Type) =>
        x === 0 ? Effect.fail("refused") : Effect.succeed(x).pipe(Effect.withSpan("step"))
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target }), {
        evaluators: [Evaluator.make("step", ({ run }) => ({ score: 1, targetRunId: run.childRuns[0]?.id }))]
      }).pipe(Effect.provide(langsmith(stub)))
      const runs = stub.runsOf(experiment.name)
      const [failed, , step] = [
        runs.find(({ inputs }) => inputs.x === 0),
        runs.find(({ inputs }) => inputs.x === 1),
        runs.find(({ name }) => name === "step")
      ]
      assert.match(failed.error, /refused/)
      assert.isUndefined(failed.outputs)
      // What is no object is the member of one.
      assert.deepStrictEqual(runs.find(({ inputs }) => inputs.x === 1).outputs, { output: 1 })
      const [feedback] = Array.from(stub.feedback.values())
      assert.strictEqual(stub.feedback.size, 1)
      assert.deepStrictEqual([feedback.run_id, feedback.trace_id], [step.id, step.trace_id])
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("has its runs in the places that trace headers say", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 1 })
      const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs }).pipe(Effect.provide(langsmith(stub)))
      const target = traceable(async function ask(_inputs: typeof Inputs.Type) {
        return traceHeaders()
      })
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target: (inputs) => target(inputs) })).pipe(
        Effect.provide(langsmith(stub))
      )
      const root = stub.runsOf(experiment.name).find(({ parent_run_id }) => parent_run_id === undefined)
      const header = experiment.rows[0]?.run.outputs?.["langsmith-trace"]
      const child = stub.runsOf(experiment.name).find(({ name }) => name === "ask")
      // Another service goes on below the function that asks it.
      assert.strictEqual(header, child.dotted_order)
      assert.strictEqual(child.parent_run_id, root.id)
      assert.deepInclude(child.inputs, { x: 0 })
      assert.strictEqual(child.outputs["langsmith-trace"], header)
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("gets another name where its own is taken, and keeps its id", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const run = Effect.flatMap(evaluation, (evaluation) => Evaluation.run(evaluation, { name: "same" }))
      const [first, second] = yield* Effect.all([run, run]).pipe(Effect.provide(langsmith(stub)))
      assert.strictEqual(stub.sessions.get(first?.id ?? "").name, "same")
      assert.strictEqual(stub.sessions.get(second?.id ?? "").name, `same-${second?.id.slice(-8)}`)
      assert.strictEqual(stub.runsOf(`same-${second?.id.slice(-8)}`).length, 3)
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("that goes on from another one has its runs under ids of their own", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const program = Effect.gen(function*() {
        const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs })
        const target = ({ x }: typeof Inputs.Type) => Effect.withSpan(Effect.succeed(x), "step")
        const run = (
          options: Pick<
            Evaluation.Options<unknown, number, unknown, unknown, unknown, [], [], never>,
            "resume" | "name"
          >
        ) =>
          Evaluation.run(Evaluation.make("e", { data, target }), {
            ...options,
            evaluators: [Evaluator.make("one", () => 1)]
          })
        const first = yield* run({ name: "first" })
        const second = yield* run({ name: "second", resume: { experiments: [first] } })
        assert.deepStrictEqual(second.reused, { runs: 3, evaluations: 3 })
        const judged = yield* Experiments.evaluateExisting(second, { evaluators: [Evaluator.make("two", () => 2)] })
        assert.deepStrictEqual(judged.tracingFailures, [])
      })
      yield* Effect.provide(program, langsmith(stub))
      assert.strictEqual(stub.repeated.size, 0)
      const [first, second] = [stub.runsOf("first"), stub.runsOf("second")]
      assert.deepStrictEqual([first.length, second.length], [6, 6])
      assert.strictEqual(new Set([...first, ...second].map(({ id }) => id)).size, 12)
      const of = (key: string) =>
        Array.from(stub.feedback.values()).filter((said) => said.key === key).map(({ run_id }) =>
          stub.runs.get(run_id).session_name
        )
      assert.deepStrictEqual(countBy(of("one"), (name) => name), { first: 3, second: 3 })
      assert.deepStrictEqual(countBy(of("two"), (name) => name), { second: 3 })
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("that is interrupted has the rows that were done, and says so", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 50 })
      const done = yield* Deferred.make<void>()
      const program = Effect.gen(function*() {
        const data = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs })
        const target = ({ x }: typeof Inputs.Type) =>
          x < 20 ? Effect.succeed(x) : Effect.andThen(Deferred.succeed(done, undefined), Effect.never)
        yield* Evaluation.run(Evaluation.make("e", { data, target }), { name: "cut", concurrency: 1 })
      })
      const fiber = yield* Effect.forkChild(Effect.provide(program, langsmith(stub)))
      yield* Deferred.await(done)
      yield* Fiber.interrupt(fiber)
      const [session] = Array.from(stub.sessions.values())
      assert.strictEqual(session.extra.metadata.experiment_status, "interrupted")
      assert.isString(session.end_time)
      const outputs = stub.runsOf("cut").filter(({ outputs }) => outputs !== undefined)
      assert.strictEqual(outputs.length, 20)
      assert.strictEqual(stub.runsOf("cut").length, session.extra.metadata.row_count)
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("is a project where LangSmith has no such dataset, and says so", () =>
    Effect.gen(function*() {
      const logged: Array<string> = []
      const logger = Logger.layer([Logger.make(({ message }) => void logged.push(String(message)))])
      const stub = yield* startStub()
      const data = Dataset.fromIterable("elsewhere", [{ id: "one", inputs: 1 }])
      const experiment = yield* Evaluation.run(Evaluation.make("e", { data, target: (n) => n })).pipe(
        Effect.provide([langsmith(stub), logger])
      )
      const session = stub.sessions.get(experiment.id)
      assert.isUndefined(session.reference_dataset_id)
      const [run] = stub.runsOf(experiment.name)
      assert.isUndefined(run.reference_example_id)
      assert.strictEqual(run.extra.metadata.example_id, "one")
      assert.deepStrictEqual(run.inputs, { input: 1 })
      assert.isTrue(logged.some((line) => line.includes("no dataset elsewhere")))
      assert.isTrue(logged.some((line) => line.includes(`/projects/p/${experiment.id}`)))
    }))

  it.live("is cut into requests that the server takes, compressed where it wants that", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 50, gzip: true, batchRuns: 7, batchBytes: 9000 })
      const experiment = yield* Effect.flatMap(evaluation, (evaluation) =>
        Evaluation.run(evaluation, { evaluators: [Evaluator.make("one", () => 1)] })).pipe(
          Effect.provide(langsmith(stub))
        )
      const forms = stub.askedOf("POST /runs/multipart")
      assert.isAtLeast(forms.length, 100 / 7)
      for (const { body, headers } of forms) {
        assert.strictEqual(headers["content-encoding"], "gzip")
        const parts: ReadonlyArray<{ name: string; raw: Buffer }> = body
        assert.isAtMost(
          parts.filter(({ name }) =>
            /^post\.[0-9a-f-]{36}$/.test(name)
          ).length,
          7
        )
        assert.isAtMost(parts.reduce((sum, { raw }) => sum + raw.length, 0), 9000)
      }
      assert.strictEqual(stub.runs.size, 100)
      assert.strictEqual(stub.feedback.size, 50)
      assert.deepStrictEqual(stub.repeated.size, 0)
      assert.deepStrictEqual(experiment.tracingFailures, [])
    }).pipe(Effect.provide(Logger.layer([]))))

  it.live("is written beside a journal, each for itself", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const { directory, files } = yield* temporaryDirectory
      const both = TracingClient.layerAll(langsmith(stub), TracingClient.layerJournal({ directory }))
      const experiment = yield* Effect.flatMap(evaluation, (evaluation) => Evaluation.run(evaluation)).pipe(
        Effect.provide(both)
      )
      assert.strictEqual(stub.runsOf(experiment.name).length, 3)
      assert.strictEqual((yield* files).length, 1)
    }).pipe(Effect.provide([NodeServices.layer, Logger.layer([])])))
})
