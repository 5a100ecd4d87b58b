import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Schema } from "effect"
import { Comparison, Evaluation, Evaluator } from "../../src/index.ts"
import { DatasetStore, Experiments, LangSmithError } from "../../src/langsmith/index.ts"
import { secondPath } from "../../src/langsmith/internal/runQueries.ts"
import { datasetId, exampleId, type Options, type Stub, tenantId } from "./stub.ts"
import { langsmith, startStub } from "./support.ts"

const Inputs = Schema.Struct({ x: Schema.Finite, question: Schema.String })
const Outputs = Schema.Struct({ y: Schema.Finite })
const data = { inputs: Inputs, outputs: Outputs, referenceOutputs: Outputs }

const quiet = Logger.layer([])

/** An experiment on the stub's dataset; its target is off by so much. */
const run = (name: string, off: number, options: { readonly repetitions?: number; readonly failOn?: number } = {}) =>
  Effect.gen(function*() {
    const dataset = yield* DatasetStore.dataset("stub-dataset", { inputs: Inputs, referenceOutputs: Outputs })
    const target = ({ x }: typeof Inputs.Type) =>
      x === options.failOn
        ? Effect.fail("refused")
        : Effect.succeed({ y: 2 * x + off }).pipe(Effect.withSpan("step"))
    return yield* Evaluation.run(Evaluation.make("doubling", { data: dataset, target }), {
      name,
      metadata: { off },
      repetitions: options.repetitions,
      evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => ({
        score: outputs.y === referenceOutputs?.y,
        comment: "compared"
      }))]
    })
  })

const withStub = <A, E, R>(f: (stub: Stub) => Effect.Effect<A, E, R>, options: Options = {}) =>
  Effect.flatMap(startStub(options), (stub) => f(stub).pipe(Effect.provide([langsmith(stub), quiet])))

