import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted, Stream } from "effect"
import { HttpClientRequest } from "effect/http"
import { HttpApiClient, HttpApiMiddleware } from "effect/http-api"
import { request } from "node:http"
import type { Browser } from "playwright-core"
import { type Experiment, TracingClient } from "../../src/index.ts"
import { EvaluationJobs } from "../../src/jobs/index.ts"
import { ExperimentStore } from "../../src/sql/index.ts"
import { Api, View } from "../../src/view/index.ts"
import { inMemory, squares } from "../jobs/support.ts"
import { launch, openUrl, serious } from "../reports/browser.ts"
import { hostile } from "../reports/hostile.ts"
import { duel } from "../reports/pairwise.ts"
import { tickets } from "../reports/tickets.ts"

class Chromium extends Context.Service<Chromium, Browser>()("test/Chromium") {}

class Given extends Context.Service<Given, {
  readonly served: View.Served
  readonly experiments: ReadonlyArray<Experiment.Experiment>
}>()("test/Given") {}

const record = Effect.fnUntraced(function*(experiment: Experiment.Experiment) {
  const store = yield* ExperimentStore.ExperimentStore
  yield* store.begin(experiment)
  yield* store.record(experiment.id, experiment.rows)
  yield* store.end(experiment.id, experiment)
})

/** A store with two experiments that have ended and one that runs, and the view on it. */
const given = Layer.effect(
  Given,
  Effect.gen(function*() {
    const experiments = [
      yield* tickets({ name: "first", quality: 0.6 }),
      yield* tickets({ name: "second", quality: 0.85 })
    ]
    for (const experiment of experiments) yield* record(experiment)
    const served = yield* View.serve({ port: 0 })
    return { served, experiments }
  })
).pipe(Layer.provideMerge(ExperimentStore.layerMemory))

const run = <A>(action: () => Promise<A>) => Effect.promise(action)

/** The typed client, with a token. */
const clientWith = (token: Redacted.Redacted) =>
  Effect.gen(function*() {
    const { served } = yield* Given
    return yield* HttpApiClient.make(Api.Api, { baseUrl: new URL(served.api).origin })
  }).pipe(
    Effect.provide([
      NodeHttpClient.layerNodeHttp,
      HttpApiMiddleware.layerClient(
        Api.Authorization,
        ({ next, request }) => next(HttpClientRequest.bearerToken(request, token))
      )
    ])
  )

const client = Effect.flatMap(Given, ({ served }) => clientWith(served.token))

/** A request as a program would make it that may say anything about itself. */
const ask = (
  url: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string }
) =>
  run(() =>
    new Promise<{ readonly status: number; readonly text: string; readonly headers: Record<string, unknown> }>(
      (resolve, reject) => {
        const asked = request(url, { method: options.method ?? "GET", headers: options.headers ?? {} }, (response) => {
          let text = ""
          response.setEncoding("utf8").on("data", (part: string) => text += part)
            .on("end", () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }))
        })
        asked.on("error", reject)
        asked.end(options.body)
      }
    )
  )

