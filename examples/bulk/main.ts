/**
 * Ten thousand single answers to be judged, each a job of its own: submitted as a stream, asked for all at once, round by
 * round, until none is left. What fails is found by item, and nothing is lost; whoever submits the same items again gets
 * the same jobs.
 *
 *     npm run example examples/bulk/main.ts            ten thousand
 *     npm run example examples/bulk/main.ts 500        as many as you like
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Layer, Schema, Stream } from "effect"
import { Dataset, Evaluation, Evaluator, Row, TracingClient } from "effect-evals"
import { EvaluationJob, EvaluationJobs, JobStatus } from "effect-evals/jobs"
import { SqliteClient } from "effect-evals/sql"

const count = Number(process.argv[2] ?? 10_000)

// What is submitted is data: a question, an answer and what the answer should rest on.
const Item = Schema.Struct({ question: Schema.String, answer: Schema.String, context: Schema.String })

/** The answers are there already, so the target only hands them on; here one in a thousand cannot be had. */
const answers = EvaluationJob.make("groundedness", {
  payload: Item,
  evaluation: (item) =>
    Evaluation.make("groundedness", {
      data: Dataset.fromIterable("item", [{ inputs: item }]),
      target: ({ answer, question }) =>
        question.endsWith("999?") ? Effect.fail("the answer is gone") : Effect.succeed(answer)
    })
})

/** In earnest a judge of `effect-evals/judge`; without a key, the share of the answer's words that the context has. */
const groundedness = EvaluationJob.withOptions(answers, {
  evaluators: [
    Evaluator.make("grounded", ({ inputs, outputs }) => {
      const words = outputs.split(" ")
      return words.filter((word) => inputs.context.includes(word)).length / words.length
    })
  ]
})

const items = Stream.range(0, count - 1).pipe(
  Stream.map((n) => ({
    payload: {
      question: `What is the number after ${n}?`,
      answer: n % 2 === 0 ? `it is ${n + 1}` : "nobody knows",
      context: `The number after ${n} is ${n + 1}; so it is.`
    },
    // The same item is the same job, however often it is submitted.
    idempotencyKey: `answers-of-monday/${n}`
  }))
)

const program = Effect.gen(function*() {
  const jobs = yield* EvaluationJobs.EvaluationJobs
  const begun = performance.now()
  const ids = yield* Stream.runCollect(jobs.submitMany(groundedness, items))
  yield* Console.log(`Submitted ${ids.length} items`)

  // One question for all that are left, in rounds. Statuses come page by page; what is held is the ids.
  for (let left: ReadonlyArray<string> = ids; left.length > 0;) {
    yield* Effect.sleep("1 second")
    left = yield* jobs.pollMany(left).pipe(
      Stream.filter((status) => !JobStatus.isEnded(status)),
      Stream.map(({ id }) => id),
      Stream.runCollect
    )
    yield* Console.log(`${ids.length - left.length} of ${ids.length} have ended`)
  }

  const scores = { count: 0, sum: 0 }
  yield* jobs.pollMany(ids).pipe(Stream.runForEach((status) =>
    Effect.gen(function*() {
      if (status._tag !== "Completed") return yield* Console.log(`${status.id}: ${status._tag}`)
      const mean = status.summary.summaries["grounded"]?.score?.mean
      if (mean !== undefined) {
        scores.count++
        scores.sum += mean
        return
      }
      // An item whose answer could not be had is a row that says why.
      const rows = yield* Stream.runCollect(jobs.resultsOf(groundedness, status.id))
      for (const row of rows.filter(Row.isFailure)) {
        yield* Console.log(`No score for "${row.example.inputs.question}": ${row.run.error}`)
      }
    })
  ))
  yield* Console.log(`Grounded: ${(scores.sum / scores.count).toFixed(3)} over ${scores.count} of ${ids.length} items`)

  const again = yield* Stream.runCollect(jobs.submitMany(groundedness, items))
  yield* Console.log(`Submitted again: ${again.every((id, n) => id === ids[n]) ? "the same jobs" : "other jobs"}`)
  const seconds = (performance.now() - begun) / 1000
  const megabytes = process.resourceUsage().maxRSS / 1024
  yield* Console.log(`${seconds.toFixed(0)} s, at most ${megabytes.toFixed(0)} MB`)
})

Effect.gen(function*() {
  const fileSystem = yield* FileSystem.FileSystem
  const directory = yield* fileSystem.makeTempDirectoryScoped()
  // One process here. With `layerCluster` and PostgreSQL, as many machines as you like do the same.
  const layer = EvaluationJobs.layerSingleRunner([groundedness]).pipe(
    Layer.provide([SqliteClient.layer({ filename: `${directory}/jobs.db` }), TracingClient.layerNone])
  )
  yield* Effect.provide(program, layer)
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
