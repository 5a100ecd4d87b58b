/**
 * The commands with their flags and arguments: parses what was typed, and writes the help. It knows nothing of what the
 * commands do, so that it is there in no time.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Globals, Invocation, Said } from "./invocation.ts"
import { type RunOption, runOptions } from "./runOptions.ts"

const toggle = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDefault(false), Flag.withDescription(description))

const optionalText = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.optional, Flag.withMetavar(metavar), Flag.withDescription(description))

const optionalInteger = (name: string, metavar: string, description: string) =>
  Flag.Int(name).pipe(Flag.optional, Flag.withMetavar(metavar), Flag.withDescription(description))

const texts = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.atLeast(0), Flag.withMetavar(metavar), Flag.withDescription(description))

const Json = GlobalFlag.Setting("json")({ flag: toggle("json", "Lines for machines on stdout; all else on stderr") })
const Quiet = GlobalFlag.Setting("quiet")({ flag: Flag.withAlias(toggle("quiet", "Nothing but errors"), "q") })
const Verbose = GlobalFlag.Setting("verbose")({ flag: toggle("verbose", "Errors with everything known about them") })
const NoColor = GlobalFlag.Setting("no-color")({ flag: toggle("no-color", "No colours, as with NO_COLOR=1") })
const Store = GlobalFlag.Setting("store")({
  flag: optionalText("store", "<file>", "Where experiments are kept (default .effect-evals/evals.db, found upwards)")
})
const ConfigFile = GlobalFlag.Setting("config")({
  flag: optionalText("config", "<file>", "The configuration (default effect-evals.config.ts, found upwards)")
})

/** The call that was parsed, once one was. */
export interface Parsed {
  invocation: Invocation | undefined
}

const plain = (value: unknown): Said[string] => {
  if (Option.isOption(value)) return Option.isSome(value) ? plain(value.value) : undefined
  if (Array.isArray(value)) return value.map(String)
  return typeof value === "number" || typeof value === "boolean" ? value : String(value)
}

const flagOf = (option: RunOption): Flag.Flag<unknown> => {
  const named = <A>(flag: Flag.Flag<A>): Flag.Flag<A> => {
    const described = Flag.withDescription(flag, option.description)
    const aliased = option.alias === undefined ? described : Flag.withAlias(described, option.alias)
    return option.metavar === undefined ? aliased : Flag.withMetavar(aliased, option.metavar)
  }
  switch (option.kind) {
    case "switch":
      return Flag.optional(named(Flag.withoutNegation(Flag.Boolean(option.flag))))
    case "integer":
      return Flag.optional(named(Flag.Int(option.flag)))
    case "texts":
    case "names":
      return Flag.atLeast(named(Flag.String(option.flag)), 0)
    case "text":
      return Flag.optional(named(Flag.String(option.flag)))
    case "optional text":
      return Flag.optional(named(Flag.withOptionalValue(Flag.String(option.flag), option.bare ?? "")))
  }
}

const experiment = (name: string, description: string) =>
  Argument.String(name).pipe(Argument.optional, Argument.withDescription(description))

const reference = "An id or the end of one, a name, a file, latest, or latest~1 (default latest)"