layer(given)("the HTTP interface", (it) => {
  it.effect("lists experiments, gives one, and its rows as they are", () =>
    Effect.gen(function*() {
      const { experiments } = yield* Given
      const { experiments: api } = yield* client
      const list = yield* api.list({ query: {} })
      assert.deepStrictEqual(list.map(({ name, status }) => [name, status]).toSorted(), [["first", "completed"], [
        "second",
        "completed"
      ]])
      const first = list.find(({ name }) => name === "first")
      assert.strictEqual(first?.done, 60)
      assert.strictEqual(
        first?.scores.find(({ key }) => key === "correct")?.mean,
        experiments[0]?.summaries["correct"]?.score?.mean
      )
      assert.lengthOf(yield* api.list({ query: { limit: 1 } }), 1)
      assert.lengthOf(yield* api.list({ query: { name: "second", dataset: "tickets" } }), 1)
      assert.lengthOf(yield* api.list({ query: { status: "running" } }), 0)
      const id = experiments[1]?.id ?? ""
      const entry = yield* api.get({ params: { id } })
      assert.strictEqual(entry.footer?.rowCount, 60)
      const lines = (yield* Stream.mkString(Stream.decodeText(yield* api.rows({ params: { id } })))).trimEnd().split(
        "\n"
      )
      assert.deepStrictEqual(
        lines.map((line) => (JSON.parse(line) as { example: { id: string } }).example.id),
        experiments[1]?.rows.map(({ example }) => example.id)
      )
      const missing = yield* Effect.flip(api.get({ params: { id: "nobody" } }))
      assert.strictEqual(missing._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(api.rows({ params: { id: "nobody" } })))._tag, "NotFound")
    }))

  it.effect("takes feedback and keeps all of it", () =>
    Effect.gen(function*() {
      const { experiments } = yield* Given
      const { experiments: api } = yield* client
      const params = { id: experiments[0]?.id ?? "", row: 3 }
      yield* api.giveFeedback({
        params,
        payload: { key: "correct", score: true, author: "Ada", reason: "It says the same." }
      })
      const second = yield* api.giveFeedback({
        params,
        payload: { key: "correct", score: false, author: "Grace", correction: { answer: "No." } }
      })
      const all = yield* api.feedback({ params })
      assert.deepStrictEqual(all.map(({ author, score }) => [author, score]), [["Ada", true], ["Grace", false]])
      assert.deepStrictEqual(all[1], second)
      assert.deepStrictEqual(second.correction, { answer: "No." })
      const store = yield* ExperimentStore.ExperimentStore
      const kept = yield* Stream.runCollect(store.feedback(params.id, { row: 3, latest: true }))
      assert.deepStrictEqual(kept.map(({ author, result }) => [author, result.score]), [["Grace", false]])
      const nowhere = yield* Effect.flip(
        api.giveFeedback({ params: { ...params, row: 999 }, payload: { key: "a", score: 1, author: "b" } })
      )
      assert.strictEqual(nowhere._tag, "NotFound")
    }))

  it.effect("answers nobody without the token, of another name, or from another site", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const wrong = yield* clientWith(Redacted.make("guess"))
      assert.strictEqual((yield* Effect.flip(wrong.experiments.list({ query: {} })))._tag, "Unauthorized")
      const token = Redacted.value(served.token)
      const authorization = `Bearer ${token}`
      const list = `${served.api}/experiments`
      assert.strictEqual((yield* ask(list, {})).status, 401)
      assert.strictEqual((yield* ask(list, { headers: { authorization } })).status, 200)
      const moved = yield* ask(served.url.replace(/\/$/, ""), {})
      assert.deepStrictEqual([moved.status, moved.headers["location"]], [308, `/${token}/`])
      const origin = new URL(served.url).origin
      const port = new URL(served.url).port
      for (const page of ["", "docs", "openapi.json", "compare?id=a&id=b", "experiments/x"]) {
        assert.notInclude((yield* ask(`${origin}/guess/${page}`, {})).text, "experiment", page)
        assert.strictEqual((yield* ask(`${origin}/guess/${page}`, {})).status, 404, page)
      }
      for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1:1", `127.0.0.1.evil.example:${port}`]) {
        assert.strictEqual((yield* ask(list, { headers: { authorization, host } })).status, 403, host)
        assert.strictEqual((yield* ask(served.url, { headers: { host } })).status, 403, host)
      }
      assert.strictEqual((yield* ask(list, { headers: { authorization, host: `localhost:${port}` } })).status, 200)
      for (const origin of ["http://evil.example", "null", `https://127.0.0.1:1`]) {
        assert.strictEqual((yield* ask(list, { headers: { authorization, origin } })).status, 403, origin)
      }
      const own = yield* ask(list, { headers: { authorization, origin } })
      assert.strictEqual(own.status, 200)
      assert.isUndefined(own.headers["access-control-allow-origin"])
      const preflight = yield* ask(list, {
        method: "OPTIONS",
        headers: { origin: "http://evil.example", "access-control-request-method": "GET" }
      })
      assert.strictEqual(preflight.status, 403)
      assert.isUndefined(preflight.headers["access-control-allow-origin"])
      assert.strictEqual((yield* ask(list, { headers: { authorization, "sec-fetch-site": "cross-site" } })).status, 403)
    }))

  it.effect("takes no request that is too large, or is none", () =>
    Effect.gen(function*() {
      const { experiments, served } = yield* Given
      const url = `${served.api}/experiments/${experiments[0]?.id}/rows/0/feedback`
      const headers = { authorization: `Bearer ${Redacted.value(served.token)}`, "content-type": "application/json" }
      const give = (body: string) => ask(url, { method: "POST", headers, body })
      assert.isAtLeast(
        (yield* give(JSON.stringify({ key: "a", author: "b", reason: "x".repeat(2_000_000) }))).status,
        400
      )
      assert.strictEqual((yield* give("{")).status, 400)
      assert.strictEqual((yield* give(JSON.stringify({ key: "a", author: "b" }))).status, 400)
      assert.strictEqual((yield* give(JSON.stringify({ key: "", score: 1, author: "b" }))).status, 400)
    }))

  it.effect("describes itself", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const description = JSON.parse((yield* ask(`${served.url}openapi.json`, {})).text) as {
        paths: Record<string, unknown>
      }
      assert.deepStrictEqual(Object.keys(description.paths), [
        "/api/experiments",
        "/api/experiments/{id}",
        "/api/experiments/{id}/rows",
        "/api/experiments/{id}/rows/{row}/feedback",
        "/api/jobs",
        "/api/jobs/{id}",
        "/api/jobs/{id}/cancel",
        "/api/jobs/{id}/retry",
        "/api/jobs/{id}/results"
      ])
      const { jobs } = yield* client
      assert.strictEqual((yield* Effect.flip(jobs.list({ query: {} })))._tag, "Unavailable")
    }))
})

