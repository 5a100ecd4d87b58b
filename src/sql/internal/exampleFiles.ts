/** The files that belong to examples, by what is in them: one that stays from version to version is there once. */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import { AttachmentError } from "../../Attachment.ts"
import type { Files } from "./exampleRecords.ts"

export const exampleFiles = (sql: SqlClient.SqlClient, dataset_key: number): Files => ({
  read: (sha256) => {
    const unreadable = (why: string, cause?: unknown) =>
      new AttachmentError({
        source: `sha256:${sha256}`,
        message: `The file with the hash ${sha256} could not be read from the store: ${why}`,
        cause
      })
    return sql<{ bytes: Uint8Array }>`
      SELECT bytes FROM evals_files WHERE dataset_key = ${dataset_key} AND sha256 = ${sha256}`.pipe(
      Effect.mapError((cause) => unreadable(cause.message, cause)),
      Effect.flatMap(([found]) =>
        found === undefined
          ? Effect.fail(unreadable("its dataset has been deleted."))
          : Effect.succeed(new Uint8Array(found.bytes))
      )
    )
  },
  write: (sha256, bytes) =>
    Effect.asVoid(
      sql`INSERT INTO evals_files ${sql.insert({ dataset_key, sha256, bytes })}
        ON CONFLICT (dataset_key, sha256) DO NOTHING`
    )
})
