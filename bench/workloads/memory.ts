/** So many rows streamed, none kept: `memory.ts <rows>`. Prints the peak of the process's memory in megabytes. */
import { runEffectEvals } from "./effectEvals.ts"

const [count = 0] = process.argv.slice(2).map(Number)
// What importing has left behind is no part of the run. From here on nothing is forced: a user's process forces nothing.
globalThis.gc?.()
await runEffectEvals({ count, concurrency: 16, millis: 0, runTrees: false, keepRows: false })
process.stdout.write(JSON.stringify({ peakMegabytes: process.resourceUsage().maxRSS / 1024 }) + "\n")
process.exit(0)
