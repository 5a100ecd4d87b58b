/**
 * A server on the loopback interface that does what FutureAGI's own server does with evaluations: checks keys, templates
 * and inputs, carries evaluations out at once or in the background, and answers in the same shapes. Faults are told to it.
 */
import { Effect, Fiber, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"

export const apiKey = "fi-key-0123456789"
export const secretKey = "fi-secret-9876543210"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage["headers"]
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads whatever was sent
  readonly body: any
}

/** What to do instead of answering as usual. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | "hang"
  /** Before the answer, or in the middle of it. */
  | "hangUp"
  | "breakOff"

export interface StubTemplate {
  readonly name: string
  readonly requiredKeys: ReadonlyArray<string>
  readonly optionalKeys?: ReadonlyArray<string>
  readonly models?: ReadonlyArray<string>
  readonly output?: string
  /** What it makes of the inputs of one evaluation. */
  readonly judge: (inputs: Record<string, unknown>) => unknown
}

export interface StubOptions {
  readonly templates?: ReadonlyArray<StubTemplate>
  /** How an answer spells its keys. Default `snake_case`. */
  readonly spelling?: "snake" | "camel"
  /** The states that the polls of one evaluation see before it is completed. */
  readonly states?: (evalId: string) => ReadonlyArray<string | undefined>
  /** What becomes of a submitted evaluation. */
  readonly fails?: (inputs: Record<string, unknown>) => string | undefined
  readonly faults?: (asked: Asked, index: number) => Fault | undefined
}

export interface Stub {
  readonly url: string
  readonly asked: ReadonlyArray<Asked>
  /** How many evaluations were begun. */
  readonly begun: () => number
  /** The most requests that were there at once. */
  readonly peak: () => number
}

export const passFail: StubTemplate = {
  name: "groundedness",
  requiredKeys: ["output", "context", "input"],
  optionalKeys: ["input"],
  models: ["turing_flash", "turing_small", "turing_large"],
  output: "Pass/Fail",
  judge: ({ context, output }) => String(context).includes(String(output)) ? "Passed" : "Failed"
}

interface Job {
  readonly template: StubTemplate
  readonly inputs: Record<string, unknown>
  polls: number
}

const known = new Set([
  "eval_name",
  "inputs",
  "model",
  "span_id",
  "custom_eval_name",
  "trace_eval",
  "is_async",
  "error_localizer",
  "config"
])

const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const camelCased = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(camelCased)
    : typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [camel(key), camelCased(item)]))
    : value

const envelope = (message: string, status: number, details?: Record<string, ReadonlyArray<string>>) => ({
  status,
  body: {
    status: false,
    type: status === 400 ? "validation_error" : "api_error",
    code: "invalid",
    detail: message,
    message,
    error: message,
    result: message,
    ...(details === undefined ? {} : { details, errors: details })
  }
})

