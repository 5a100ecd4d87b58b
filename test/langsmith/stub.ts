/**
 * A stand-in for LangSmith's API on the loopback interface: it keeps what it is sent, answers as the captured traffic
 * shows, and goes wrong in the ways it is told to.
 */
import { randomUUID } from "node:crypto"
import { once } from "node:events"
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"
import { gunzipSync } from "node:zlib"

// oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever was sent
export type Anything = any

/** What goes wrong with a request, instead of its answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  /** The connection is cut while the request is read. */
  | "cut"
  /** The request is carried out, and the connection cut before the answer. */
  | "lost answer"
  /** An answer of success that is no JSON. */
  | "garbage"
  | "hang"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: ReadonlyArray<readonly [string, string]>
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
  /** JSON, or the parts of a form. */
  readonly body: Anything
}

export interface Part {
  readonly name: string
  readonly filename: string | undefined
  readonly type: string | undefined
  readonly value: Anything
  readonly raw: Buffer
}

export interface Options {
  readonly gzip?: boolean
  readonly batchRuns?: number
  readonly batchBytes?: number
  /** Requests that are larger are refused with 413. */
  readonly maxBytes?: number
  /** How many examples the dataset `stub-dataset` has. */
  readonly examples?: number
  readonly version?: string
  /** What `/info` says beside what is always there. Without `ch_query_enabled` runs are found by the second query only. */
  readonly flags?: { readonly [flag: string]: boolean }
  /** Forms are counted, not kept: for measuring. */
  readonly counting?: boolean
  readonly port?: number
}

export const datasetId = "11111111-1111-4111-8111-111111111111"
export const datasetName = "stub-dataset"
export const tenantId = "22222222-2222-4222-8222-222222222222"

export const exampleId = (i: number): string => `33333333-3333-4333-8333-${String(i).padStart(12, "0")}`

interface Example {
  id: string
  dataset_id: string
  inputs: Anything
  outputs: Anything
  metadata: Anything
  split: ReadonlyArray<string>
  created_at: string
  modified_at: string
  source_run_id: string | null
  attachments: Map<string, { type: string; bytes: Buffer }>
  /** When it came and went. */
  readonly since: number
  until: number | undefined
}

const modified = (i: number): string => `2025-01-02T00:00:00.${String(100_000 + (i % 900_000)).padStart(6, "0")}+00:00`

const millis = (time: string): number => Date.parse(time) + Number(`0.${/\.\d{3}(\d{3})/.exec(time)?.[1] ?? "0"}`)

export class Stub {
  readonly options: Options
  readonly asked: Array<Asked> = []
  readonly sessions = new Map<string, Anything>()
  readonly runs = new Map<string, Anything>()
  readonly feedback = new Map<string, Anything>()
  readonly comparatives = new Map<string, Anything>()
  readonly datasets = new Map<string, Anything>()
  examples: Array<Example> = []
  readonly tags = new Map<string, string>()
  /** Ids that were sent more than once, with how often. */
  readonly repeated = new Map<string, number>()
  readonly counts = { runs: 0, feedback: 0, bytes: 0, requests: 0 }
  fault: (asked: { readonly method: string; readonly path: string }, index: number) => Fault | undefined = () =>
    undefined
  /** Milliseconds before each answer. */
  delay = 0
  /** Refuses all connections. */
  down = false
  server: Server | undefined
  port = 0
  #index = 0
  #clock = Date.UTC(2025, 5, 1)

