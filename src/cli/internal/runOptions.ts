/**
 * The options of a run that a flag, a variable of the environment and the configuration file all know, once: their names
 * and what they are for. What values they take is said by the schema of the configuration.
 */

/** An option as a flag sees it. */
export interface RunOption {
  /** In the configuration. */
  readonly name: string
  /** Without the dashes; the variable of the environment is named after it. */
  readonly flag: string
  readonly alias?: string
  /** `texts` may be given several times, `names` also with commas between; an optional text goes without a value, too. */
  readonly kind: "text" | "texts" | "names" | "integer" | "switch" | "optional text"
  readonly metavar?: string
  /** What an optional text is without a value. */
  readonly bare?: string
  readonly description: string
}

export const runOptions: ReadonlyArray<RunOption> = [
  {
    name: "evaluations",
    flag: "evaluation",
    alias: "e",
    kind: "texts",
    metavar: "<name>",
    description: "Only evaluations of this name, or exported under it"
  },
  {
    name: "filter",
    flag: "filter",
    alias: "f",
    kind: "texts",
    metavar: "<condition>",
    description: `Only examples for which it holds: "split=test", "metadata.topic!=spam", "inputs.question~refund"`
  },
  {
    name: "limit",
    flag: "limit",
    alias: "n",
    kind: "integer",
    metavar: "<n>",
    description: "Only the first n examples"
  },
  {
    name: "sample",
    flag: "sample",
    kind: "integer",
    metavar: "<n>",
    description: "Only n examples, drawn at random; the same ones for the same --seed"
  },
  { name: "seed", flag: "seed", kind: "text", metavar: "<seed>", description: "The seed of --sample (default 1)" },
  {
    name: "repetitions",
    flag: "repetitions",
    alias: "r",
    kind: "integer",
    metavar: "<n>",
    description: "Run each example n times"
  },
  {
    name: "concurrency",
    flag: "concurrency",
    alias: "c",
    kind: "integer",
    metavar: "<n>",
    description: "How many targets run at once (default 16)"
  },
  {
    name: "timeout",
    flag: "timeout",
    kind: "text",
    metavar: "<duration>",
    description: "How long one attempt of the target may take, such as 30s (default 5m)"
  },
  {
    name: "maxFailures",
    flag: "max-failures",
    kind: "text",
    metavar: "<n|n%>",
    description: "Stop when more rows than this have failed: 10, or 5%"
  },
  { name: "name", flag: "name", kind: "text", metavar: "<name>", description: "The name of the experiment" },
  { name: "tags", flag: "tag", alias: "t", kind: "texts", metavar: "<tag>", description: "A tag for the experiment" },
  {
    name: "gate",
    flag: "gate",
    alias: "g",
    kind: "texts",
    metavar: "<condition>",
    description: `What has to hold: "correct >= 0.9", "failures <= 2%", "better(correct)"`
  },
  {
    name: "allowInconclusive",
    flag: "allow-inconclusive",
    kind: "switch",
    description: "A gate that the data do not decide is no failure"
  },
  {
    name: "baseline",
    flag: "baseline",
    alias: "b",
    kind: "text",
    metavar: "<experiment>",
    description: "Compare with an experiment: an id, a name, a file, or latest"
  },
  {
    name: "resume",
    flag: "resume",
    kind: "optional text",
    bare: "latest",
    metavar: "experiment",
    description: "Take over what an experiment has done already (default latest)"
  },
  {
    name: "rerunFailed",
    flag: "rerun-failed",
    kind: "switch",
    description: "With --resume: do again what failed or timed out"
  },
  {
    name: "report",
    flag: "report",
    kind: "names",
    metavar: "<format,...>",
    description: "Write reports: html, md, junit, json, jsonl, csv"
  },
  {
    name: "thresholds",
    flag: "threshold",
    kind: "texts",
    metavar: "<condition>",
    description: `When a row passes in JUnit reports: "correct >= 0.5" (default: unless it is false)`
  },
  {
    name: "out",
    flag: "out",
    alias: "o",
    kind: "text",
    metavar: "<directory>",
    description: "Where reports are written (default evals-reports)"
  }
]

export const variablePrefix = "EFFECT_EVALS_"

/** Such as `EFFECT_EVALS_MAX_FAILURES`. */
export const variableOf = ({ flag }: Pick<RunOption, "flag">): string =>
  `${variablePrefix}${flag.toUpperCase().replaceAll("-", "_")}`
