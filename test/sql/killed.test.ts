import { describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { ExperimentStore, SqliteClient } from "effect-evals/sql"
import { killedAgainAndAgain, startedTwice } from "../support/killed.ts"

const recorded = ExperimentStore.ExperimentStore.use((store) =>
  store.list({ name: "resumed" }).pipe(
    Stream.mapEffect(({ header }) => store.read(header.id)),
    Stream.runCollect,
    Effect.map((experiments) => experiments.toReversed())
  )
)

describe("killed at twenty points and started again until it is done", () => {
  it.live(
    "a program with a SQLite file does nothing again that is recorded",
    () =>
      killedAgainAndAgain(20, ["sqlite"], (directory) =>
        recorded.pipe(
          Effect.provide(
            Layer.provide(ExperimentStore.layer, SqliteClient.layer({ filename: `${directory}/evals.db` }))
          )
        )),
    240_000
  )
})

describe("started twice at the same time", () => {
  it.live("does the work once", () => startedTwice(["sqlite"]), 60_000)
})
