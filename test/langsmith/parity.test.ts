/**
 * The same by LangSmith's own client and by this one, told to the same stand-in for the server. What is told differently
 * is listed here, by reason; the reasons are in docs/langsmith.md.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Schema, Stream } from "effect"
import { Client } from "langsmith"
import { evaluate, evaluateComparative } from "langsmith/evaluation"
import { traceable } from "langsmith/traceable"
import { readFileSync } from "node:fs"
import { Attachment, Evaluation, Evaluator } from "../../src/index.ts"
import { DatasetStore, Experiments } from "../../src/langsmith/index.ts"
import { differenceLines, experimentFacts } from "./facts.ts"
import { type Anything, datasetId, exampleId, type Stub } from "./stub.ts"
import { key, langsmith, startStub } from "./support.ts"

const Inputs = Schema.Struct({ x: Schema.Finite, question: Schema.String })
const Outputs = Schema.Struct({ y: Schema.Finite })

/** Differences by reason. */
type Expected = { readonly [reason: string]: ReadonlyArray<string> }

const documentation = readFileSync(new URL("../../docs/langsmith.md", import.meta.url), "utf8").replace(/\s+/g, " ")

const assertDifferences = (theirs: Anything, ours: Anything, expected: Expected) => {
  assert.deepStrictEqual(differenceLines(theirs, ours), Object.values(expected).flat().toSorted())
  for (const reason of Object.keys(expected)) assert.include(documentation, reason)
}

const theirClient = (stub: Stub) => new Client({ apiUrl: stub.url, apiKey: key })

/** Their client tells the console what it could not do; that is not the matter here. */
const silenced = <A>(run: () => Promise<A>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const { error, log, warn } = console
      Object.assign(console, { error: () => {}, log: () => {}, warn: () => {} })
      return { error, log, warn }
    }),
    () => Effect.promise(run),
    (before) => Effect.sync(() => Object.assign(console, before))
  )

const theirExperiment = (stub: Stub, target: (client: Client) => Anything, options: Anything = {}) =>
  silenced(async () => {
    const client = theirClient(stub)
    const results = await evaluate(target(client), {
      data: "stub-dataset",
      client,
      experimentPrefix: "theirs",
      ...options
    })
    await client.awaitPendingTraceBatches()
    return results.experimentName
  })

/** What their client tells of an experiment. */
const theirFacts = (target: (client: Client) => Anything, options: Anything = {}) =>
  Effect.gen(function*() {
    const stub = yield* startStub()
    return experimentFacts(stub, yield* theirExperiment(stub, target, options))
  })

const ourData = DatasetStore.dataset("stub-dataset", { inputs: Inputs, referenceOutputs: Outputs })

const quiet = Logger.layer([])

/** What ours tells of one. */
const ourFacts = <E, R>(
  run: (data: Effect.Success<typeof ourData>) => Effect.Effect<{ readonly name: string }, E, R>
) =>
  Effect.gen(function*() {
    const stub = yield* startStub()
    const { name } = yield* Effect.flatMap(ourData, run).pipe(Effect.provide([langsmith(stub), quiet]))
    return experimentFacts(stub, name)
  })

const doubling = async ({ x }: { readonly x: number }) => ({ y: 2 * x })

const full = {
  key: "full",
  score: 0.123456789,
  value: "label",
  comment: "because",
  correction: { y: 1 },
  evaluatorInfo: { judge: "j" },
  feedbackConfig: { type: "continuous" as const, min: 0, max: 1 }
}

/** Every shape that an evaluator may return, and some that it may not: the same functions for both clients. */
const shapes = {
  object: () => ({ key: "object", score: true, comment: "fine" }),
  // A copy each time: their client writes into what it is given.
  full: () => ({ ...full }),
  several: () => [{ key: "a", score: 1 }, { key: "b", value: "blue" }],
  results: () => ({ results: [{ key: "r1", score: 0.5 }, { key: "r2", score: 0.25 }] }),
  keyless: () => ({ score: 1 }),
  yes: () => true,
  number: () => 0.7,
  label: () => "good",
  nothing: () => null,
  empty: () => ({}),
  list: () => [1, 2],
  throws: () => {
    throw new Error("no judge")
  }
}