  constructor(options: Options = {}) {
    this.options = options
    this.datasets.set(datasetId, {
      id: datasetId,
      name: datasetName,
      description: null,
      data_type: "kv",
      created_at: "2025-01-01T00:00:00Z",
      modified_at: "2025-01-02T00:00:00Z",
      tenant_id: tenantId,
      extra: {}
    })
    for (let i = 0; i < (options.examples ?? 3); i++) {
      this.examples.push({
        id: exampleId(i),
        dataset_id: datasetId,
        inputs: { x: i, question: `What is ${i} + ${i}?` },
        outputs: { y: 2 * i },
        metadata: { dataset_split: [i % 2 === 1 ? "train" : "base"] },
        split: [i % 2 === 1 ? "train" : "base"],
        created_at: "2025-01-01T00:00:00.000000+00:00",
        modified_at: modified(i),
        source_run_id: null,
        attachments: new Map(),
        since: millis(modified(i)),
        until: undefined
      })
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async start(): Promise<this> {
    this.server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        response.writeHead(500).end(JSON.stringify({ detail: String(error) }))
      })
    })
    this.server.keepAliveTimeout = 60_000
    this.server.listen(this.port === 0 ? this.options.port ?? 0 : this.port, "127.0.0.1")
    await once(this.server, "listening")
    this.port = (this.server.address() as AddressInfo).port
    return this
  }

  async stop(): Promise<void> {
    const { server } = this
    if (server === undefined) return
    server.closeAllConnections()
    server.close()
    await once(server, "close")
  }

  /** The runs of an experiment or project, by name. */
  runsOf(sessionName: string): ReadonlyArray<Anything> {
    return Array.from(this.runs.values()).filter((run) => run.session_name === sessionName)
  }

  /** What was asked of a route, such as `POST /sessions`. */
  askedOf(route: string): ReadonlyArray<Asked> {
    return this.asked.filter(({ method, path }) => `${method} ${path}` === route)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://stub")
    const method = request.method ?? "GET"
    const path = url.pathname
    if (path.startsWith("/__")) return this.#control(path, request, response)
    if (this.down) return void request.socket.destroy()
    const fault = this.fault({ method, path }, this.#index++)
    if (fault === "cut") {
      await Promise.race([once(request, "data"), once(request, "end")])
      return void request.socket.destroy()
    }
    const pieces: Array<Buffer> = []
    try {
      for await (const piece of request) pieces.push(piece as Buffer)
    } catch {
      // The client has hung up.
      return
    }
    let raw: Buffer = Buffer.concat(pieces)
    const bytes = raw.length
    this.counts.requests++
    this.counts.bytes += bytes
    if (this.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.delay))
    if (fault === "hang") return
    if (typeof fault === "object") {
      response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers })
      return void response.end(JSON.stringify(fault.body ?? { detail: "told to fail" }))
    }
    if (fault === "garbage") {
      response.writeHead(200, { "content-type": "text/html" })
      return void response.end("<html>You are not connected</html>")
    }
    if (bytes > (this.options.maxBytes ?? Number.POSITIVE_INFINITY)) {
      response.writeHead(413, { "content-type": "application/json" })
      return void response.end(JSON.stringify({ detail: "Request too large" }))
    }
    if (request.headers["content-encoding"] === "gzip") raw = gunzipSync(raw)
    const type = request.headers["content-type"] ?? ""
    if (this.options.counting === true && type.startsWith("multipart/")) {
      this.#count(raw)
      response.writeHead(202, { "content-type": "application/json" })
      return void response.end(`{"message":"Runs batch ingested"}`)
    }
    const body = bytes === 0 ? undefined : type.startsWith("multipart/") ? parseForm(raw, type) : parseJson(raw)
    const asked: Asked = { method, path, query: Array.from(url.searchParams), headers: request.headers, bytes, body }
    if (this.options.counting !== true) this.asked.push(asked)
    const [status, answer] = this.#answer(asked, url.searchParams)
    if (fault === "lost answer") return void request.socket.destroy()
    if (Buffer.isBuffer(answer)) return void response.writeHead(status).end(answer)
    response.writeHead(status, { "content-type": "application/json" })
    response.end(JSON.stringify(answer))
  }

  async #control(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    for await (const _ of request) { /* none of them has a body */ }
    if (path === "/__reset") Object.assign(this.counts, { runs: 0, feedback: 0, bytes: 0, requests: 0 })
    response.writeHead(200, { "content-type": "application/json" })
    response.end(JSON.stringify(this.counts))
  }

  /** Counts runs and feedback by the names of their parts. */
  #count(raw: Buffer): void {
    this.counts.runs += countOf(raw, `name="post.`)
    this.counts.feedback += countOf(raw, `name="feedback.`)
  }

  /** A moment later than all before. */
  #now(): string {
    this.#clock += 1000
    return new Date(this.#clock).toISOString().replace("Z", "000+00:00")
  }

  #answer(asked: Asked, query: URLSearchParams): readonly [number, Anything] {
    const { body, method, path } = asked
    const route = `${method} ${path}`
    const match = (pattern: RegExp): string | undefined => pattern.exec(path)?.[1]
    let id: string | undefined
    switch (route) {
      case "GET /info":
        return [200, {
          version: this.options.version ?? "0.16.10",
          license_expiration_time: null,
          batch_ingest_config: {
            use_multipart_endpoint: true,
            size_limit: this.options.batchRuns ?? 100,
            size_limit_bytes: this.options.batchBytes ?? 20_971_520
          },
          instance_flags: {
            dataset_examples_multipart_enabled: true,
            examples_multipart_enabled: true,
            gzip_body_enabled: this.options.gzip ?? false,
            ...this.options.flags
          }
        }]
      case "POST /runs/multipart":
        for (const part of body as ReadonlyArray<Part>) this.#ingest(part)
        return [202, { message: "Runs batch ingested" }]
      case "POST /runs/query":
        return this.options.flags?.["ch_query_enabled"] === false
          ? [400, { detail: "Runs cannot be queried here" }]
          : this.#queryRuns(body)
      case "POST /api/v2/runs/query":
        return this.#queryRunsAgain(body)
      case "POST /feedback":
        if (this.options.counting === true) this.counts.feedback++
        else this.#addFeedback(body)
        return [200, body]
      case "GET /feedback": {
        const runs = query.getAll("run")
        const sessions = query.getAll("session")
        const all = Array.from(this.feedback.values()).filter((feedback) =>
          (runs.length === 0 || runs.includes(feedback.run_id)) &&
          (sessions.length === 0 || sessions.includes(feedback.session_id))
        )
        return [200, page(all, query)]
      }
      case "GET /sessions": {
        const name = query.get("name")
        const all = Array.from(this.sessions.values()).filter((session) => name === null || session.name === name)
        const views = all.map((session) => this.#sessionView(session))
        return [
          200,
          page(
            name === null && views.length === 0 ? [{ id: tenantId, tenant_id: tenantId, name: "default" }] : views,
            query
          )
        ]
      }
      case "POST /sessions": {
        const taken = Array.from(this.sessions.values()).some(({ id, name }) => name === body.name || id === body.id)
        if (taken) return [409, { detail: "Session with this name already exists." }]
        const session = { id: randomUUID(), tenant_id: tenantId, start_time: this.#now(), end_time: null, ...body }
        this.sessions.set(session.id, session)
        return [200, session]
      }
      case "GET /datasets": {
        const name = query.get("name")
        const contains = query.get("name_contains")
        const all = Array.from(this.datasets.values()).filter((dataset) =>
          (name === null || dataset.name === name) && (contains === null || dataset.name.includes(contains))
        )
        return [200, page(all.map((dataset) => this.#datasetView(dataset)), query)]
      }
      case "POST /datasets": {
        if (Array.from(this.datasets.values()).some(({ name }) => name === body.name)) {
          return [409, { detail: "Dataset with this name already exists." }]
        }
        return [200, this.#addDataset(body)]
      }
      case "POST /datasets/upload":
        return this.#uploadCsv(body)
      case "POST /datasets/comparative": {
        const comparative = { id: randomUUID(), tenant_id: tenantId, modified_at: body.created_at, ...body }
        this.comparatives.set(comparative.id, comparative)
        return [200, comparative]
      }
      case "GET /examples":
        return this.#listExamples(query)
      case "DELETE /examples": {
        const now = millis(this.#now())
        for (const example of this.examples) {
          if (query.getAll("example_ids").includes(example.id) && example.until === undefined) example.until = now
        }
        return [200, {}]
      }
    }
    id = match(/^\/sessions\/([^/]+)$/)
    if (id !== undefined) {
      const session = this.sessions.get(id)
      if (session === undefined) return [404, { detail: "Session not found" }]
      if (method === "PATCH") {
        for (const [key, value] of Object.entries(body)) if (value !== null) session[key] = value
      }
      return [200, this.#sessionView(session)]
    }
    id = match(/^\/v1\/platform\/datasets\/([^/]+)\/examples$/)
    if (id !== undefined) return this.#writeExamples(method, id, body)
    id = match(/^\/examples\/([^/]+)$/)
    if (id !== undefined) {
      const example = this.examples.find((example) => example.id === id && example.until === undefined)
      return example === undefined ? [404, { detail: "Example not found" }] : [200, this.#exampleView(example)]
    }
    id = match(/^\/attachments\/(.+)$/)
    if (id !== undefined) {
      const [example = "", name = ""] = id.split("/").map(decodeURIComponent)
      const found = this.examples.findLast(({ id }) => id === example)?.attachments.get(name)
      return found === undefined ? [404, { detail: "No such attachment" }] : [200, found.bytes]
    }
    return this.#dataset(asked, query, match)
  }

  #dataset(
    { body, method, path }: Asked,
    query: URLSearchParams,
    match: (pattern: RegExp) => string | undefined
  ): readonly [number, Anything] {
    const id = match(/^\/datasets\/([^/]+)(?:\/|$)/)
    const dataset = id === undefined ? undefined : this.datasets.get(id)
    if (id === undefined) return [404, { detail: `no route ${method} ${path}` }]
    if (dataset === undefined) return [404, { detail: "Dataset not found" }]
    switch (`${method} ${path.slice(`/datasets/${id}`.length)}`) {
      case "GET ":
        return [200, this.#datasetView(dataset)]
      case "PATCH ":
        Object.assign(dataset, body)
        return [200, this.#datasetView(dataset)]
      case "DELETE ":
        this.datasets.delete(id)
        return [200, {}]
      case "PUT /tags":
        this.tags.set(`${id}/${body.tag}`, body.as_of)
        return [200, {}]
      case "PUT /splits": {
        for (const example of this.examples) {
          if (!body.examples.includes(example.id)) continue
          const others = example.split.filter((split) => split !== body.split_name)
          example.split = body.remove === true ? others : [...others, body.split_name]
          example.metadata = { ...example.metadata, dataset_split: example.split }
        }
        return [200, []]
      }
      case "GET /splits":
        return [200, Array.from(new Set(this.#examplesAsOf(id, query.get("as_of")).flatMap(({ split }) => split)))]
      case "GET /version": {
        const tag = query.get("tag")
        if (tag !== null && tag !== "latest") {
          const asOf = this.tags.get(`${id}/${tag}`)
          return asOf === undefined ? [404, { detail: "No such tag" }] : [200, { as_of: asOf, tags: [tag] }]
        }
        const limit = tag === "latest" ? Number.POSITIVE_INFINITY : millis(query.get("as_of") ?? "")
        const version = this.#versions(id).findLast(({ as_of }) => millis(as_of) <= limit)
        return version === undefined ? [404, { detail: "No version" }] : [200, version]
      }
      case "GET /versions":
        return [200, page(this.#versions(id).toReversed(), query)]
      case "GET /versions/diff": {
        const before = this.#examplesAsOf(id, query.get("from_version"))
        const after = this.#examplesAsOf(id, query.get("to_version"))
        const had = new Map(before.map((example) => [example.id, example]))
        const has = new Set(after.map(({ id }) => id))
        return [200, {
          examples_added: after.filter(({ id }) => !had.has(id)).map(({ id }) => id),
          examples_removed: before.filter(({ id }) => !has.has(id)).map(({ id }) => id),
          examples_modified: after.filter((example) => had.has(example.id) && had.get(example.id) !== example)
            .map(({ id }) => id)
        }]
      }
    }
    return [404, { detail: `no route ${method} ${path}` }]
  }

  #versions(id: string): ReadonlyArray<{ as_of: string; tags: ReadonlyArray<string> }> {
    const times = new Map<number, string>()
    for (const { dataset_id, modified_at, since, until } of this.examples) {
      if (dataset_id !== id) continue
      times.set(since, modified_at)
      if (until !== undefined) times.set(until, new Date(until).toISOString().replace("Z", "000+00:00"))
    }
    return Array.from(times).sort(([a], [b]) => a - b).map(([, as_of]) => ({
      as_of,
      tags: Array.from(this.tags).filter(([key, of]) => key.startsWith(id) && of === as_of)
        .map(([key]) => key.slice(id.length + 1))
    }))
  }

  #addDataset(body: Anything): Anything {
    const now = this.#now()
    const dataset = {
      id: randomUUID(),
      tenant_id: tenantId,
      data_type: "kv",
      created_at: now,
      modified_at: now,
      ...body
    }
    this.datasets.set(dataset.id, dataset)
    return this.#datasetView(dataset)
  }

  #uploadCsv(parts: ReadonlyArray<Part>): readonly [number, Anything] {
    const all = (name: string) => parts.filter((part) => part.name === name).map(({ raw }) => raw.toString("utf8"))
    const [csv = "", name = "csv", description] = [all("file")[0], all("name")[0], all("description")[0]]
    const dataset = this.#addDataset({ name, ...(description === undefined ? {} : { description }) })
    const [header = "", ...lines] = csv.trim().split(/\r?\n/)
    const columns = header.split(",")
    for (const line of lines) {
      const cells = Object.fromEntries(line.split(",").map((cell, i) => [columns[i], cell]))
      const pick = (keys: ReadonlyArray<string>) => Object.fromEntries(keys.map((key) => [key, cells[key]]))
      this.#addExample(dataset.id, {
        id: randomUUID(),
        inputs: pick(all("input_keys")),
        outputs: pick(all("output_keys"))
      })
    }
    return [200, this.#datasetView(this.datasets.get(dataset.id))]
  }

  #addExample(datasetId: string, fields: Anything, now: string = this.#now()): void {
    this.examples.push({
      dataset_id: datasetId,
      inputs: {},
      outputs: null,
      metadata: null,
      split: ["base"],
      created_at: now,
      source_run_id: null,
      attachments: new Map(),
      ...fields,
      modified_at: now,
      since: millis(now),
      until: undefined
    })
  }

  #writeExamples(method: string, datasetId: string, parts: ReadonlyArray<Part>): readonly [number, Anything] {
    const now = this.#now()
    const ids = parts.filter(({ name }) => /^[0-9a-f-]{36}$/.test(name)).map(({ name }) => name)
    for (const id of ids) {
      const current = this.examples.find((example) => example.id === id && example.until === undefined)
      if (method === "POST" && current !== undefined) return [409, { detail: `Example ${id} already exists` }]
      if (method === "PATCH" && current === undefined) return [404, { detail: `Example ${id} not found` }]
    }
    for (const id of ids) {
      const current = this.examples.find((example) => example.id === id && example.until === undefined)
      const of = (field: string): Anything => parts.find(({ name }) => name === `${id}${field}`)?.value
      const main = of("")
      const split = main.split === undefined ? undefined : [main.split].flat()
      const attachments = new Map(current?.attachments)
      for (const part of parts) {
        const prefix = `${id}.attachment.`
        if (part.name.startsWith(prefix)) {
          attachments.set(part.name.slice(prefix.length), { type: part.type?.split(";")[0] ?? "", bytes: part.raw })
        }
      }
      const operations = of(".attachments_operations")
      if (operations !== undefined) {
        for (const name of Array.from(attachments.keys())) {
          const kept = parts.some((part) => part.name === `${id}.attachment.${name}`) ||
            operations.retain?.includes(name) === true
          const renamed = operations.rename?.[name]
          const value = attachments.get(name)
          if (!kept) attachments.delete(name)
          if (renamed !== undefined && value !== undefined) attachments.set(renamed, value)
        }
      }
      if (current !== undefined) current.until = millis(now)
      this.#addExample(datasetId, {
        ...(current === undefined ? {} : {
          inputs: current.inputs,
          outputs: current.outputs,
          metadata: current.metadata,
          split: current.split,
          created_at: current.created_at
        }),
        id,
        attachments,
        ...(main.metadata === undefined ? {} : { metadata: main.metadata }),
        ...(split === undefined ? {} : { split }),
        ...(main.source_run_id === undefined ? {} : { source_run_id: main.source_run_id }),
        ...(of(".inputs") === undefined ? {} : { inputs: of(".inputs") }),
        ...(of(".outputs") === undefined ? {} : { outputs: of(".outputs") })
      }, now)
    }
    return [method === "POST" ? 201 : 200, { count: ids.length, example_ids: ids, as_of: now }]
  }

  #examplesAsOf(id: string, asOf: string | null): ReadonlyArray<Example> {
    const tagged = asOf === null ? undefined : this.tags.get(`${id}/${asOf}`) ?? (asOf === "latest" ? undefined : asOf)
    const time = tagged === undefined ? Number.POSITIVE_INFINITY : millis(tagged)
    return this.examples.filter((example) =>
      example.dataset_id === id && example.since <= time && (example.until === undefined || example.until > time)
    )
  }

  #listExamples(query: URLSearchParams): readonly [number, Anything] {
    const ids = query.getAll("id")
    const splits = query.getAll("splits")
    const metadata: Anything = JSON.parse(query.get("metadata") ?? "{}")
    const filter = /^eq\(metadata, '(.*)'\)$/.exec(query.get("filter") ?? "")?.[1]
    const all = this.#examplesAsOf(query.get("dataset") ?? "", query.get("as_of")).filter((example) =>
      (ids.length === 0 || ids.includes(example.id)) &&
      (splits.length === 0 || example.split.some((split) => splits.includes(split))) &&
      Object.entries(metadata).every(([key, value]) =>
        JSON.stringify(example.metadata?.[key]) === JSON.stringify(value)
      ) &&
      (filter === undefined || example.metadata?.kind === filter)
    )
    return [200, page(all.map((example) => this.#exampleView(example)), query)]
  }

  #exampleView({ attachments, since: _since, until: _until, ...example }: Example): Anything {
    return {
      ...example,
      attachment_urls: attachments.size === 0 ? null : Object.fromEntries(
        Array.from(attachments, ([name, { type }]) => [
          `attachment.${name}`,
          {
            presigned_url: `${this.url}/attachments/${example.id}/${encodeURIComponent(name)}?signature=${this.#clock}`,
            mime_type: type
          }
        ])
      )
    }
  }

  #datasetView(dataset: Anything): Anything {
    return { ...dataset, example_count: this.#examplesAsOf(dataset.id, null).length, session_count: this.sessions.size }
  }

  #sessionView(session: Anything): Anything {
    const runs = this.runsOf(session.name).filter(({ parent_run_id }) => parent_run_id === undefined)
    return { ...session, run_count: runs.length }
  }

  #ingest({ name, value }: Part): void {
    const post = /^(?:post|patch)\.([0-9a-f-]{36})(?:\.(\w+))?$/.exec(name)
    if (post !== null) {
      const [, id = "", field] = post
      const run = this.runs.get(id) ?? {}
      if (field === undefined) {
        if (run.id !== undefined) this.repeated.set(id, (this.repeated.get(id) ?? 1) + 1)
        Object.assign(run, value)
      } else run[field] = value
      this.runs.set(id, run)
    } else if (name.startsWith("feedback.")) this.#addFeedback(value)
  }

  #addFeedback(feedback: Anything): void {
    if (this.feedback.has(feedback.id)) {
      this.repeated.set(feedback.id, (this.repeated.get(feedback.id) ?? 1) + 1)
    }
    this.feedback.set(feedback.id, feedback)
  }

  /** In pages of two, so that whoever reads must follow the cursor. */
  #queryRuns(body: Anything): readonly [number, Anything] {
    const sessions = (body.session ?? []).map((id: string) => this.sessions.get(id)).filter(Boolean)
    const all = sessions.flatMap((session: Anything) =>
      this.runsOf(session.name).map((run) => ({
        ...run,
        session_id: session.id,
        parent_run_id: run.parent_run_id ?? null,
        error: run.error ?? null,
        outputs: run.outputs ?? null,
        status: run.error === undefined ? "success" : "error",
        tags: run.tags ?? []
      }))
    ).filter((run: Anything) => (body.is_root !== true && body.execution_order !== 1) || run.parent_run_id === null)
      .filter((run: Anything) => body.trace === undefined || run.trace_id === body.trace)
    const from = Number(body.cursor ?? 0)
    const to = from + 2
    return [200, { runs: all.slice(from, to), cursors: { next: to < all.length ? String(to) : null } }]
  }

  /** The second query: other names, other pages, and only what is selected of runs that began after a time. */
  #queryRunsAgain(body: Anything): readonly [number, Anything] {
    const since = body.min_start_time === undefined ? Date.now() - 86_400_000 : Date.parse(body.min_start_time)
    const all = (body.project_ids ?? []).flatMap((id: string) => {
      const session = this.sessions.get(id)
      return session === undefined ? [] : this.runsOf(session.name).map((run) => ({ ...run, project_id: id }))
    })
      .filter((run: Anything) => millis(run.start_time) >= since)
      .filter((run: Anything) => body.is_root !== true || run.parent_run_id === undefined)
      .map((run: Anything) => {
        const parents = run.dotted_order.split(".").slice(0, -1).map((part: string) => part.slice(-36))
        const view: Anything = { ...run, run_type: run.run_type.toUpperCase(), parent_run_ids: parents }
        delete view.parent_run_id
        return Object.fromEntries(
          Object.entries(view).filter(([name]) => (body.selects ?? ["ID"]).includes(name.toUpperCase()))
        )
      })
    const from = Number(body.cursor ?? 0)
    const to = from + 2
    return [200, { items: all.slice(from, to), ...(to < all.length ? { next_cursor: String(to) } : {}) }]
  }
}

