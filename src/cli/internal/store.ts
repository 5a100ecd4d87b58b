/** The store of a project: where its experiments and datasets are. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import type { SqlClient } from "effect/sql/SqlClient"
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import * as DatasetStore from "../../sql/DatasetStore.ts"
import * as ExperimentStore from "../../sql/ExperimentStore.ts"
import * as SqliteClient from "../../sql/SqliteClient.ts"
import { Failure, usage } from "./failure.ts"
import { type Project, storeDirectory } from "./project.ts"
import { messageOf, shownPath } from "./sourcePosition.ts"

export type Stores = ExperimentStore.ExperimentStore | DatasetStore.DatasetStore | SqlClient

/** The store as a person knows it; what a URL has for a password is not shown. */
export const shownStore = ({ cwd, store }: Pick<Project, "cwd" | "store">): string =>
  isUrl(store) ? store.replace(/\/\/[^@/]*@/, "//") : shownPath(store, cwd)

const isUrl = (store: string): boolean => store.includes("://")

export const storeExists = ({ store }: Pick<Project, "store">): boolean => isUrl(store) || existsSync(store)

/** The stores, made if they are not there and `create` says so. */
export const storeLayer = (
  project: Pick<Project, "cwd" | "store">,
  { create }: { readonly create: boolean }
): Layer.Layer<Stores, Failure> =>
  Layer.unwrap(Effect.gen(function*() {
    if (!storeExists(project)) {
      if (!create) {
        return yield* usage(
          `There are no experiments yet: ${shownStore(project)} is not there. Run some: effect-evals run`
        )
      }
      makeDirectory(project.store)
    }
    const client = isUrl(project.store)
      ? yield* postgres(project.store)
      : SqliteClient.layer({ filename: project.store })
    return Layer.provideMerge(Layer.merge(ExperimentStore.layer, DatasetStore.layer), client)
  })).pipe(
    Layer.catch((error) =>
      Layer.effectContext(Effect.fail(
        error instanceof Failure
          ? error
          : usage(`The store ${shownStore(project)} cannot be used. ${messageOf(error)}`, error)
      ))
    )
  )

/** Its directory is the project's own, and nothing of it belongs into version control. */
const makeDirectory = (file: string): void => {
  const directory = dirname(file)
  mkdirSync(directory, { recursive: true })
  if (basename(directory) === storeDirectory && !existsSync(join(directory, ".gitignore"))) {
    writeFileSync(join(directory, ".gitignore"), "*\n")
  }
}

const postgres = (url: string) =>
  Effect.tryPromise({
    try: async () => {
      const { layer } = await import("@effect/sql-pg/PgClient")
      return layer({ url: Redacted.make(url) })
    },
    catch: (error) =>
      usage(`A store on PostgreSQL needs a package of its own: npm install @effect/sql-pg. ${messageOf(error)}`, error)
  })
