import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { conditions: ["effect-evals-source"] },
  ssr: { resolve: { conditions: ["effect-evals-source"] } },
  test: {
    include: [process.env["TEST_INCLUDE"] ?? "test/**/*.test.ts"],
    reporters: ["default", ["json", { outputFile: ".generated/test-results.json" }]],
    // Many tests wait, for processes and for servers; by itself Vitest would leave one of two processors idle.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 30_000,
    // A database server starts in one.
    hookTimeout: 60_000
  }
})
