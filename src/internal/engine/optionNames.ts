/** The options of runs and of what takes part in them: their names, and which names are none. */
import * as Schedule from "effect/Schedule"
import type * as Dataset from "../../Dataset.ts"
import type * as Evaluation from "../../Evaluation.ts"
import type * as Evaluator from "../../Evaluator.ts"
import type * as Execution from "../../Execution.ts"
import type * as Summary from "../../Summary.ts"
import type * as Target from "../../Target.ts"
import { optionNames, unknownOptions } from "../values/options.ts"
import type { Problem } from "../values/schemaMessage.ts"

const limits = {
  timeout: true,
  rowTimeout: true,
  gracePeriod: true,
  retry: true,
  concurrency: true,
  rateLimit: true,
  adaptiveConcurrency: true,
  rateLimitError: true
} as const

const settings = {
  name: true,
  description: true,
  tags: true,
  metadata: true,
  repetitions: true,
  concurrency: true,
  evaluatorConcurrency: true,
  order: true,
  maxFailures: true,
  runTrees: true,
  summaries: true,
  prices: true,
  keepRows: true
} as const

type RunOptions = Evaluation.Options<unknown, unknown, unknown, unknown, unknown, [], [], unknown>

export const limitNames = optionNames<Execution.Options>(limits)

export const settingNames = optionNames<Evaluation.Settings>(settings)

export const runNames = optionNames<RunOptions>({
  ...settings,
  ...limits,
  evaluators: true,
  summaryEvaluators: true,
  evaluatorLimits: true,
  resume: true,
  provenance: true,
  onEnd: true
})

export const evaluatorNames = optionNames<Evaluator.Options>({
  ...limits,
  version: true,
  config: true,
  keys: true,
  feedbackConfig: true,
  when: true
})

export const targetNames = optionNames<Target.Options & Target.Schemas<unknown, unknown>>({
  version: true,
  config: true,
  inputs: true,
  outputs: true
})

export const evaluationNames = optionNames<
  { readonly data: Dataset.Dataset<unknown, unknown, unknown>; readonly target: unknown }
>({ data: true, target: true })

const retryNames = optionNames<Execution.Retry>({ schedule: true, while: true })
const rateLimitNames = optionNames<Execution.RateLimit>({ limit: true, window: true, key: true, algorithm: true })
const adaptiveNames = optionNames<Execution.AdaptiveConcurrency>({ min: true, initial: true, cooldownMillis: true })
const thresholdNames = optionNames<Evaluation.FailureThreshold>({ count: true, share: true, stop: true })
const summaryNames = optionNames<Summary.Options>({
  level: true,
  failures: true,
  groupBy: true,
  reducers: true,
  passingScore: true
})
const resumeNames = optionNames<Evaluation.Resume<unknown>>({ experiments: true, failed: true })

/** The names inside of limits that are none; `path` is where the limits stand, with its dot. */
export const limitsUnknown = (
  { adaptiveConcurrency, rateLimit, retry }: Execution.Options,
  path: string
): ReadonlyArray<Problem> => [
  ...(Schedule.isSchedule(retry) ? [] : unknownOptions(retry, retryNames, `${path}retry.`)),
  ...unknownOptions(rateLimit, rateLimitNames, `${path}rateLimit.`),
  ...unknownOptions(adaptiveConcurrency, adaptiveNames, `${path}adaptiveConcurrency.`)
]

/** The names in the options of a run that are none. */
export const runUnknown = (
  options: Evaluation.Settings & Execution.Options & {
    readonly evaluatorLimits?: Execution.Options | undefined
    readonly resume?: Evaluation.Resume<unknown> | undefined
  }
): ReadonlyArray<Problem> => [
  // The last is said by whoever runs an experiment in parts.
  ...unknownOptions(options, [...runNames, "begun"]),
  ...limitsUnknown(options, ""),
  ...unknownOptions(options.evaluatorLimits, limitNames, "evaluatorLimits."),
  ...limitsUnknown(options.evaluatorLimits ?? {}, "evaluatorLimits."),
  ...unknownOptions(options.maxFailures, thresholdNames, "maxFailures."),
  ...unknownOptions(options.summaries, summaryNames, "summaries."),
  ...unknownOptions(options.resume, resumeNames, "resume.")
]
