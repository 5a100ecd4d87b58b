/** Experiments read back from what a program has in memory. */
import * as Effect from "effect/Effect"
import type * as Experiment from "../../Experiment.ts"
import { type ExperimentSource, ExperimentSourceError } from "../../ExperimentSource.ts"
import type * as Row from "../../Row.ts"
import { claimMemory } from "../claims/claimMemory.ts"
import { assemble } from "./assemble.ts"

const name = "memory"

export const memorySource = (
  experiments: ReadonlyArray<{
    readonly header: Experiment.Header
    readonly rows: ReadonlyArray<Row.Row>
    readonly footer: Experiment.Footer | undefined
  }>
): ExperimentSource["Service"] => ({
  name,
  withId: (id) => Effect.sync(() => experiments.find(({ header }) => header.id === id)?.header),
  named: (name) => Effect.sync(() => experiments.map(({ header }) => header).filter((header) => header.name === name)),
  read: <I, O, Ref, M>(id: string) =>
    Effect.suspend(() => {
      const found = experiments.find(({ header }) => header.id === id)
      return found === undefined
        ? Effect.fail(
          new ExperimentSourceError({
            source: name,
            reason: "NotFound",
            message: `There is no experiment with the id ${id} in ${name}.`
          })
        )
        // The data never left memory: it is still what the schemas would make of it.
        : assemble(found.header, found.rows, found.footer) as Effect.Effect<Experiment.Experiment<I, O, Ref, M>>
    }),
  claims: claimMemory()
})
