/** The dataset store on LangSmith's API. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as Attachment from "../../Attachment.ts"
import type * as Example from "../../Example.ts"
import type { AsOf, Changed, DatasetStore, ExampleFilter, NewExample, StoredExample } from "../DatasetStore.ts"
import { LangSmithClient } from "../LangSmithClient.ts"
import { LangSmithError } from "../LangSmithError.ts"
import * as Answers from "./exampleAnswers.ts"
import { type ExampleForm, FormBatch, type FormRequest, newExampleForm, updateForm } from "./exampleForms.ts"
import { findDataset } from "./projects.ts"
import { retryTransient } from "./retry.ts"
import { isUuid } from "./rowParts.ts"
import { unknownServer } from "./serverInfo.ts"

/** How many are asked for at once. */
const pageSize = 100

type Query = ReadonlyArray<readonly [string, string]>

/** A parameter that is left out where there is no value. */
const parameter = (name: string, value: string | number | undefined): Query =>
  value === undefined ? [] : [[name, String(value)]]

const asOfText = (asOf: AsOf): string => typeof asOf === "string" ? asOf : asOf.toISOString()

/** What begins like a date is a time, all else is a tag. */
const isTime = (asOf: AsOf): boolean => typeof asOf !== "string" || /^\d{4}-\d\d-\d\d/.test(asOf)

