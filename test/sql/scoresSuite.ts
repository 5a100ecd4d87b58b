/** What users ask the database itself. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Evaluation, Evaluator } from "effect-evals"
import { ExperimentStore } from "effect-evals/sql"
import { SqlClient } from "effect/sql"
import { numbers } from "../support/run.ts"

export const scoresSuite = <E>(name: string, client: Layer.Layer<SqlClient.SqlClient, E>): void =>
  layer(
    ExperimentStore.layerTracingClient.pipe(Layer.provideMerge(ExperimentStore.layer), Layer.provideMerge(client))
  )(`the scores ${name}`, (it) => {
    it.effect("can be asked for in SQL", () =>
      Effect.gen(function*() {
        yield* Evaluation.run(
          Evaluation.make("scored", { data: numbers(3), target: (n) => n === 1 ? Effect.fail("no") : n }),
          {
            evaluators: [
              Evaluator.make(
                "twice",
                ({ outputs }) => [{ key: "half", score: outputs / 2 }, { key: "even", score: true }]
              ),
              Evaluator.make("label\u0000", () => ({ value: "nul \u0000, half a pair \ud800" }))
            ]
          }
        )
        const sql = yield* SqlClient.SqlClient
        const scores = yield* sql`
          SELECT row_index, place, evaluator, feedback_key, score, label FROM evals_scores ORDER BY row_index, place`
        const twice = (row_index: number, half: number) => [
          { row_index, place: 0, evaluator: "twice", feedback_key: "half", score: half, label: null },
          { row_index, place: 1, evaluator: "twice", feedback_key: "even", score: 1, label: null },
          {
            row_index,
            place: 2,
            evaluator: "label\ufffd",
            feedback_key: "label\ufffd",
            score: null,
            label: "nul \ufffd, half a pair \ufffd"
          }
        ]
        assert.deepStrictEqual(
          // PostgreSQL counts in bigints.
          scores.map((record) => ({ ...record, place: Number(record["place"]) })),
          [...twice(0, 0), ...twice(2, 1)]
        )
      }))
  })