/** How often a name begins so and goes on with an id and nothing else. */
const countOf = (raw: Buffer, beginning: string): number => {
  let count = 0
  for (let at = raw.indexOf(beginning); at >= 0; at = raw.indexOf(beginning, at + 1)) {
    if (raw[at + beginning.length + 36] === 34) count++
  }
  return count
}

const page = <A>(all: ReadonlyArray<A>, query: URLSearchParams): ReadonlyArray<A> => {
  const offset = Number(query.get("offset") ?? 0)
  return all.slice(offset, offset + Number(query.get("limit") ?? 100))
}

const parseJson = (raw: Buffer): Anything => JSON.parse(raw.toString("utf8"))

export const parseForm = (raw: Buffer, type: string): ReadonlyArray<Part> => {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1] ?? ""
  // Each byte is a character, so that positions are those of bytes.
  const text = raw.toString("latin1")
  if (!text.endsWith(`--${boundary}--\r\n`) && !text.endsWith(`--${boundary}--`)) throw new Error("the form has no end")
  return text.split(`--${boundary}`).slice(1, -1).map((segment): Part => {
    const middle = segment.indexOf("\r\n\r\n")
    const head = segment.slice(0, middle)
    const bytes = Buffer.from(segment.slice(middle + 4, -2), "latin1")
    const type = /content-type:\s*([^\r\n]*)/i.exec(head)?.[1]
    const length = /length=(\d+)/.exec(type ?? "")?.[1]
    if (length !== undefined && Number(length) !== bytes.length) throw new Error(`a part is not ${length} bytes long`)
    return {
      name: /name="([^"]*)"/.exec(head)?.[1] ?? "",
      filename: /filename="([^"]*)"/.exec(head)?.[1],
      type,
      value: type?.startsWith("application/json") === true ? parseJson(bytes) : bytes.toString("utf8"),
      raw: bytes
    }
  })
}