const evaluatorRunReason = "each evaluator run has the evaluator's name and only what it judges"

/** Theirs are all called the same, and hold the whole run and the whole example. */
const evaluatorRuns = (
  theirs: number,
  succeeded: ReadonlyArray<string>,
  failed: ReadonlyArray<string>
): Expected => ({
  [evaluatorRunReason]: [
    `evaluatorRuns.evaluator: "${theirs} runs, 3 failed, of args" | nothing`,
    ...[...succeeded, ...failed].map((name) =>
      `evaluatorRuns.${name}: nothing | "3 runs, ${failed.includes(name) ? 3 : 0} failed, of inputs, outputs, ` +
      `reference_outputs"`
    )
  ]
})

const endReason = "the session is closed"

const always: Expected = { [endReason]: ["session.ended: false | true"] }

describe("the same experiment by their client and by ours", () => {
  it.live("says the same of every shape of result that theirs keeps, and of those that it loses", () =>
    Effect.gen(function*() {
      const theirs = yield* theirFacts(() => doubling, {
        description: "every night",
        metadata: { model: "m1" },
        evaluators: Object.values(shapes)
      })
      const ours = yield* ourFacts((data) =>
        Evaluation.run(Evaluation.make("e", { data, target: doubling }), {
          description: "every night",
          metadata: { model: "m1" },
          // Some of what they return is no result, which the types would not let pass.
          evaluators: Object.values(shapes as unknown as { readonly [name: string]: () => true })
        })
      )
      assertDifferences(theirs, ours, {
        ...always,
        ...evaluatorRuns(36, ["object", "full", "several", "results", "keyless", "yes", "number", "label"], [
          "nothing",
          "empty",
          "list",
          "throws"
        ]),
        "a description is kept": [`session.description: nothing | "every night"`],
        "scores are not rounded": ["feedback.full/*.score: 0.1235 | 0.123456789"],
        "the configuration of feedback arrives": [
          `feedback.full/*.config: nothing | {"type":"continuous","min":0,"max":1}`
        ],
        "a result without a key has the evaluator's name": [
          `feedback./*: [{"score":1,"source":true,"info":{},"inSession":true},` +
          `{"source":true,"info":{},"inSession":true}] | nothing`,
          `feedback.keyless/*: nothing | [{"score":1,"source":true,"info":{},"inSession":true}]`
        ],
        "plain values are results": [
          `feedback.label/*: nothing | [{"value":"good","source":true,"info":{},"inSession":true}]`,
          `feedback.number/*: nothing | [{"score":0.7,"source":true,"info":{},"inSession":true}]`,
          `feedback.yes/*: nothing | [{"score":true,"source":true,"info":{},"inSession":true}]`
        ],
        "an evaluator that failed is feedback that says so": [
          `feedback.empty/*: nothing | [{"comment":"InvalidResult: The evaluato...`,
          `feedback.list/*: nothing | [{"comment":"InvalidResult: The evaluato...`,
          `feedback.nothing/*: nothing | [{"comment":"InvalidResult: The evaluato...`,
          `feedback.throws/*: nothing | [{"comment":"Error: no judge","error":true,"source":true,"info":{},"inSession":true}]`
        ],
        "keys are not guessed from the source of a function": [
          `session.evaluator_keys: "a,b,empty,full,keyless,label,list,nothing,number,object,r1,r2,throws,yes" | ` +
          `"empty,full,keyless,label,list,nothing,number,object,results,several,throws,yes"`
        ]
      })
    }))

  it.live("says the same of runs within runs, of errors, of repetitions", () =>
    Effect.gen(function*() {
      const judge = { key: "correct", score: 1 }
      const theirs = yield* theirFacts((client) => {
        const double = traceable(async (n: number) => ({ doubled: 2 * n }), {
          name: "double",
          run_type: "tool",
          client
        })
        const outer = traceable(async (n: number) => (await double(n)).doubled, { name: "outer", client })
        return async ({ x }: { readonly x: number }) => {
          if (x === 1) throw new Error("refused")
          return { y: await outer(x) }
        }
      }, { numRepetitions: 2, evaluators: [() => ({ ...judge, key: "correct" })] })
      const double = (n: number) =>
        Effect.succeed(2 * n).pipe(Effect.withSpan("double", {
          attributes: {
            "gen_ai.operation.name": "execute_tool",
            inputs: `{"input":${n}}`,
            outputs: `{"doubled":${2 * n}}`
          }
        }))
      const outer = (n: number) =>
        Effect.withSpan(double(n), "outer", {
          attributes: { inputs: `{"input":${n}}`, outputs: `{"outputs":${2 * n}}` }
        })
      const ours = yield* ourFacts((data) =>
        Evaluation.run(
          Evaluation.make("e", {
            data,
            target: ({ x }) => x === 1 ? Effect.fail("refused") : Effect.map(outer(x), (y) => ({ y }))
          }),
          { repetitions: 2, evaluators: [Evaluator.make("correct", () => judge)] }
        )
      )
      assertDifferences(theirs, ours, {
        ...always,
        [evaluatorRunReason]: [
          `evaluatorRuns.correct: nothing | "4 runs, 0 failed, of inputs, outputs, reference_outputs"`,
          `evaluatorRuns.evaluator: "6 runs, 0 failed, of args" | nothing`
        ],
        "runs that failed are judged by evaluators that ask for them": [
          `feedback.correct/*: [{"score":1,"source":true,"info":{},"inS... | nothing`
        ]
      })
    }))

  it.live("says the same of what summary evaluators say", () =>
    Effect.gen(function*() {
      const summaries = {
        mean: () => ({ key: "mean", score: 0.5, comment: "so so" }),
        keyless: () => ({ score: 3 }),
        two: () => ({ results: [{ key: "s1", score: 1 }, { key: "s2", value: "v" }] }),
        failing: () => {
          throw new Error("no summary")
        }
      }
      const theirs = yield* theirFacts(() => doubling, { summaryEvaluators: Object.values(summaries) })
      const ours = yield* ourFacts((data) =>
        Evaluation.run(Evaluation.make("e", { data, target: doubling }), {
          summaryEvaluators: Object.values(summaries)
        })
      )
      assertDifferences(theirs, ours, {
        ...always,
        "a result without a key has the evaluator's name": [
          `summaries.keyless: nothing | [{"score":3,"info":{},"inSession":true}]`,
          `summaries.without a key: [{"score":3,"info":{},"inSession":true}] | nothing`
        ],
        "an evaluator that failed is feedback that says so": [
          `summaries.failing: nothing | [{"comment":"Error: no summary","error":true,"info":{},"inSession":true}]`
        ]
      })
    }))
})

