/** So many rows streamed: `memory.ts <rows>`. Prints the peak of the process's memory in megabytes. */
import { runEffectEvals } from "./effectEvals.ts"

const [count = 0] = process.argv.slice(2).map(Number)
await runEffectEvals({ count, concurrency: 16, millis: 0, runTrees: false, keepRows: false })
process.stdout.write(JSON.stringify({ peakMegabytes: process.resourceUsage().maxRSS / 1024 }) + "\n")
process.exit(0)
