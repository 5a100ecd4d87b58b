/**
 * One subject at the work, in a process of its own: `overhead.ts <subject> <rows> <concurrency> <milliseconds>`. Prints
 * what it took as JSON.
 */
import { makeBraintrust } from "./braintrust.ts"
import { runEffectEvals } from "./effectEvals.ts"
import { makeLangsmith } from "./langsmith.ts"
import { runPool } from "./pool.ts"
import { measureWarm } from "./work.ts"

const [subject, ...numbers] = process.argv.slice(2)
const [count = 0, concurrency = 16, millis = 0] = numbers.map(Number)

const ours = (runTrees: boolean) => () => runEffectEvals({ count, concurrency, millis, runTrees, keepRows: false })

const subjects: { readonly [name: string]: () => Promise<() => Promise<unknown>> } = {
  pool: async () => () => runPool(count, concurrency, millis),
  "effect-evals": async () => ours(false),
  "effect-evals-trees": async () => ours(true),
  langsmith: () => makeLangsmith(count, concurrency, millis),
  braintrust: () => makeBraintrust(count, concurrency, millis)
}

const make = subjects[subject ?? ""]
if (make === undefined) throw new Error(`no subject ${subject}`)
process.stdout.write(JSON.stringify(await measureWarm(await make())) + "\n")
process.exit(0)