describe("attachments by their client and by ours", () => {
  it.live("reach the target", () =>
    Effect.gen(function*() {
      const withAttachment = Effect.gen(function*() {
        const stub = yield* startStub({ examples: 0 })
        yield* DatasetStore.DatasetStore.use((store) =>
          store.addExamples("stub-dataset", [{
            id: exampleId(1),
            inputs: { x: 1, question: "?" },
            referenceOutputs: { y: 2 },
            attachments: {
              note: Attachment.fromBytes(new TextEncoder().encode("hello"), { mimeType: "text/plain" })
            }
          }])
        ).pipe(Effect.provide(langsmith(stub)))
        return stub
      })
      const theirStub = yield* withAttachment
      const theirName = yield* theirExperiment(
        theirStub,
        () => async (_inputs: unknown, { attachments }: Anything) => ({
          text: await (await fetch(attachments.note.presigned_url)).text(),
          type: attachments.note.mime_type
        }),
        { includeAttachments: true }
      )
      const ourStub = yield* withAttachment
      const { name } = yield* Effect.flatMap(ourData, (data) =>
        Evaluation.run(Evaluation.make("e", {
          data,
          target: (_inputs, { example: { attachments: { note } } }) =>
            Effect.map(note!.bytes, (bytes) => ({ text: new TextDecoder().decode(bytes), type: note?.mimeType }))
        }))).pipe(Effect.provide([langsmith(ourStub), quiet]))
      const theirs = experimentFacts(theirStub, theirName)
      assert.deepStrictEqual(theirs.runs[0].outputs, { text: "hello", type: "text/plain" })
      assertDifferences(theirs, experimentFacts(ourStub, name), {
        ...always,
        "inputs are those of the example": [
          `runs.inputs.args: [{"x":1,"question":"?"},{"attachments":{... | nothing`,
          `runs.inputs.question: nothing | "?"`,
          "runs.inputs.x: nothing | 1"
        ],
        "what an Effect program does is in the tree": [
          `runs.children: nothing | {"name":"GET","type":"chain","inputs":{},"failed":false,"timed":true,"rooted":true,` +
          `"children":[]}`
        ]
      })
    }))
})