/** The command `effect-evals`. What is called, with all that was said, goes to `parsed`. */
export const makeCommand = (parsed: Parsed) => {
  const command = <const Config extends Command.Command.Config>(
    path: string,
    config: Config,
    description: string,
    examples: ReadonlyArray<readonly [command: string, description: string]> = []
  ) =>
    Command.make(path.split(" ").at(-1) ?? path, config, (said) =>
      Effect.gen(function*() {
        const globals: Globals = {
          json: yield* Json,
          quiet: yield* Quiet,
          verbose: yield* Verbose,
          noColor: yield* NoColor,
          store: Option.getOrUndefined(yield* Store),
          config: Option.getOrUndefined(yield* ConfigFile)
        }
        parsed.invocation = {
          command: path,
          // Whatever the flags are, these are their values by name.
          said: Object.fromEntries(
            Object.entries(said as { readonly [name: string]: unknown }).map(([name, value]) => [name, plain(value)])
          ),
          globals
        }
      })).pipe(
        Command.withDescription(description),
        Command.withExamples(
          examples.map(([command, description]) => ({ command: `effect-evals ${command}`, description }))
        )
      )

  const run = command(
    "run",
    {
      files: Argument.String("files").pipe(
        Argument.variadic(),
        Argument.withDescription("Files or globs (default **/*.eval.ts, or `files` of the configuration)")
      ),
      ...Object.fromEntries(runOptions.map((option) => [option.name, flagOf(option)])),
      watch: Flag.withAlias(
        toggle("watch", "Run again whenever a file changes, and pay only for what changed"),
        "w"
      )
    },
    "Run evaluations",
    [
      ["run", "All *.eval.ts files of the project"],
      ["run evals/support.eval.ts --sample 20 --seed 1", "A look at twenty examples"],
      [`run --baseline latest --gate "correct >= 0.9" --gate "not-worse(correct, 0.02)"`, "What a pipeline does"],
      ["run --resume", "Go on where the last run was cut short"]
    ]
  )

  const list = command(
    "list",
    {
      evaluation: Flag.withAlias(optionalText("evaluation", "<name>", "Only of this evaluation"), "e"),
      dataset: optionalText("dataset", "<name>", "Only on this dataset"),
      tag: Flag.withAlias(texts("tag", "<tag>", "Only with this tag"), "t"),
      status: Flag.Literals("status", ["completed", "interrupted", "failed", "running"]).pipe(
        Flag.optional,
        Flag.withDescription("Only with this status")
      ),
      limit: Flag.withAlias(optionalInteger("limit", "<n>", "How many, the newest first (default 20)"), "n")
    },
    "List experiments, the newest first",
    [["list", "The last twenty"], ["list --evaluation support --tag main --json", "For a script"]]
  )

  const show = command(
    "show",
    {
      experiment: experiment("experiment", reference),
      row: optionalText("row", "<row>", "One row with everything: its number, from 0, or the id of its example"),
      rows: toggle("rows", "All rows with their scores"),
      failed: toggle("failed", "With --rows: only rows in which something failed"),
      limit: Flag.withAlias(optionalInteger("limit", "<n>", "How many rows the lists show (default 10)"), "n")
    },
    "Show an experiment: its numbers, what failed, what was slow",
    [["show", "The latest"], ["show nightly --rows --failed", "What failed"], ["show latest --row q17", "One row"]]
  )

  const compare = command(
    "compare",
    {
      experiments: Argument.String("experiments").pipe(
        Argument.variadic(),
        Argument.withDescription("The baseline, then what is compared with it (default latest~1 and latest)")
      ),
      key: optionalText("key", "<key>", "The key by which examples are listed as better or worse"),
      gate: Flag.withAlias(texts("gate", "<condition>", `What has to hold: "not-worse(correct, 0.01)"`), "g"),
      allowInconclusive: toggle("allow-inconclusive", "A gate that the data do not decide is no failure"),
      lowerIsBetter: texts("lower-is-better", "<key>", "A key of which less is better"),
      limit: Flag.withAlias(optionalInteger("limit", "<n>", "How many rows the lists show (default 10)"), "n")
    },
    "Compare experiments: what changed, and whether it could be chance",
    [
      ["compare", "The last two of the same evaluation"],
      [`compare main latest --gate "better(correct)"`, "By name, with a condition"]
    ]
  )

  const report = command(
    "report",
    {
      experiments: Argument.String("experiments").pipe(
        Argument.variadic(),
        Argument.withDescription("One experiment, or a baseline and what is compared with it (default latest)")
      ),
      report: Flag.withAlias(texts("report", "<format,...>", "html, md, junit, json, jsonl, csv (default html)"), "r"),
      thresholds: texts("threshold", "<condition>", `When a row passes in JUnit reports: "correct >= 0.5"`),
      out: Flag.withAlias(optionalText("out", "<directory>", "Where to (default evals-reports)"), "o")
    },
    "Write reports of experiments to files",
    [
      ["report", "The latest as a page"],
      ["report main latest --report html,md", "What changed, as a page and for a pull request"]
    ]
  )

  const rescore = command(
    "rescore",
    {
      experiment: experiment("experiment", reference),
      file: optionalText("file", "<file>", "The file with the evaluators (default the one that it was run from)"),
      name: optionalText("name", "<name>", "The name of the new experiment"),
      gate: Flag.withAlias(texts("gate", "<condition>", "What has to hold"), "g"),
      allowInconclusive: toggle("allow-inconclusive", "A gate that the data do not decide is no failure")
    },
    "Judge the runs of an experiment again; the target is not run",
    [["rescore", "After a judge was changed: only that one is asked again"]]
  )

  const resume = command(
    "resume",
    {
      experiment: experiment("experiment", reference),
      rerunFailed: toggle("rerun-failed", "Do again what failed or timed out")
    },
    "Go on with an experiment that was cut short, as it was run",
    [["resume", "The latest"], ["resume nightly-1f3c5a7e --rerun-failed", "And try again what failed"]]
  )

  const exported = command(
    "export",
    {
      experiment: experiment("experiment", reference),
      format: Flag.Literals("format", ["jsonl", "json"]).pipe(
        Flag.withDefault("jsonl"),
        Flag.withDescription("A journal with a line for each row, or one document (default jsonl)")
      ),
      out: Flag.withAlias(optionalText("out", "<file>", "Where to (default stdout)"), "o")
    },
    "Write an experiment to a file",
    [["export nightly --out nightly.jsonl", "A journal, which `compare` and `--baseline` read"]]
  )

  const view = command(
    "view",
    {
      port: Flag.withAlias(
        optionalInteger("port", "<port>", "The port on this machine (default 4983; 0: any that is free)"),
        "p"
      ),
      open: toggle("open", "Open it in the browser")
    },
    "Serve the store to a browser on this machine, with an HTTP interface"
  )

  const fields = {
    id: optionalText("id", "<field>", "The field with the ids"),
    inputs: texts("inputs", "<field>", "A field of the inputs"),
    referenceOutputs: texts("reference-outputs", "<field>", "A field of the reference outputs"),
    metadata: texts("metadata", "<field>", "A field of the metadata"),
    split: optionalText("split-field", "<field>", "The field with the splits")
  }
  const dataset = Argument.String("dataset").pipe(Argument.withDescription("The name of the dataset"))
  const datasets = Command.make("datasets").pipe(
    Command.withDescription("Versioned datasets in the project's store"),
    Command.withSubcommands([
      command("datasets list", {}, "List the datasets"),
      command(
        "datasets import",
        {
          file: Argument.String("file").pipe(Argument.withDescription("A .jsonl, .json, .csv, .tsv or .yaml file")),
          name: optionalText("name", "<name>", "The name of the dataset (default the file's)"),
          note: optionalText("note", "<text>", "Why, for the list of versions"),
          skipInvalid: toggle("skip-invalid", "Leave out rows that are no examples, and count them"),
          ...fields
        },
        "Add the examples of a file, as a new version",
        [
          ["datasets import tickets.jsonl", ""],
          [
            "datasets import capitals.csv --inputs country --reference-outputs city",
            "A CSV needs to be told its columns"
          ]
        ]
      ),
      command(
        "datasets export",
        {
          dataset,
          version: optionalText("version", "<version|tag>", "Which version (default the newest)"),
          out: Flag.withAlias(
            optionalText("out", "<file>", "Where to: .jsonl, or .csv with its fields (default stdout)"),
            "o"
          ),
          ...fields
        },
        "Write the examples to a file"
      ),
      command("datasets versions", { dataset }, "List the versions, the newest first")
    ])
  )

  const job = Argument.String("job").pipe(Argument.withDescription("The id of the job"))
  const submitted = new Set([
    "filter",
    "limit",
    "sample",
    "seed",
    "repetitions",
    "concurrency",
    "maxFailures",
    "name",
    "tags"
  ])
  const jobs = Command.make("jobs").pipe(
    Command.withDescription("Evaluations that are submitted, and done by a worker"),
    Command.withSubcommands([
      command(
        "jobs submit",
        {
          evaluation: Argument.String("evaluation").pipe(Argument.withDescription("The name of the evaluation")),
          files: Argument.String("files").pipe(
            Argument.variadic(),
            Argument.withDescription("The files that it is looked for in (default as with run)")
          ),
          ...Object.fromEntries(
            runOptions.filter(({ name }) => submitted.has(name)).map((option) => [option.name, flagOf(option)])
          ),
          key: optionalText("key", "<key>", "The same job for the same key, however often it is submitted")
        },
        "Submit an evaluation, and print the id of the job",
        [["jobs submit support --name nightly --key nightly-2026-01-31", "Once a night, whatever is tried again"]]
      ),
      command(
        "jobs status",
        { jobs: Argument.String("jobs").pipe(Argument.atLeast(1), Argument.withDescription("The ids of the jobs")) },
        "Say where jobs stand"
      ),
      command(
        "jobs await",
        { job, timeout: optionalText("timeout", "<duration>", "How long to wait, such as 30m (default for ever)") },
        "Wait until a job has ended; exit code 3 if it failed or was cancelled"
      ),
      command("jobs cancel", { job }, "Cancel a job; its rows so far are kept"),
      command(
        "jobs list",
        {
          evaluation: Flag.withAlias(optionalText("evaluation", "<name>", "Only of this evaluation"), "e"),
          state: Flag.Literals("state", ["pending", "running", "completed", "failed", "cancelled"]).pipe(
            Flag.optional,
            Flag.withDescription("Only in this state")
          ),
          limit: Flag.withAlias(optionalInteger("limit", "<n>", "How many, the newest first (default 20)"), "n")
        },
        "List jobs, the newest first"
      ),
      command(
        "jobs worker",
        {
          files: Argument.String("files").pipe(
            Argument.variadic(),
            Argument.withDescription("The files with the evaluations (default as with run)")
          ),
          capacity: optionalInteger(
            "capacity",
            "<n>",
            "How many rows are worked on at once, over all jobs (default 64)"
          ),
          untilIdle: toggle("until-idle", "End when nothing is left to do")
        },
        "Do what is submitted, one worker for a store; a killed one is taken up by the next"
      )
    ])
  )

  const init = command(
    "init",
    {
      directory: Argument.String("directory").pipe(Argument.optional, Argument.withDescription("Where (default here)"))
    },
    "Write a first evaluation, its dataset and a configuration"
  )

  const doctor = command("doctor", {}, "Say what is set up, and what is missing")

  return Command.make("effect-evals").pipe(
    Command.withDescription("Evaluate what is built on language models: run, compare, decide"),
    Command.withSubcommands([
      { group: "Run", commands: [run, resume, rescore] },
      { group: "Look", commands: [list, show, compare, view, report, exported] },
      { group: "Project", commands: [datasets, jobs, init, doctor] }
    ]),
    Command.withGlobalFlags([Json, Quiet, Verbose, NoColor, Store, ConfigFile])
  )
}
