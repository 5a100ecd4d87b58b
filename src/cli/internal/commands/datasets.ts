/** `effect-evals datasets`: the versioned datasets of the store. */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { existsSync } from "node:fs"
import { basename, extname, resolve } from "node:path"
import * as Dataset from "../../../Dataset.ts"
import { countOf, formatCount } from "../../../internal/values/numbers.ts"
import { makeStyle } from "../../../reports/style.ts"
import { renderTable } from "../../../reports/table.ts"
import { oneLine } from "../../../reports/text.ts"
import * as DatasetStore from "../../../sql/DatasetStore.ts"
import { type Call, type CommandEffect, isSaid, textOf, textsOf } from "../command.ts"
import { Failure, runFailed, usage } from "../failure.ts"
import { ExitCode } from "../invocation.ts"
import { messageOf } from "../sourcePosition.ts"
import { shownStore, storeExists, storeLayer, type Stores } from "../store.ts"
import { ago } from "../time.ts"
import { writeData } from "../writing.ts"

/** What the store says is what there is to say. */
const told = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, Failure, R> =>
  Effect.mapError(
    self,
    (error) =>
      error instanceof Failure
        ? error
        : isMissing(error)
        ? usage(messageOf(error), error)
        : runFailed(messageOf(error), error)
  )

const isMissing = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "reason" in error &&
  (error.reason === "NotFound" || error.reason === "Invalid" || error.reason === "AlreadyExists")

const inStore = <A, R>(
  call: Call,
  effect: Effect.Effect<A, unknown, R | Stores>,
  options: { readonly create: boolean }
): Effect.Effect<A, Failure, Exclude<R, Stores>> => told(Effect.provide(effect, storeLayer(call.project, options)))

export const listDatasets = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, screen } = call
    const infos = storeExists(project)
      ? yield* inStore(call, DatasetStore.DatasetStore.use((store) => Stream.runCollect(store.list())), {
        create: false
      })
      : []
    if (infos.length === 0) {
      screen.notice(`There are no datasets in ${shownStore(project)}. Import one: effect-evals datasets import <file>`)
      return ExitCode.done
    }
    for (const info of infos) screen.machine({ event: "dataset", ...info })
    if (screen.json) return ExitCode.done
    const style = makeStyle(screen.color)
    screen.human(renderTable(
      [
        { title: style.dim("dataset") },
        { title: style.dim("examples"), align: "right" },
        { title: style.dim("version"), align: "right" },
        { title: style.dim("tags") },
        { title: style.dim("description") }
      ],
      infos.map(({ description, name, size, tags, version }) => [
        style.bold(oneLine(name, 40)),
        formatCount(size),
        String(version),
        Object.entries(tags).map(([tag, version]) => `${oneLine(tag, 20)} = ${version}`).join(", "),
        oneLine(description ?? "", 60)
      ])
    ))
    return ExitCode.done
  })

export const importDataset = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const given = textOf(said, "file") ?? ""
    const file = resolve(project.cwd, given)
    if (!existsSync(file)) return yield* usage(`There is no file ${given}.`)
    const source = yield* readerOf(file, given, call)
    const name = textOf(said, "name") ?? source.name
    const version = yield* inStore(
      call,
      Effect.gen(function*() {
        const store = yield* DatasetStore.DatasetStore
        yield* store.get(name).pipe(
          Effect.catchIf((error) => error.reason === "NotFound", () => store.create(name))
        )
        return yield* DatasetStore.importDataset(name, source, {
          note: textOf(said, "note") ?? `from ${basename(file)}`
        })
      }),
      { create: true }
    )
    screen.machine({ event: "imported", dataset: name, ...version })
    screen.human(
      `${countOf(version.added, "example")} added to ${name}, which has ${
        formatCount(version.size)
      } in version ${version.version}.`
    )
    return ExitCode.done
  })

const readerOf = (
  file: string,
  given: string,
  { said }: Call
): Effect.Effect<
  Dataset.Dataset<unknown, unknown, unknown, Dataset.DatasetError, FileSystem.FileSystem>,
  Failure