describe("a comparative experiment by their client and by ours", () => {
  it.live("gives each run its score; ours with the comment, in groups, and with the evaluator's run", () =>
    Effect.gen(function*() {
      const factsOf = (stub: Stub) => {
        const [comparative] = Array.from(stub.comparatives.values())
        const sessions = Array.from(stub.sessions.keys())
        return {
          experiments: comparative.experiment_ids.map((id: string) => sessions.indexOf(id)),
          dataset: comparative.reference_dataset_id,
          description: comparative.description,
          metadata: comparative.extra.metadata,
          name: comparative.name.replace(/-[0-9a-f]{4,8}$/, "").replace(/(first|second)-[0-9a-f]{8}/g, "$1"),
          feedback: Array.from(stub.feedback.values()).filter(({ comparative_experiment_id: id }) =>
            id === comparative.id
          )
            .map((said) => ({
              key: said.key,
              score: said.score,
              comment: said.comment,
              type: said.feedback_source.type,
              grouped: said.feedback_group_id !== undefined,
              source: stub.runs.has(said.feedback_source.metadata?.__run?.run_id),
              of: stub.runs.get(said.run_id).outputs.y
            })).sort((a, b) => a.of - b.of || a.score - b.score)
        }
      }
      const options = { description: "which?", metadata: { k: 1 } }
      const theirStub = yield* startStub()
      const off = (by: number) => () => async ({ x }: { readonly x: number }) => ({ y: 2 * x + by })
      const names = [
        yield* theirExperiment(theirStub, off(0), { experimentPrefix: "first" }),
        yield* theirExperiment(theirStub, off(100), { experimentPrefix: "second" })
      ]
      yield* silenced(() =>
        evaluateComparative(names, {
          ...options,
          client: theirClient(theirStub),
          evaluators: [({ runs }: Anything) => ({
            key: "smaller",
            scores: Object.fromEntries(runs.map(({ id, outputs }: Anything) => [id, outputs.y < 100 ? 1 : 0])),
            comment: "compared"
          })]
        })
      )
      const ourStub = yield* startStub()
      yield* Effect.gen(function*() {
        const data = yield* ourData
        const run = (name: string, by: number) =>
          Evaluation.run(Evaluation.make("e", { data, target: ({ x }) => ({ y: 2 * x + by }) }), { name })
        yield* Experiments.evaluateComparative([yield* run("first", 0), yield* run("second", 100)], {
          ...options,
          evaluators: [function smaller({ outputs }) {
            return { scores: outputs.map(({ y }) => y < 100 ? 1 : 0), comment: "compared" }
          }]
        })
      }).pipe(Effect.provide([langsmith(ourStub), quiet]))
      assertDifferences(factsOf(theirStub), factsOf(ourStub), {
        "comparisons have their comments, groups and evaluator runs": [
          `feedback.comment: nothing | "compared"`,
          "feedback.grouped: false | true",
          "feedback.source: false | true"
        ]
      })
    }))
})