describe("an experiment read from LangSmith", () => {
  it.live("is the one that was written", () =>
    withStub(() =>
      Effect.gen(function*() {
        const written = yield* run("written", 0, { repetitions: 2, failOn: 1 })
        const read = yield* Experiments.read("written", { data, nested: true })
        assert.deepInclude(read, { id: written.id, name: "written", status: "completed", rowCount: 6, repetitions: 2 })
        assert.deepStrictEqual(read.runs, { succeeded: 4, failed: 2, timedOut: 0, cancelled: 0 })
        assert.deepStrictEqual(
          read.rows.map(({ example, run }) => [run.id, example.id, run.repetition]),
          written.rows.map(({ example, run }) => [run.id, example.id, run.repetition])
        )
        for (const [i, { evaluations, example, run }] of read.rows.entries()) {
          const row = written.rows[i]
          assert.deepStrictEqual(run.outputs, row?.run.outputs)
          assert.deepStrictEqual(example.inputs, row?.example.inputs)
          assert.strictEqual(example.contentHash, row?.example.contentHash)
          assert.deepStrictEqual(run.childRuns.map(({ name }) => name), row?.run.childRuns.map(({ name }) => name))
          assert.strictEqual(run.error === undefined, row?.run.error === undefined)
          const [evaluation] = evaluations
          if (run.error === undefined) {
            assert.strictEqual(evaluation?.outcome._tag, "Scored")
            // Times are kept to the microsecond.
            assert.closeTo(run.startTime, row?.run.startTime ?? 0, 0.002)
          } else assert.strictEqual(evaluation?.outcome._tag, "Skipped")
        }
        assert.strictEqual(read.summaries["correct"]?.score?.mean, 1)
        assert.strictEqual(
          yield* Experiments.url(written),
          `http://localhost:3000/o/${tenantId}/datasets/${datasetId}/compare?selectedSessions=${written.id}`
        )
      })
    ))

  const backends: ReadonlyArray<readonly [which: string, flags: { readonly [flag: string]: boolean }, path: string]> = [
    ["that say nothing about it", {}, "/runs/query"],
    ["that have both stores", { ch_query_enabled: true, sdb_query_enabled: true }, "/runs/query"],
    ["that have the old store", { ch_query_enabled: true, sdb_query_enabled: false }, "/runs/query"],
    ["that have the new store only", { ch_query_enabled: false, sdb_query_enabled: true }, "/api/v2/runs/query"]
  ]
  it.live.each(backends)(
    "is found by the query of servers %s",
    ([, flags, path]) =>
      withStub((stub) =>
        Effect.gen(function*() {
          const written = yield* run("written", 1, { failOn: 2 })
          for (const nested of [true, false]) {
            const read = yield* Experiments.read("written", { data, nested })
            assert.deepStrictEqual(
              read.rows.map(({ run }) => [run.id, run.outputs, run.error, run.childRuns.map(({ name }) => name)]),
              written.rows.map((
                { run }
              ) => [run.id, run.outputs, run.error, nested ? ["step"].slice(run.error ? 1 : 0) : []])
            )
            assert.deepStrictEqual(
              read.rows.map(({ example }) => example.contentHash),
              written.rows.map(({ example }) => example.contentHash)
            )
            assert.strictEqual(read.summaries["correct"]?.score?.mean, 0)
          }
          const asked = stub.asked.filter((request) => request.path.endsWith("/runs/query"))
          assert.isAbove(asked.length, 2)
          assert.deepStrictEqual(Array.from(new Set(asked.map((request) => request.path))), [path])
        }), { flags })
  )

  it("is asked for at the same place, however the address of the API is given", () => {
    for (const apiUrl of ["https://host", "https://host/api", "https://host/api/v1"]) {
      assert.strictEqual(new URL(`${apiUrl}${secondPath(apiUrl)}`).href, "https://host/api/v2/runs/query")
    }
  })

  it.live("can be compared with one that was just run", () =>
    withStub(() =>
      Effect.gen(function*() {
        yield* run("before", 1)
        const after = yield* run("after", 0)
        const before = yield* Experiments.read("before", { data })
        const comparison = yield* Comparison.make(before, after)
        assert.strictEqual(comparison.matched.length, 3)
        assert.strictEqual(comparison.keys["correct"]?.numbers.difference.estimate, 1)
      })
    ))

  it.live("does not fit a schema that it was not written for, and says where", () =>
    withStub(() =>
      Effect.gen(function*() {
        const { rows } = yield* run("written", 0)
        const error = yield* Effect.flip(
          Experiments.read("written", { data: { outputs: Schema.Struct({ z: Schema.String }) } })
        )
        assert.strictEqual(error.reason, "Unreadable")
        assert.include(error.message, rows[0]?.run.id ?? "nothing")
        assert.include(error.message, "z")
        const missing = yield* Effect.flip(Experiments.read("other"))
        assert.strictEqual(missing.reason, "NotFound")
        assert.include(missing.message, "There is no experiment other in LangSmith")
      })
    ))
})

describe("an experiment that is there already", () => {
  it.live("is judged without the target being run, on the runs that are there", () =>
    withStub((stub) =>
      Effect.gen(function*() {
        const written = yield* run("written", 1, { failOn: 2 })
        const runs = stub.runsOf("written").length
        const asked = stub.asked.length
        const existing = yield* Experiments.read("written", { data })
        const judged = yield* Experiments.evaluateExisting(existing, {
          evaluators: [
            Evaluator.make("off", ({ outputs, referenceOutputs }) => ({
              score: outputs.y - referenceOutputs.y,
              comment: "difference"
            }))
          ],
          summaryEvaluators: [function largest() {
            return 1
          }]
        })
        assert.deepStrictEqual(judged.reused, { runs: 3, evaluations: 0 })
        assert.strictEqual(judged.summaries["off"]?.score?.mean, 1)
        assert.deepStrictEqual(judged.tracingFailures, [])
        // No further session, and no further run of the target.
        assert.strictEqual(stub.sessions.size, 1)
        assert.strictEqual(stub.runsOf("written").length, runs)
        assert.isFalse(stub.asked.slice(asked).some(({ method }) => method === "PATCH"))
        const off = Array.from(stub.feedback.values()).filter(({ key }) => key === "off")
        assert.strictEqual(off.length, 2)
        for (const { comment, feedback_source, run_id, score, session_id } of off) {
          assert.deepStrictEqual([score, comment, session_id], [1, "difference", written.id])
          assert.isTrue(written.rows.some(({ run }) => run.id === run_id))
          const evaluator = stub.runs.get(feedback_source.metadata.__run.run_id)
          assert.strictEqual(evaluator.name, "off")
          assert.strictEqual(evaluator.extra.metadata.target_run_id, run_id)
        }
        const summary = Array.from(stub.feedback.values()).find(({ key }) => key === "largest")
        assert.deepInclude(summary, { run_id: null, session_id: written.id, score: 1 })
      })
    ))
})

