import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { TracingClient } from "../src/index.ts"
import { sourceSuite } from "./support/sourceSuite.ts"

sourceSuite("in memory", TracingClient.layerMemory, undefined)

const directory = mkdtempSync(join(tmpdir(), "effect-evals-source-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

sourceSuite(
  "in journals",
  TracingClient.layerJournal({ directory: join(directory, "journals") }).pipe(Layer.provide(NodeServices.layer)),
  Effect.sync(() => {
    const claims = join(directory, "journals", ".claims")
    const longAgo = Date.now() / 1000 - 120
    for (const file of readdirSync(claims)) utimesSync(join(claims, file), longAgo, longAgo)
  })
)