describe("datasets by their client and by ours", () => {
  const bytes = new TextEncoder().encode("hello")

  it.live("are the same, with examples, splits, metadata and attachments", () =>
    Effect.gen(function*() {
      const factsOf = (stub: Stub) => {
        const dataset = Array.from(stub.datasets.values()).find(({ name }) => name === "new")
        return {
          dataset: { description: dataset.description, extra: dataset.extra, schema: dataset.inputs_schema_definition },
          examples: stub.examples.filter(({ dataset_id, until }) => dataset_id === dataset.id && until === undefined)
            .map(
              ({ attachments, id, inputs, metadata, outputs, split }) => ({
                id: id === exampleId(501),
                inputs,
                outputs,
                metadata,
                split,
                attachments: Array.from(attachments, ([name, { bytes, type }]) => `${name} ${type} ${bytes.toString()}`)
              })
            )
        }
      }
      const options = { description: "d", metadata: { a: 1 }, inputsSchema: { type: "object" } }
      const theirStub = yield* startStub()
      const theirRequests = yield* silenced(async () => {
        const client = theirClient(theirStub)
        const { id } = await client.createDataset("new", options)
        await client.createExamples([
          {
            dataset_id: id,
            id: exampleId(501),
            inputs: { a: 1 },
            outputs: { b: 2 },
            metadata: { m: 1 },
            split: ["train"]
          },
          { dataset_id: id, inputs: { a: 2 }, attachments: { note: { mimeType: "text/plain", data: bytes } } }
        ])
        return theirStub.asked.length
      })
      const ourStub = yield* startStub()
      yield* DatasetStore.DatasetStore.use((store) =>
        Effect.gen(function*() {
          yield* store.create("new", options)
          yield* store.addExamples("new", [
            { id: exampleId(501), inputs: { a: 1 }, referenceOutputs: { b: 2 }, metadata: { m: 1 }, split: ["train"] },
            { inputs: { a: 2 }, attachments: { note: Attachment.fromBytes(bytes, { mimeType: "text/plain" }) } }
          ])
        })
      ).pipe(Effect.provide(langsmith(ourStub)))
      assertDifferences(factsOf(theirStub), factsOf(ourStub), {})
      // Theirs reads each example back, one by one.
      assert.isBelow(ourStub.asked.length, theirRequests)
    }))
})

