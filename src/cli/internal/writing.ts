/** Where data goes that a command was asked for: a new file, or stdout. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import type { Call } from "./command.ts"
import { Failure, runFailed, usage } from "./failure.ts"
import { messageOf } from "./sourcePosition.ts"

/** Writes a text to a file that is not there yet, or to stdout where no file is given. */
export const writeData = <E, R>(
  text: Stream.Stream<string, E, R>,
  out: string | undefined,
  { project, screen }: Pick<Call, "project" | "screen">
): Effect.Effect<void, Failure, R | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    if (out === undefined) {
      return yield* Stream.runForEach(text, (part) => Effect.sync(() => screen.data(part)))
    }
    const file = resolve(project.cwd, out)
    if (existsSync(file)) return yield* usage(`${out} is there already; it is not overwritten.`)
    const fileSystem = yield* FileSystem.FileSystem
    yield* Stream.run(Stream.encodeText(text), fileSystem.sink(file, { flag: "wx" }))
    screen.notice(`Written to ${out}.`)
  }).pipe(
    Effect.mapError((error) =>
      error instanceof Failure
        ? error
        : runFailed(`It could not be written${out === undefined ? "" : ` to ${out}`}. ${messageOf(error)}`, error)
    )
  )