export const makeDatasetStore = Effect.gen(function*() {
  const client = yield* LangSmithClient
  const { request } = client
  const toInfo = Answers.toInfo(client.webUrl)
  const toExample = Answers.toStoredExample(client)

  const idOf = (nameOrId: string): Effect.Effect<string, LangSmithError> =>
    isUuid(nameOrId) ?
      Effect.succeed(nameOrId) :
      Effect.flatMap(findDataset(client, nameOrId), (dataset) =>
        dataset === undefined
          ? Effect.fail(
            new LangSmithError({
              reason: "NotFound",
              message:
                `There is no dataset ${nameOrId} in LangSmith. Check the name, and that key and workspace are those ` +
                "it belongs to; or create it."
            })
          )
          : Effect.succeed(dataset.id))

  const get = Effect.fnUntraced(function*(nameOrId: string) {
    const id = yield* idOf(nameOrId)
    return toInfo(
      yield* Effect.flatMap(request({ method: "GET", path: `/datasets/${id}` }), Answers.decodeDatasetAnswer)
    )
  })

  /** Reads pages until one is not full, no more than are taken. */
  const paged = <A>(
    read: (query: Query) => Effect.Effect<ReadonlyArray<A>, LangSmithError>,
    { limit = Number.POSITIVE_INFINITY, offset = 0 }: {
      readonly limit?: number | undefined
      readonly offset?: number | undefined
    }
  ): Stream.Stream<A, LangSmithError> =>
    Stream.paginate(0, (taken: number) => {
      const size = Math.min(pageSize, limit - taken)
      if (size <= 0) return Effect.succeed([[], Option.none()] as const)
      return Effect.map(
        read([["offset", String(offset + taken)], ["limit", String(size)]]),
        (page) => [page, page.length < size ? Option.none() : Option.some(taken + page.length)] as const
      )
    })

  const examplesOf = (id: string, filter: ExampleFilter): Stream.Stream<StoredExample, LangSmithError> => {
    const query: Query = [
      ["dataset", id],
      ["inline_s3_urls", "true"],
      ...parameter("as_of", filter.asOf === undefined ? undefined : asOfText(filter.asOf)),
      ...[filter.split ?? []].flat().map((split) => ["splits", split] as const),
      ...parameter("metadata", filter.metadata === undefined ? undefined : JSON.stringify(filter.metadata)),
      ...parameter("filter", filter.filter),
      // Without naming any fields, attachments are not among those that come.
      ...(filter.attachments === false ?
        [] :
        ["attachment_urls", "outputs", "metadata"].map((field) => ["select", field] as const))
    ]
    const read = (ids: ReadonlyArray<string>, range: Pick<ExampleFilter, "limit" | "offset">) =>
      paged(
        (page) =>
          request({
            method: "GET",
            path: "/examples",
            query: [...query, ...ids.map((id) => ["id", id] as const), ...page]
          }).pipe(
            Effect.flatMap(Answers.decodeExampleAnswers),
            Effect.map((answers) => answers.map(toExample))
          ),
        range
      )
    const { ids, limit, offset } = filter
    if (ids === undefined) return read([], { limit, offset })
    // An address can be only so long.
    const parts = Stream.flatMap(Stream.fromIterable(chunksOf(ids, pageSize - 1)), (ids) => read(ids, {}))
    return parts.pipe(
      offset === undefined ? (stream) => stream : Stream.drop(offset),
      limit === undefined ? (stream) => stream : Stream.take(limit)
    )
  }

  const version = Effect.fnUntraced(function*(nameOrId: string, asOf: AsOf = "latest") {
    const id = yield* idOf(nameOrId)
    const query = parameter(isTime(asOf) ? "as_of" : "tag", asOfText(asOf))
    return Answers.toVersion(
      yield* Effect.flatMap(request({ method: "GET", path: `/datasets/${id}/version`, query }), Answers.decodeVersion)
    )
  })

  /** Sends examples. One that the server has because an answer got lost is none that was there before. */
  const sendForm = (method: "POST" | "PATCH", datasetId: string, { body, contentType, ids }: FormRequest) =>
    Effect.suspend(() => {
      let unsure = false
      const once = client.requestOnce({
        method,
        path: `/v1/platform/datasets/${datasetId}/examples`,
        body,
        contentType
      }).pipe(
        Effect.flatMap(Answers.decodeChange),
        Effect.catch((error) => {
          if (error.reason === "Conflict" && unsure) return Effect.succeed({ as_of: undefined })
          unsure ||= error.isRetryable && error.status === undefined
          return Effect.fail(error)
        })
      )
      return Effect.map(
        retryTransient(once, { times: 4, when: () => true }),
        ({ as_of }): Changed => ({ count: ids.length, ids, version: as_of ?? undefined })
      )
    })

  const sendAll = Effect.fnUntraced(function*<A, E, R, E2>(
    method: "POST" | "PATCH",
    datasetId: string,
    items: Stream.Stream<A, E, R>,
    toForm: (boundary: string, item: A) => Effect.Effect<ExampleForm, E2>
  ) {
    const { batchBytes } = yield* Effect.orElseSucceed(client.info, () => unknownServer)
    const batch = new FormBatch(batchBytes - 1024)
    const ids: Array<string> = []
    let version: string | undefined
    const send = (form: FormRequest | undefined) =>
      form === undefined ? Effect.void : Effect.map(sendForm(method, datasetId, form), (changed) => {
        for (const id of changed.ids) ids.push(id)
        version = changed.version ?? version
      })
    yield* Stream.runForEach(
      items,
      (item) => toForm(batch.boundary, item).pipe(Effect.flatMap((form) => batch.add(form)), Effect.flatMap(send))
    )
    yield* send(batch.take())
    const changed: Changed = { count: ids.length, ids, version }
    return changed
  })

  const importExamples = <E, R>(
    nameOrId: string,
    examples: Stream.Stream<NewExample | Example.Example, E, R>
  ): Effect.Effect<Changed, E | LangSmithError | Attachment.AttachmentError, R> =>
    Effect.flatMap(
      idOf(nameOrId),
      (id) => sendAll("POST", id, examples, (boundary, example) => newExampleForm(boundary, id, toNewExample(example)))
    )

  const store: DatasetStore["Service"] = {
    create: (name, options = {}) =>
      request({
        method: "POST",
        path: "/datasets",
        body: {
          name,
          description: options.description,
          extra: { source: "sdk", ...(options.metadata === undefined ? {} : { metadata: options.metadata }) },
          data_type: options.dataType,
          inputs_schema_definition: options.inputsSchema,
          outputs_schema_definition: options.outputsSchema
        }
      }).pipe(Effect.flatMap(Answers.decodeDatasetAnswer), Effect.map(toInfo)),
    get,
    list: (filter = {}) =>
      paged(
        (page) =>
          request({
            method: "GET",
            path: "/datasets",
            query: [
              ...parameter("name_contains", filter.nameContains),
              ...parameter("metadata", filter.metadata === undefined ? undefined : JSON.stringify(filter.metadata)),
              ...page
            ]
          }).pipe(Effect.flatMap(Answers.decodeDatasetAnswers), Effect.map((answers) => answers.map(toInfo))),
        filter
      ),
    update: (nameOrId, changes) =>
      Effect.flatMap(
        idOf(nameOrId),
        (id) => Effect.andThen(request({ method: "PATCH", path: `/datasets/${id}`, body: changes }), get(id))
      ),
    remove: (nameOrId) =>
      Effect.flatMap(idOf(nameOrId), (id) => Effect.asVoid(request({ method: "DELETE", path: `/datasets/${id}` }))),
    uploadCsv: (name, options) => {
      const form = new FormData()
      // A copy, since bytes may stand in memory that is shared, which a blob does not take.
      const csv = typeof options.csv === "string" ? options.csv : new Uint8Array(options.csv)
      form.append("file", new Blob([csv], { type: "text/csv" }), `${name}.csv`)
      for (const key of options.inputKeys) form.append("input_keys", key)
      for (const key of options.outputKeys) form.append("output_keys", key)
      form.append("name", name)
      if (options.description !== undefined) form.append("description", options.description)
      form.append("data_type", options.dataType ?? "kv")
      return request({ method: "POST", path: "/datasets/upload", body: form }).pipe(
        Effect.flatMap(Answers.decodeDatasetAnswer),
        Effect.map(toInfo)
      )
    },

    addExamples: (name, examples) => importExamples(name, Stream.fromIterable(examples, { chunkSize: pageSize })),
    importExamples,
    updateExamples: (name, updates) =>
      Effect.flatMap(
        idOf(name),
        (id) => sendAll("PATCH", id, Stream.fromIterable(updates, { chunkSize: pageSize }), updateForm)
      ),
    deleteExamples: (ids, { hard = false } = {}) =>
      Effect.forEach(chunksOf(Array.from(ids), pageSize - 1), (ids) =>
        hard
          ? request({
            method: "POST",
            path: "/v1/platform/datasets/examples/delete",
            body: { example_ids: ids, hard_delete: true },
            idempotent: true
          })
          : request({ method: "DELETE", path: "/examples", query: ids.map((id) => ["example_ids", id] as const) }), {
        discard: true
      }),

    examples: (nameOrId, filter = {}) => Stream.unwrap(Effect.map(idOf(nameOrId), (id) => examplesOf(id, filter))),
    example: (id) =>
      request({ method: "GET", path: `/examples/${encodeURIComponent(id)}` }).pipe(
        Effect.flatMap(Answers.decodeExampleAnswer),
        Effect.map(toExample)
      ),
    versions: (nameOrId) =>
      Stream.unwrap(
        Effect.map(idOf(nameOrId), (id) =>
          paged((page) =>
            request({ method: "GET", path: `/datasets/${id}/versions`, query: page }).pipe(
              Effect.flatMap(Answers.decodeVersions),
              Effect.map((versions) =>
                versions.map(Answers.toVersion)
              )
            ), {}))
      ),
    version,
    tag: Effect.fnUntraced(function*(nameOrId, tag, asOf) {
      const id = yield* idOf(nameOrId)
      const { version: time } = yield* version(id, asOf)
      yield* request({ method: "PUT", path: `/datasets/${id}/tags`, body: { as_of: time, tag } })
    }),
    splits: (nameOrId, asOf) =>
      Effect.flatMap(idOf(nameOrId), (id) =>
        Effect.flatMap(
          request({
            method: "GET",
            path: `/datasets/${id}/splits`,
            query: parameter("as_of", asOf === undefined ? undefined : asOfText(asOf))
          }),
          Answers.decodeSplits
        )),
    assignSplit: (nameOrId, split, ids, { remove = false } = {}) =>
      Effect.flatMap(idOf(nameOrId), (id) =>
        Effect.asVoid(
          request({
            method: "PUT",
            path: `/datasets/${id}/splits`,
            body: { split_name: split, examples: ids, remove }
          })
        )),
    diff: Effect.fnUntraced(function*(nameOrId, from, to) {
      const id = yield* idOf(nameOrId)
      const before = (yield* version(id, from)).version
      const after = (yield* version(id, to)).version
      const { examples_added, examples_modified, examples_removed } = yield* Effect.flatMap(
        request({
          method: "GET",
          path: `/datasets/${id}/versions/diff`,
          query: [["from_version", before], ["to_version", after]]
        }),
        Answers.decodeDiff
      )
      const read = (ids: ReadonlyArray<string> | null | undefined, asOf: string) =>
        ids === null || ids === undefined || ids.length === 0
          ? Effect.succeed<Array<StoredExample>>([])
          : Stream.runCollect(examplesOf(id, { ids, asOf }))
      const changedBefore = new Map((yield* read(examples_modified, before)).map((example) => [example.id, example]))
      const changedAfter = yield* read(examples_modified, after)
      return {
        added: yield* read(examples_added, after),
        deleted: yield* read(examples_removed, before),
        updated: changedAfter.flatMap((example) => {
          const earlier = changedBefore.get(example.id)
          return earlier === undefined ? [] : [{ before: earlier, after: example }]
        })
      }
    })
  }
  return store
})

/** An example of the core has its splits under another name. */
const toNewExample = (example: NewExample | Example.Example): NewExample =>
  "splits" in example
    ? {
      id: example.id,
      inputs: example.inputs,
      referenceOutputs: example.referenceOutputs,
      // The core takes any metadata; the form makes an object of it.
      metadata: example.metadata as NonNullable<NewExample["metadata"]>,
      split: example.splits,
      attachments: example.attachments
    }
    : example

const chunksOf = <A>(all: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