describe("what ours wrote", () => {
  it.live("is read back by their client", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const experiment = yield* Effect.flatMap(ourData, (data) =>
        Evaluation.run(
          Evaluation.make("e", { data, target: ({ x }) => Effect.withSpan(Effect.succeed({ y: 2 * x }), "step") }),
          {
            name: "ours",
            description: "d",
            evaluators: [Evaluator.make("correct", ({ outputs, referenceOutputs }) => ({
              score: outputs.y === referenceOutputs.y,
              comment: "c"
            }))],
            summaryEvaluators: [function mean() {
              return 1
            }]
          }
        )).pipe(Effect.provide([langsmith(stub), quiet]))
      const client = theirClient(stub)
      const read = yield* silenced(async () => {
        const project = await client.readProject({ projectName: "ours" })
        const all = async <A>(iterable: AsyncIterable<A>): Promise<Array<A>> => {
          const members: Array<A> = []
          for await (const member of iterable) members.push(member)
          return members
        }
        const runs = await all(client.listRuns({ projectId: project.id, isRoot: true }))
        const nested = await all(client.listRuns({ projectId: project.id }))
        const feedback = await all(client.listFeedback({ runIds: runs.map(({ id }) => id) }))
        return { project, runs, nested, feedback }
      })
      assert.deepInclude(read.project, {
        id: experiment.id,
        name: "ours",
        description: "d",
        reference_dataset_id: datasetId
      })
      const byId = new Map(read.runs.map((run) => [run.id, run]))
      assert.strictEqual(byId.size, 3)
      for (const { example, run } of experiment.rows) {
        assert.deepInclude(byId.get(run.id), {
          reference_example_id: example.id,
          inputs: run.inputs,
          outputs: run.outputs ?? {},
          trace_id: run.id
        })
      }
      assert.strictEqual(read.nested.filter(({ name }) => name === "step").length, 3)
      assert.deepStrictEqual(read.feedback.map(({ comment, key, score }) => [key, score, comment]), [
        ["correct", true, "c"],
        ["correct", true, "c"],
        ["correct", true, "c"]
      ])
    }))

  it.live("is judged by their comparative evaluation, and their experiments by ours", () =>
    Effect.gen(function*() {
      const stub = yield* startStub()
      const theirs = yield* theirExperiment(stub, () => async ({ x }: { readonly x: number }) => ({ y: 2 * x + 1 }))
      yield* Effect.gen(function*() {
        const data = yield* ourData
        yield* Evaluation.run(Evaluation.make("e", { data, target: ({ x }) => ({ y: 2 * x }) }), { name: "ours" })
        const result = yield* silenced(() =>
          evaluateComparative(["ours", theirs], {
            client: theirClient(stub),
            evaluators: [({ referenceOutputs, runs }: Anything) => ({
              key: "right",
              scores: Object.fromEntries(
                runs.map(({ id, outputs }: Anything) => [id, Number(outputs.y === referenceOutputs.y)])
              )
            })]
          })
        )
        assert.strictEqual(result.results.length, 3)
        const right = Array.from(stub.feedback.values()).filter(({ key }) => key === "right")
        assert.deepStrictEqual(
          right.map(({ run_id, score }) => [stub.runs.get(run_id).session_name, score]).sort(),
          [["ours", 1], ["ours", 1], ["ours", 1], [theirs, 0], [theirs, 0], [theirs, 0]]
        )

        const existing = yield* Experiments.read(theirs, { data: { outputs: Outputs, referenceOutputs: Outputs } })
        const judged = yield* Experiments.evaluateExisting(existing, {
          evaluators: [function off({ outputs, referenceOutputs }) {
            return outputs.y - referenceOutputs.y
          }]
        })
        assert.strictEqual(judged.summaries["off"]?.score?.mean, 1)
        const off = Array.from(stub.feedback.values()).filter(({ key }) => key === "off")
        assert.deepStrictEqual(off.map(({ run_id }) => stub.runs.get(run_id).session_name), [theirs, theirs, theirs])
      }).pipe(Effect.provide([langsmith(stub), quiet]))
    }))

  it.live("is a dataset for their client, attachments included", () =>
    Effect.gen(function*() {
      const stub = yield* startStub({ examples: 0 })
      const data = new TextEncoder().encode("hello")
      yield* DatasetStore.DatasetStore.use((store) =>
        store.addExamples("stub-dataset", [{
          id: exampleId(1),
          inputs: { x: 1 },
          referenceOutputs: { y: 2 },
          metadata: { source: "mail" },
          split: "train",
          attachments: { note: Attachment.fromBytes(data, { mimeType: "text/plain" }) }
        }])
      ).pipe(Effect.provide(langsmith(stub)))
      const example = yield* silenced(async () => {
        for await (
          const example of theirClient(stub).listExamples({
            datasetName: "stub-dataset",
            splits: ["train"],
            includeAttachments: true
          })
        ) {
          const url = example.attachments?.["note"]?.presigned_url ?? ""
          return { ...example, note: await (await fetch(url)).text() }
        }
        return undefined
      })
      assert.deepInclude(example, { id: exampleId(1), inputs: { x: 1 }, outputs: { y: 2 }, note: "hello" })
      assert.deepInclude(example?.metadata, { source: "mail" })
      const read = yield* DatasetStore.DatasetStore.use((store) => Stream.runCollect(store.examples("stub-dataset")))
        .pipe(
          Effect.provide(langsmith(stub))
        )
      assert.deepStrictEqual(yield* read[0]!.attachments["note"]!.bytes, data)
    }))
})
