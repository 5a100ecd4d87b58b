/** Experiments read back from the journals in a directory. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import type * as Experiment from "../../Experiment.ts"
import { ExperimentSource, ExperimentSourceError } from "../../ExperimentSource.ts"
import { claimFiles } from "../claims/claimFiles.ts"
import { ioProblem } from "../values/ioProblem.ts"
import { journalsNamed, journalWithId } from "./journalFiles.ts"
import { eventsOfFile, JournalError, readIfBegun } from "./journalReading.ts"

export const journalSource = Effect.fnUntraced(function*(directory: string) {
  const fileSystem = yield* FileSystem.FileSystem
  const name = `the journals in ${directory}`
  const unreadable = Effect.mapError((cause: JournalError | PlatformError) =>
    new ExperimentSourceError({
      source: name,
      reason: "Unreadable",
      message: cause instanceof JournalError
        ? `${cause.message} To go on without that journal, move it to another directory.`
        : `In ${directory} it could not be kept who is at work: ${ioProblem(cause)}`,
      cause
    })
  )
  const withFiles = <A>(effect: Effect.Effect<A, JournalError, FileSystem.FileSystem>) =>
    unreadable(Effect.provideService(effect, FileSystem.FileSystem, fileSystem))
  const noJournal = (id: string) =>
    new ExperimentSourceError({
      source: name,
      reason: "NotFound",
      message: `There is no experiment with the id ${id} in ${name}.`
    })
  const claims = claimFiles(fileSystem, `${directory}/.claims`)

  return ExperimentSource.of({
    name,
    withId: (id) => withFiles(Effect.map(journalWithId(directory, id), (found) => found?.header)),
    named: (name) =>
      withFiles(Effect.map(journalsNamed(directory, name), (found) => found.map(({ header }) => header))),
    read: Effect.fnUntraced(function*<I, O, Ref, M>(id: string, data?: Experiment.DataSchemas<I, O, Ref, M>) {
      const found = yield* withFiles(journalWithId(directory, id))
      if (found === undefined) return yield* noJournal(id)
      return (yield* withFiles(readIfBegun(eventsOfFile(found.file, data)))) ?? (yield* noJournal(id))
    }),
    claims: {
      take: (key, token, holder) => unreadable(claims.take(key, token, holder)),
      beat: (key, token) => unreadable(claims.beat(key, token)),
      release: (key, token) => unreadable(claims.release(key, token))
    }
  })
})
