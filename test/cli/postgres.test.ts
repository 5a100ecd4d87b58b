import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { layerServer, PostgresServer } from "../sql/postgres.ts"
import { canRunAsOthers } from "../sql/support.ts"
import { makeProject, numbers } from "./project.ts"

vi.setConfig({ testTimeout: 120_000 })

describe.skipIf(!canRunAsOthers)("a store on PostgreSQL", () => {
  layer(layerServer, { excludeTestServices: true })((it) => {
    it.effect("is used like a file, and its password is not shown", () =>
      Effect.gen(function*() {
        const store = (yield* PostgresServer).url("postgres")
        const project = makeProject({
          "modulo.eval.ts": numbers,
          "effect-evals.config.ts": `export default { store: ${JSON.stringify(store)} }`
        })
        yield* Effect.promise(async () => {
          const run = await project.run("run", "--name", "first")
          assert.strictEqual(run.code, 0, run.stderr)
          const [listed] = await project.lines("list")
          assert.deepInclude(listed?.["header"], { name: "first" })
          const worker = project.start("jobs", "worker")
          await worker.printed(/Working on modulo/)
          const second = await project.run("jobs", "worker")
          assert.strictEqual(second.code, 2)
          assert.match(second.stderr, /A worker is at work on postgres:\/\/127\.0\.0\.1:\d+\/postgres already/)
          const id = (await project.run("jobs", "submit", "modulo", "--limit", "3", "-q")).stdout.trim()
          assert.strictEqual((await project.run("jobs", "await", id, "--timeout", "1m")).code, 0)
          worker.process.kill("SIGINT")
          await worker.ended

          const missing = await project.run("show", "nope")
          assert.match(missing.stderr, /There is no experiment nope in postgres:\/\/127\.0\.0\.1:\d+\/postgres\./)
          const gone = await project.run("list", "--store", store.replace(/@.*/, "@127.0.0.1:1/none"))
          assert.strictEqual(gone.code, 2)
          assert.match(gone.stderr, /The store postgres:\/\/127\.0\.0\.1:1\/none cannot be used\./)
        }).pipe(Effect.ensuring(Effect.sync(project.remove)))
      }))
  })
})
