/** So many rows streamed, none kept: `memory.ts <rows>`. Prints the peak of the process's memory in megabytes. */
import { runEffectEvals } from "./effectEvals.ts"

const [count = 0] = process.argv.slice(2).map(Number)
// Forced now and then, so that the peak shows what is held and not what is waiting to be thrown away.
setInterval(() => globalThis.gc?.(), 250).unref()
await runEffectEvals({ count, concurrency: 16, millis: 0, runTrees: false, keepRows: false })
process.stdout.write(JSON.stringify({ peakMegabytes: process.resourceUsage().maxRSS / 1024 }) + "\n")
process.exit(0)
