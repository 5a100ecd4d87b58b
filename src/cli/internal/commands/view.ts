/** `effect-evals view`: the store in a browser, until Ctrl-C. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import * as EvaluationJobs from "../../../jobs/EvaluationJobs.ts"
import { type Call, type CommandEffect, isSaid, numberOf } from "../command.ts"
import { Failure, usage } from "../failure.ts"
import { messageOf } from "../sourcePosition.ts"
import { shownStore, storeLayer } from "../store.ts"

export const view = ({ project, said, screen }: Call): CommandEffect =>
  Effect.gen(function*() {
    const { serve } = yield* Effect.promise(() => import("../../../view/View.ts"))
    const jobs = yield* EvaluationJobs.EvaluationJobs
    const token = process.env["EFFECT_EVALS_TOKEN"] ?? ""
    const { api, url } = yield* serve({
      port: numberOf(said, "port"),
      jobs,
      ...(token === "" ? {} : { token: Redacted.make(token) })
    })
    screen.machine({ event: "serving", url, api })
    screen.notice(`The experiments of ${shownStore(project)}: ${url}`)
    screen.notice(`Whoever has the address can read them and write feedback. Its interface: ${url}docs   Ctrl-C ends.`)
    screen.stopping.notice = ""
    if (isSaid(said, "open")) open(url)
    return yield* Effect.never
  }).pipe(
    Effect.scoped,
    Effect.provide(Layer.provideMerge(EvaluationJobs.layerClient(), storeLayer(project, { create: true }))),
    Effect.mapError((error) =>
      error instanceof Failure
        ? error
        : usage(`The view cannot be served. ${messageOf(error)}${portHint(error)}`, error)
    )
  )

const portHint = (error: unknown): string =>
  messageOf(error).includes("EADDRINUSE") ||
    String((error as { readonly cause?: unknown }).cause).includes("EADDRINUSE")
    ? " The port is taken; --port 0 takes one that is free."
    : ""

/** In the browser of the desktop, if there is one; the address is printed either way. */
const open = (url: string): void => {
  const [program, ...args] = process.platform === "darwin"
    ? ["open"]
    : process.platform === "win32"
    ? ["cmd", "/c", "start", ""]
    : ["xdg-open"]
  const child = spawn(program ?? "", [...args, url], { stdio: "ignore", detached: true })
  // Where there is no such program, there is nothing to open it with.
  child.on("error", () => {})
  child.unref()
}