layer(Layer.merge(given, Layer.effect(Chromium, launch)))("the pages", (it) => {
  it.effect("show what is there over time, and lead to experiments and comparisons", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const opened = yield* openUrl(yield* Chromium, served.url)
      const { page } = opened
      assert.include(yield* run(() => page.locator(".facts").first().innerText()), "2 experiments")
      assert.strictEqual(yield* run(() => page.locator("figure").count()), 3)
      assert.deepStrictEqual(yield* serious(page), [])
      const boxes = page.locator("input[name=id]")
      yield* run(() => boxes.nth(0).check())
      assert.isTrue(yield* run(() => page.getByRole("button", { name: "Compare" }).isDisabled()))
      yield* run(() => boxes.nth(1).check())
      yield* run(() => page.getByRole("button", { name: "Compare" }).click())
      yield* run(() => page.getByText("Paired, example by example").waitFor())
      yield* run(() => page.getByRole("link", { name: "Experiments" }).click())
      yield* run(() => page.getByRole("link", { name: "second", exact: true }).click())
      assert.strictEqual(yield* run(() => page.locator(".masthead h2").innerText()), "second")
      assert.deepStrictEqual(opened.complaints, [])
      const origin = new URL(served.url).origin
      assert.isTrue(opened.requests.every((url) => url.startsWith(origin)), opened.requests.join(" "))
      yield* run(() => page.context().close())
    }))

  it.effect("write back what people say about a row", () =>
    Effect.gen(function*() {
      const { experiments, served } = yield* Given
      const id = experiments[1]?.id ?? ""
      const opened = yield* openUrl(yield* Chromium, `${served.url}experiments/${id}#view=rows&row=5`)
      const { page } = opened
      yield* run(() => page.getByLabel("Score", { exact: true }).fill("0.25"))
      yield* run(() => page.locator(".feedback select").selectOption("helpfulness"))
      yield* run(() => page.getByLabel("Your name").fill("Ada"))
      yield* run(() => page.getByLabel("Comment").fill("<b>It forgets</b> the parcel."))
      yield* run(() => page.getByLabel("What it should have been").fill("In two days."))
      yield* run(() => page.getByRole("button", { name: "Write" }).click())
      yield* run(() => page.getByText("Written.").waitFor())
      assert.include(yield* run(() => page.locator(".given").innerText()), "<b>It forgets</b> the parcel.")
      const store = yield* ExperimentStore.ExperimentStore
      const [feedback] = yield* Stream.runCollect(store.feedback(id, { row: 5 }))
      assert.deepInclude(feedback, { author: "Ada", reason: "<b>It forgets</b> the parcel." })
      assert.deepStrictEqual(feedback?.result, {
        key: "helpfulness",
        score: 0.25,
        correction: { outputs: "In two days." }
      })
      assert.deepStrictEqual(opened.complaints, [])
      yield* run(() => page.context().close())
    }))

  it.effect("follow an experiment while it runs, until it has ended", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const store = yield* ExperimentStore.ExperimentStore
      const running = yield* tickets({ name: "third", quality: 0.9 })
      yield* store.begin(running)
      yield* store.record(running.id, running.rows.slice(0, 20))
      const opened = yield* openUrl(yield* Chromium, served.url)
      const { page } = opened
      yield* run(() => page.getByText("20 of 60").waitFor())
      yield* store.record(running.id, running.rows.slice(20, 45))
      yield* run(() => page.getByText("45 of 60").waitFor())
      yield* store.record(running.id, running.rows.slice(45))
      yield* store.end(running.id, running)
      yield* run(() => page.locator(`tr[data-id="${running.id}"][data-status=completed]`).waitFor())
      assert.deepStrictEqual(opened.complaints, [])
      yield* run(() => page.context().close())
    }))

  it.effect("show experiments that were judged against one another as that", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const { recorded } = yield* duel(2, { name: "duel" })
      yield* record(recorded)
      const { complaints, page } = yield* openUrl(yield* Chromium, served.url)
      yield* run(() => page.getByRole("link", { name: "duel" }).first().click())
      yield* run(() => page.getByText("Win rates, ties as one half").first().waitFor())
      assert.include(yield* run(() => page.locator(".differences").innerText()), "against brief")
      assert.deepStrictEqual(complaints, [])
      yield* run(() => page.context().close())
    }).pipe(Effect.provide(TracingClient.layerNone)))

  it.effect("let nothing of what they show do anything, and say what is not there", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const experiment = yield* hostile
      yield* record(experiment)
      const opened = yield* openUrl(yield* Chromium, served.url)
      const { page } = opened
      yield* run(() => page.goto(`${served.url}experiments/${experiment.id}#view=rows&row=1`))
      yield* run(() => page.locator(".detail").waitFor())
      assert.isFalse(yield* run(() => page.evaluate(() => "pwned" in globalThis)))
      assert.deepStrictEqual(opened.complaints, [])
      const missing = yield* ask(`${served.url}experiments/%3Cscript%3E`, {})
      assert.strictEqual(missing.status, 404)
      assert.notInclude(missing.text, "<script>alert")
      yield* run(() => page.goto(`${served.url}docs`))
      yield* run(() => page.getByText("/api/experiments/{id}/rows", { exact: false }).first().waitFor())
      assert.isTrue(
        opened.requests.every((url) => url.startsWith(new URL(served.url).origin) || url.startsWith("data:")),
        opened.requests.join(" ")
      )
      yield* run(() => page.context().close())
    }))
})