/** Starts a server for as long as the scope is open. */
export const stubServer = (options: StubOptions = {}): Effect.Effect<Stub, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const templates = options.templates ?? [passFail]
      const asked: Array<Asked> = []
      const jobs = new Map<string, Job>()
      let begun = 0
      let now = 0
      let peak = 0

      const answer = (question: Asked): { readonly status: number; readonly body: unknown } => {
        if (question.headers["x-api-key"] !== apiKey || question.headers["x-secret-key"] !== secretKey) {
          return { status: 401, body: { detail: "Authentication credentials were not provided." } }
        }
        if (question.path === "/sdk/api/v1/get-evals/") {
          return {
            status: 200,
            body: {
              status: true,
              result: templates.map((template, index) => ({
                id: String(index),
                name: template.name,
                description: `Judges ${template.name}.`,
                eval_tags: ["SAFETY", "TEXT"],
                config: {
                  required_keys: template.requiredKeys,
                  optional_keys: template.optionalKeys ?? [],
                  output: template.output ?? "score",
                  ...(template.models === undefined ? {} : { models: template.models })
                },
                owner: "system"
              }))
            }
          }
        }
        if (question.path !== "/sdk/api/v1/new-eval/") return { status: 404, body: "<html>no such page</html>" }
        return question.method === "GET" ? poll(question.query.get("eval_id") ?? "") : start(question.body)
      }

      const start = (body: Record<string, unknown>) => {
        const strange = Object.keys(body).filter((key) => !known.has(key))
        if (strange.length > 0) return envelope("Validation failed", 400, { [strange[0] ?? ""]: ["Unknown field."] })
        const template = templates.find(({ name }) => name === body["eval_name"])
        if (template === undefined) {
          return envelope("Validation failed", 400, {
            non_field_errors: [`Evaluation template with name :${body["eval_name"]} not found.`]
          })
        }
        if (template.models !== undefined && !template.models.includes(String(body["model"]))) {
          return envelope("Validation failed", 400, { model_name: [`Model name ${body["model"]} is invalid`] })
        }
        const inputs = body["inputs"] as Record<string, unknown>
        const extra = Object.keys(inputs).filter((key) => !template.requiredKeys.includes(key))
        if (extra.length > 0) {
          return envelope("Validation failed", 400, { inputs: [`Unexpected keys provided: ${extra}`] })
        }
        const missing = template.requiredKeys.filter((key) =>
          !(template.optionalKeys ?? []).includes(key) && !(key in inputs)
        )
        if (missing.length > 0) {
          return envelope("Validation failed", 400, { inputs: [`Missing required keys: ${missing}`] })
        }
        const isTexts = (value: unknown) => Array.isArray(value) && value.every((item) => typeof item === "string")
        const wrong = Object.values(inputs).some((value) =>
          typeof value !== "string" && !isTexts(value) && !(Array.isArray(value) && value.every(isTexts))
        )
        if (wrong) return envelope("Validation failed", 400, { inputs: ["All input values must be strings or lists."] })

        // A list in the first place makes several evaluations of it.
        const [first] = Object.values(inputs)
        const items = Array.isArray(first)
          ? first.map((_, index) =>
            Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, (value as Array<unknown>)[index]]))
          )
          : [inputs]
        const evaluations = items.map((item) => {
          begun++
          const evalId = `00000000-0000-4000-8000-${String(begun).padStart(12, "0")}`
          jobs.set(evalId, { template, inputs: item, polls: 0 })
          return {
            name: template.name,
            output_type: template.output ?? "score",
            eval_id: evalId,
            ...(body["is_async"] === true ? {} : { reason: "because", runtime: 12.5, output: template.judge(item) })
          }
        })
        return { status: 200, body: { status: true, result: [{ evaluations }] } }
      }

      const poll = (evalId: string) => {
        const job = jobs.get(evalId)
        if (job === undefined) return envelope("Evaluation not found.", 400)
        const states = options.states?.(evalId) ?? []
        const state = job.polls < states.length ? states[job.polls] : "completed"
        job.polls++
        const failure = state === "completed" ? options.fails?.(job.inputs) : undefined
        if (state !== "completed") {
          return {
            status: 200,
            body: { status: true, result: { eval_status: state, result: "Evaluation is being processed." } }
          }
        }
        return {
          status: 200,
          body: {
            status: true,
            result: {
              eval_status: failure === undefined ? "completed" : "failed",
              result: {
                eval_id: evalId,
                name: job.template.name,
                reason: "because",
                runtime: 12.5,
                model: "turing_small",
                output_type: job.template.output ?? "score",
                value: failure === undefined ? job.template.judge(job.inputs) : null,
                error_localizer_enabled: false,
                ...(failure === undefined ? {} : { error_message: failure })
              }
            }
          }
        }
      }

      const perform = async (request: IncomingMessage, response: ServerResponse) => {
        const pieces: Array<Buffer> = []
        for await (const piece of request) pieces.push(piece)
        const text = Buffer.concat(pieces).toString("utf8")
        const url = new URL(request.url ?? "/", "http://stub")
        const question: Asked = {
          method: request.method ?? "",
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body: text === "" ? undefined : JSON.parse(text)
        }
        asked.push(question)
        now++
        peak = Math.max(peak, now)
        // A turn of the event loop, so that requests can be there at once.
        await new Promise<void>((resolve) => setImmediate(resolve))
        const fault = options.faults?.(question, asked.length - 1)
        now--
        if (fault === "hang") return
        if (fault === "hangUp") return void response.destroy()
        if (fault === "breakOff") {
          response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
          return void response.write("{\"status\": true, \"result\": [", () => response.destroy())
        }
        const { body, status } = fault ?? answer(question)
        response.writeHead(status, { "content-type": "application/json", ...fault?.headers })
        const cased = options.spelling === "camel" && fault === undefined ? camelCased(body) : body
        response.end(typeof cased === "string" ? cased : JSON.stringify(cased))
      }

      const server = createServer((request, response) => void perform(request, response))
      server.listen(0, "127.0.0.1")
      await once(server, "listening")
      const { port } = server.address() as AddressInfo
      return { url: `http://127.0.0.1:${port}`, asked, begun: () => begun, peak: () => peak, server }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        server.close()
        await once(server, "close")
      })
  )

/** Runs to the end while the test clock moves, but no faster than the network of this machine. */
export const settle = <A, E, R>(effect: Effect.Effect<A, E, R>, step = 250) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 1)))
      yield* TestClock.adjust(step)
    }
    return yield* Fiber.join(fiber)
  })
