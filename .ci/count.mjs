// The closing line, from what vitest wrote.
import { readFileSync } from "node:fs"

try {
  const { numFailedTests, numPassedTests } = JSON.parse(readFileSync(".generated/test-results.json", "utf8"))
  console.log(`${numPassedTests} passed, ${numFailedTests} failed`)
} catch {
  console.log("0 passed, 1 failed")
}
