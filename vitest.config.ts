import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { conditions: ["effect-evals-source"] },
  ssr: { resolve: { conditions: ["effect-evals-source"] } },
  test: {
    include: [process.env["TEST_INCLUDE"] ?? "test/**/*.test.ts"],
    reporters: ["default", ["json", { outputFile: ".generated/test-results.json" }]],
    testTimeout: 30_000,
    // A database server starts in one.
    hookTimeout: 60_000
  }
})
