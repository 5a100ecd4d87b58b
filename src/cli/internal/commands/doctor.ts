/** `effect-evals doctor`: what is set up, what is missing, and what to do about it. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { getCurrentVersion } from "effect/Version"
import { existsSync, readFileSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { countOf, formatCount } from "../../../internal/values/numbers.ts"
import { version } from "../../../internal/values/version.ts"
import * as Provenance from "../../../Provenance.ts"
import { makeStyle } from "../../../reports/style.ts"
import * as DatasetStore from "../../../sql/DatasetStore.ts"
import * as ExperimentStore from "../../../sql/ExperimentStore.ts"
import type { Call, CommandEffect } from "../command.ts"
import { findFiles, loadEntries } from "../entries.ts"
import type { Failure } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { shownPath } from "../sourcePosition.ts"
import { shownStore, storeExists, storeLayer } from "../store.ts"

interface Finding {
  readonly what: string
  readonly state: "ok" | "missing" | "wrong"
  readonly text: string
}

const keys = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "LANGSMITH_API_KEY"]

export const doctor = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, screen } = call
    const { git } = yield* Provenance.git
    const findings: ReadonlyArray<Finding> = [
      { what: "Node", state: "ok", text: process.versions.node },
      ownFinding(call),
      effectFinding(call),
      {
        what: "configuration",
        state: project.configFile === undefined ? "missing" : "ok",
        text: project.configFile === undefined
          ? "none, so everything has its defaults; effect-evals init writes one"
          : shownPath(project.configFile, project.cwd)
      },
      ...(yield* evaluationFindings(call)),
      yield* storeFinding(call),
      "unavailable" in git
        ? { what: "git", state: "missing", text: `${git.unavailable}, so experiments do not know their commit` }
        : {
          what: "git",
          state: "ok",
          text: `${git.branch} ${git.commit.slice(0, 8)}${git.dirty ? ", with changes" : ""}`
        },
      ...keys.map((key): Finding => {
        const isSet = (process.env[key] ?? "") !== ""
        return {
          what: key,
          state: isSet ? "ok" : "missing",
          text: isSet ? "is set" : "is not set; only what uses it needs it"
        }
      }),
      optionalFinding("@effect/sql-pg", "stores on PostgreSQL", call),
      optionalFinding("vitest", "evaluations as tests", call)
    ]
    const style = makeStyle(screen.color)
    const marks = { ok: style.good("✔"), missing: style.dim("–"), wrong: style.bad("✘") }
    const width = Math.max(...findings.map(({ what }) => what.length))
    for (const finding of findings) {
      screen.machine({ event: "finding", ...finding })
      screen.human(
        `${marks[finding.state]} ${finding.what.padEnd(width)}  ${
          finding.text.replaceAll("\n", `\n${" ".repeat(width + 4)}`)
        }`
      )
    }
    return findings.some(({ state }) => state === "wrong") ? ExitCode.usage : ExitCode.done
  })

/** The command line may be another one than the package that the evaluations import. */
const ownFinding = ({ project }: Call): Finding => {
  const what = "effect-evals"
  const theirs = installedVersion(what, project.root)
  if (theirs === version) return { what, state: "ok", text: version }
  return {
    what,
    state: "wrong",
    text: theirs === undefined
      ? `is not installed in the project, so evaluations cannot import it: npm install ${what}`
      : `the project has ${theirs}, and this is ${version}. Call the project's own: npx ${what}`
  }
}

/** Two versions of one package in a project are two packages. */
const effectFinding = ({ project }: Call): Finding => {
  const here = getCurrentVersion()
  const theirs = installedVersion("effect", project.root)
  if (theirs === undefined) {
    return { what: "effect", state: "wrong", text: "is not installed in the project: npm install effect" }
  }
  return theirs === here
    ? { what: "effect", state: "ok", text: here }
    : {
      what: "effect",
      state: "wrong",
      text:
        `the project has ${theirs}, effect-evals has ${here}. Make them one: npm dedupe, or npm install effect@${here}`
    }
}

const installedVersion = (name: string, directory: string): string | undefined => {
  try {
    const main = createRequire(join(directory, "package.json")).resolve(`${name}/package.json`)
    const { version } = JSON.parse(readFileSync(main, "utf8")) as { readonly version: string }
    return version
  } catch {
    // Not there, or without a package.json that may be read: not installed, as far as the project goes.
    return undefined
  }
}

const optionalFinding = (name: string, use: string, { project }: Call): Finding => {
  const found = installedVersion(name, project.root)
  return {
    what: name,
    state: found === undefined ? "missing" : "ok",
    text: found ?? `is not installed; ${use} need it`
  }
}

const evaluationFindings = (call: Call): Effect.Effect<ReadonlyArray<Finding>> =>
  findFiles([], call.project).pipe(
    Effect.flatMap((files) =>
      Effect.forEach(files, (file) =>
        loadEntries([file], call.project).pipe(Effect.match({
          onFailure: ({ message }): Finding => ({ what: "evaluations", state: "wrong", text: message }),
          onSuccess: (entries): Finding => ({
            what: "evaluations",
            state: "ok",
            text: `${shownPath(file, call.project.cwd)}: ${entries.map(({ name }) => name).join(", ")}`
          })
        })))
    ),
    Effect.catch(({ message }: Failure) =>
      Effect.succeed<ReadonlyArray<Finding>>([{ what: "evaluations", state: "missing", text: message }])
    )
  )

const storeFinding = ({ project }: Call): Effect.Effect<Finding> => {
  const what = "store"
  if (!storeExists(project)) {
    return Effect.succeed({ what, state: "missing", text: `${shownStore(project)} will be made by the first run` })
  }
  return Effect.gen(function*() {
    const experiments = yield* ExperimentStore.ExperimentStore
    const datasets = yield* DatasetStore.DatasetStore
    const count = yield* Stream.runCount(experiments.list())
    const ofDatasets = yield* Stream.runCount(datasets.list())
    const size = existsSync(project.store) ? `, ${formatCount(Math.ceil(statSync(project.store).size / 1024))} KiB` : ""
    return `${shownStore(project)}: ${countOf(count, "experiment")}, ${countOf(ofDatasets, "dataset")}${size}`
  }).pipe(
    Effect.provide(storeLayer(project, { create: false })),
    Effect.match({
      onFailure: ({ message }): Finding => ({ what, state: "wrong", text: message }),
      onSuccess: (text): Finding => ({ what, state: "ok", text })
    })
  )
}
