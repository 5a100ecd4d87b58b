/** The journals in a directory. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as Experiment from "../../Experiment.ts"
import { headerOfFile, JournalError } from "./journalReading.ts"

/** A journal whose experiment has begun. */
export interface JournalFile {
  readonly file: string
  readonly header: Experiment.Header
}

const ending = ".jsonl"

/** A file name that every system takes and that says what is in it. */
export const journalName = (header: Pick<Experiment.Header, "name" | "id">): string =>
  `${header.name.replace(/[^\w.-]+/g, "-").slice(0, 100)}-${header.id}${ending}`

/** The journals of a name, the oldest first. A directory that is not there has none. */
export const journalsNamed = (directory: string, name: string) =>
  journals(
    directory,
    (file) => file.startsWith(journalName({ name, id: "" }).slice(0, -ending.length)),
    (header) => header.name === name
  )

/** The journal of an experiment, if there is one. */
export const journalWithId = (directory: string, id: string) =>
  Effect.map(
    journals(directory, (file) => file.endsWith(`-${id}${ending}`), (header) => header.id === id),
    (found) => found.at(-1)
  )

const journals = Effect.fnUntraced(function*(
  directory: string,
  mayBe: (file: string) => boolean,
  is: (header: Experiment.Header) => boolean
): Effect.fn.Return<ReadonlyArray<JournalFile>, JournalError, FileSystem.FileSystem> {
  const fileSystem = yield* FileSystem.FileSystem
  const failed = Effect.mapError((cause: Error) =>
    new JournalError({ file: directory, message: `${directory} could not be read: ${cause.message}`, cause })
  )
  if (!(yield* failed(fileSystem.exists(directory)))) return []
  const files = (yield* failed(fileSystem.readDirectory(directory))).filter((file) =>
    file.endsWith(ending) && mayBe(file)
  )
  const found = yield* Effect.forEach(files, (name) => {
    const file = `${directory}/${name}`
    return Effect.map(headerOfFile(file), (header) => header === undefined || !is(header) ? [] : [{ file, header }])
  })
  return found.flat().sort((a, b) => a.header.startTime - b.header.startTime)
})