describe("a comparative experiment", () => {
  it.live("has a score for each run, with comments, in groups, and runs of the evaluators", () =>
    withStub((stub) =>
      Effect.gen(function*() {
        yield* run("good", 0)
        yield* run("bad", 1)
        const good = yield* Experiments.read("good", { data })
        const bad = yield* Experiments.read("bad", { data })
        const compared = yield* Experiments.evaluateComparative([good, bad], {
          description: "which is right?",
          metadata: { k: 1 },
          order: "both",
          evaluators: [function right({ outputs, referenceOutputs, runs }) {
            return {
              scores: outputs.map(({ y }) => y === referenceOutputs.y ? 1 : 0),
              comment: Object.fromEntries(runs.map(({ id }, i) => [id, `said ${outputs[i]?.y}`]))
            }
          }]
        })
        assert.strictEqual(compared.keys["right"]?.pairs[0]?.losses, 3)
        assert.deepStrictEqual(compared.tracingFailures, [])
        const comparative = stub.comparatives.get(compared.comparativeExperimentId)
        assert.deepInclude(comparative, {
          experiment_ids: [good.id, bad.id],
          reference_dataset_id: datasetId,
          description: "which is right?",
          extra: { metadata: { k: 1 } }
        })
        assert.match(comparative.name, /^good vs\. bad-[0-9a-f]{8}$/)
        assert.include(compared.url, `selectedSessions=${good.id}%2C${bad.id}&comparativeExperiment=${comparative.id}`)
        const feedback = Array.from(stub.feedback.values()).filter(({ key }) => key === "right")
        // Three examples, two runs each, seen in both orders.
        assert.strictEqual(feedback.length, 12)
        const groups = Array.from(Map.groupBy(feedback, ({ feedback_group_id }) => feedback_group_id).values())
        assert.strictEqual(groups.length, 6)
        for (const [first, second, ...rest] of groups) {
          assert.deepStrictEqual([first.score, second.score, rest], [1, 0, []])
          assert.deepStrictEqual([first.session_id, second.session_id], [good.id, bad.id])
          assert.deepStrictEqual(
            [first, second].map(({ comparative_experiment_id }) => comparative_experiment_id),
            [comparative.id, comparative.id]
          )
          const run = good.rows.find(({ run }) => run.id === first.run_id)
          assert.strictEqual(first.comment, `said ${run?.run.outputs?.y}`)
          assert.strictEqual(stub.runs.get(first.feedback_source.metadata.__run.run_id).session_name, "evaluators")
        }
        assert.strictEqual(
          new Set(feedback.map(({ feedback_source }) => feedback_source.metadata.__run.run_id)).size,
          6
        )
      })
    ))

  it.live("needs experiments on the same dataset", () =>
    withStub((stub) =>
      Effect.gen(function*() {
        const one = yield* run("one", 0)
        const two = yield* run("two", 0)
        stub.sessions.get(one.id).reference_dataset_id = exampleId(1)
        const error = yield* Effect.flip(
          Experiments.evaluateComparative([one, two], {
            evaluators: [function first() {
              return 0
            }]
          })
        )
        assert.instanceOf(error, LangSmithError)
        assert.include(error.message, "one, two are not experiments on one and the same dataset")
        // Nothing was made that nobody can use.
        assert.strictEqual(stub.comparatives.size, 0)
      })
    ))
})