> => {
  const fields = fieldsOf(said)
  const options = {
    fields,
    onInvalid: isSaid(said, "skipInvalid") ? "skip" as const : "fail" as const
  }
  switch (extname(file).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return Effect.succeed(Dataset.fromJsonl(file, options))
    case ".json":
      return Effect.succeed(Dataset.fromJson(file, options))
    case ".yaml":
    case ".yml":
      return Effect.succeed(Dataset.fromYaml(file, options))
    case ".csv":
    case ".tsv":
      return fields === undefined
        ? Effect.fail(usage(
          `${given} has columns, and it must be said what they are: --inputs <column> --reference-outputs <column> ...`
        ))
        : Effect.succeed(
          Dataset.fromCsv(file, {
            ...options,
            fields,
            delimiter: file.endsWith("v") && /\.tsv$/i.test(file) ? "\t" : ","
          })
        )
    default:
      return Effect.fail(usage(`${given} is none of .jsonl, .json, .csv, .tsv and .yaml.`))
  }
}

/** Fields that are named make an object each; without any, records are examples as they stand. */
const fieldsOf = (said: Call["said"]): Dataset.Fields | undefined => {
  const inputs = textsOf(said, "inputs")
  if (inputs.length === 0) return undefined
  const some = (name: string) => textsOf(said, name).length === 0 ? undefined : textsOf(said, name)
  return {
    id: textOf(said, "id"),
    inputs,
    referenceOutputs: some("referenceOutputs"),
    metadata: some("metadata"),
    split: textOf(said, "split")
  }
}

export const exportDataset = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { project, said, screen } = call
    const name = textOf(said, "dataset") ?? ""
    const out = textOf(said, "out")
    const asOf = asOfText(textOf(said, "version"))
    if (out !== undefined && /\.csv$/i.test(out)) {
      const fields = fieldsOf(said)
      if (fields === undefined) return yield* usage("A CSV has columns; say which: --inputs <column> ...")
      const file = resolve(project.cwd, out)
      if (existsSync(file)) return yield* usage(`${out} is there already; it is not overwritten.`)
      yield* inStore(call, DatasetStore.exportCsv(name, file, { asOf, fields }), { create: false })
      screen.notice(`Written to ${out}.`)
      return ExitCode.done
    }
    const lines = Stream.unwrap(DatasetStore.DatasetStore.useSync((store) =>
      Stream.map(store.examples(name, { asOf }), ({ splits, ...example }) =>
        `${JSON.stringify(splits.length === 0 ? example : { ...example, split: splits })}\n`)
    ))
    // Before a file is made for it.
    const known = DatasetStore.DatasetStore.use((store) =>
      store.version(name, asOf)
    )
    yield* inStore(call, Effect.andThen(known, writeData(lines, out, call)), { create: false })
    return ExitCode.done
  })

/** A number is a version, whatever else a tag. */
const asOfText = (text: string | undefined): DatasetStore.AsOf | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : text

export const listVersions = (call: Call): CommandEffect =>
  Effect.gen(function*() {
    const { said, screen } = call
    const name = textOf(said, "dataset") ?? ""
    const { info, versions } = yield* inStore(
      call,
      DatasetStore.DatasetStore.use((store) =>
        Effect.all({ info: store.get(name), versions: Stream.runCollect(store.versions(name)) })
      ),
      { create: false }
    )
    const tagsOf = (version: number) => Object.entries(info.tags).filter(([, of]) => of === version).map(([tag]) => tag)
    for (const version of versions) {
      screen.machine({ event: "version", dataset: name, ...version, tags: tagsOf(version.version) })
    }
    if (screen.json) return ExitCode.done
    const style = makeStyle(screen.color)
    const now = Date.now()
    screen.human(renderTable(
      ["version", "examples", "added", "changed", "deleted"].map((title) => ({
        title: style.dim(title),
        align: "right" as const
      })).concat([{ title: style.dim("made"), align: "right" as const }]).concat(
        [{ title: style.dim("tags"), align: "right" as const }, { title: style.dim("note"), align: "right" as const }]
      ),
      versions.map(({ added, createdAt, deleted, note, size, updated, version }) => [
        String(version),
        ...[size, added, updated, deleted].map(formatCount),
        ago(createdAt, now),
        tagsOf(version).map((tag) => oneLine(tag, 20)).join(", "),
        oneLine(note ?? "", 60)
      ])
    ))
    return ExitCode.done
  })