/** Jobs with a worker, on the real clock: the server and the worker live beside the test. */
const withJobs = Layer.effect(
  Given,
  Effect.gen(function*() {
    const jobs = yield* EvaluationJobs.EvaluationJobs
    return { served: yield* View.serve({ port: 0, jobs, maxBodySize: "2 KiB" }), experiments: [] }
  })
).pipe(
  Layer.provideMerge(
    inMemory([squares().job, squares((n) => n < 5 ? Effect.void : Effect.never, { name: "endless" }).job])
  ),
  Layer.provide(ExperimentStore.layerMemory)
)

layer(withJobs, { excludeTestServices: true })("jobs over HTTP", (it) => {
  it.effect("are submitted, asked about and read while they run", () =>
    Effect.gen(function*() {
      const { jobs } = yield* client
      const { id } = yield* jobs.submit({
        payload: { evaluation: "squares", payload: { count: 12 }, idempotencyKey: "once", name: "over http" }
      })
      const again = yield* jobs.submit({
        payload: { evaluation: "squares", payload: { count: 12 }, idempotencyKey: "once", name: "over http" }
      })
      assert.strictEqual(again.id, id)
      // The answer ends when the job does.
      const lines = yield* Stream.mkString(Stream.decodeText(yield* jobs.results({ params: { id }, query: {} })))
      const outputs = lines.trimEnd().split("\n").map((line) =>
        (JSON.parse(line) as { run: { outputs: number } }).run.outputs
      )
      assert.deepStrictEqual(outputs.toSorted((a, b) => a - b), Array.from({ length: 12 }, (_, n) => n * n))
      const status = yield* jobs.poll({ params: { id } })
      assert.strictEqual(status._tag, "Completed")
      if (status._tag === "Completed") assert.strictEqual(status.summary.summaries["even"]?.score?.mean, 0.5)
      assert.deepStrictEqual((yield* jobs.list({ query: { evaluation: "squares" } })).map((job) => job.id), [id])
      const conflict = yield* Effect.flip(
        jobs.submit({ payload: { evaluation: "squares", payload: { count: 13 }, idempotencyKey: "once" } })
      )
      assert.strictEqual(conflict._tag, "Conflict")
    }))

  it.effect("are cancelled, and keep the rows so far", () =>
    Effect.gen(function*() {
      const { jobs } = yield* client
      const { id } = yield* jobs.submit({ payload: { evaluation: "endless", payload: { count: 8 } } })
      const soFar = yield* jobs.results({ params: { id }, query: {} }).pipe(
        Effect.flatMap((lines) => lines.pipe(Stream.decodeText, Stream.splitLines, Stream.take(5), Stream.runCollect))
      )
      assert.lengthOf(soFar, 5)
      assert.strictEqual((yield* jobs.poll({ params: { id } }))._tag, "Running")
      assert.strictEqual((yield* jobs.cancel({ params: { id } }))._tag, "Cancelled")
      const kept = yield* Stream.mkString(
        Stream.decodeText(yield* jobs.results({ params: { id }, query: { follow: "false" } }))
      )
      assert.lengthOf(kept.trimEnd().split("\n"), 5)
    }))

  it.effect("are refused where they are not known, not right, too large, or without the token", () =>
    Effect.gen(function*() {
      const { served } = yield* Given
      const { jobs } = yield* client
      const tag = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.map(Effect.flip(effect), ({ _tag }) => _tag)
      assert.strictEqual(yield* tag(jobs.submit({ payload: { evaluation: "cubes", payload: {} } })), "Rejected")
      assert.strictEqual(
        yield* tag(jobs.submit({ payload: { evaluation: "squares", payload: { count: "many" } } })),
        "Rejected"
      )
      for (const ask of [jobs.poll, jobs.cancel]) {
        assert.strictEqual(yield* tag(ask({ params: { id: "nobody" } })), "NotFound")
      }
      assert.strictEqual(yield* tag(jobs.results({ params: { id: "nobody" }, query: {} })), "NotFound")
      const headers = { "content-type": "application/json" }
      const body = JSON.stringify({ evaluation: "squares", payload: { count: 1 } })
      assert.strictEqual((yield* ask(`${served.api}/jobs`, { method: "POST", headers, body })).status, 401)
      const authorized = { ...headers, authorization: `Bearer ${Redacted.value(served.token)}` }
      const large = JSON.stringify({ evaluation: "squares", payload: { count: 1, more: "x".repeat(4000) } })
      assert.isAtLeast(
        (yield* ask(`${served.api}/jobs`, { method: "POST", headers: authorized, body: large })).status,
        400
      )
      assert.strictEqual((yield* ask(`${served.api}/jobs`, { method: "POST", headers: authorized, body })).status, 202)
    }))
})

describe("the token", () => {
  it.effect("is another one each time", () =>
    Effect.gen(function*() {
      const one = yield* View.serve({ port: 0 })
      const other = yield* View.serve({ port: 0 })
      assert.notStrictEqual(Redacted.value(one.token), Redacted.value(other.token))
      assert.isAtLeast(Redacted.value(one.token).length, 32)
      assert.notInclude(String(one.token), Redacted.value(one.token))
      assert.strictEqual(new URL(one.url).hostname, "127.0.0.1")
    }).pipe(Effect.scoped, Effect.provide(ExperimentStore.layerMemory)))
})
