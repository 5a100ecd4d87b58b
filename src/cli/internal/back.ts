/** Runs a command: loads it, interrupts it when asked to, and says what went wrong. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { resolve } from "node:path"
import type { Call, CommandEffect } from "./command.ts"
import { Failure } from "./failure.ts"
import { ExitCode, type Invocation } from "./invocation.ts"
import { layer as platform } from "./platform.ts"
import { findProject, resolvedStore } from "./project.ts"
import { openScreen, type Screen } from "./screen.ts"
import { messageOf, positionOf } from "./sourcePosition.ts"
import { quietWarnings } from "./warnings.ts"

const commands: { readonly [command: string]: () => Promise<(call: Call) => CommandEffect> } = {
  "run": async () => (await import("./commands/run.ts")).run,
  "resume": async () => (await import("./commands/resume.ts")).resume,
  "rescore": async () => (await import("./commands/rescore.ts")).rescore,
  "list": async () => (await import("./commands/list.ts")).list,
  "show": async () => (await import("./commands/show.ts")).show,
  "compare": async () => (await import("./commands/compare.ts")).compare,
  "report": async () => (await import("./commands/report.ts")).report,
  "export": async () => (await import("./commands/export.ts")).exportExperiment,
  "view": async () => (await import("./commands/view.ts")).view,
  "datasets list": async () => (await import("./commands/datasets.ts")).listDatasets,
  "datasets import": async () => (await import("./commands/datasets.ts")).importDataset,
  "datasets export": async () => (await import("./commands/datasets.ts")).exportDataset,
  "datasets versions": async () => (await import("./commands/datasets.ts")).listVersions,
  "jobs submit": async () => (await import("./commands/jobs.ts")).submit,
  "jobs status": async () => (await import("./commands/jobs.ts")).status,
  "jobs await": async () => (await import("./commands/jobs.ts")).wait,
  "jobs cancel": async () => (await import("./commands/jobs.ts")).cancel,
  "jobs list": async () => (await import("./commands/jobs.ts")).list,
  "jobs worker": async () => (await import("./commands/jobs.ts")).worker,
  "init": async () => (await import("./commands/init.ts")).init,
  "doctor": async () => (await import("./commands/doctor.ts")).doctor
}

/** Runs the command and gives the exit code. */
export const execute = async (invocation: Invocation): Promise<number> => {
  const { command, globals, said } = invocation
  quietWarnings(globals.verbose)
  // The user's code, which may use the project's store, and processes of ours are to have the same one.
  if (globals.store !== undefined) process.env["EFFECT_EVALS_STORE"] = resolvedStore(globals.store, process.cwd())
  if (globals.config !== undefined) process.env["EFFECT_EVALS_CONFIG"] = resolve(globals.config)
  const screen = openScreen(globals)
  const load = commands[command]
  if (load === undefined) throw new Error(`There is no command ${command}`)
  const program = Effect.gen(function*() {
    const run = yield* Effect.promise(load)
    const project = yield* findProject(globals)
    return yield* run({ said, globals, project, screen })
  })
  const fiber = Effect.runFork(Effect.provide(program, platform))
  const signals = interruptOnSignal(fiber, screen)
  const stray = interruptOnStray(fiber, screen, globals.verbose)
  // A fiber that waits for something of its own keeps no process alive.
  const alive = setInterval(() => {}, 2 ** 30)
  const exit = await Effect.runPromise(Fiber.await(fiber))
  clearInterval(alive)
  signals.end()
  stray.end()
  screen.endLive()
  const code = Exit.isSuccess(exit) ? exit.value : explain(exit.cause, screen, globals.verbose)
  await screen.flush()
  // What the user's code holds open, such as connections, is not waited for.
  process.exit(signals.received ? ExitCode.interrupted : stray.received ? ExitCode.runFailed : code)
}

/** The first signal stops cleanly; the second one ends the process at once. */
const interruptOnSignal = (fiber: Fiber.Fiber<unknown, unknown>, screen: Screen) => {
  const state = { received: false, end: () => {} }
  const onSignal = () => {
    if (state.received) process.exit(ExitCode.interrupted)
    state.received = true
    if (screen.stopping.notice !== "") screen.notice(screen.stopping.notice)
    fiber.interruptUnsafe()
  }
  process.on("SIGINT", onSignal)
  process.on("SIGTERM", onSignal)
  // Where the process was started to be watched: whoever watches has stopped.
  const onDisconnect = () => {
    if (!state.received) onSignal()
  }
  process.on("disconnect", onDisconnect)
  state.end = () => {
    process.removeListener("SIGINT", onSignal)
    process.removeListener("SIGTERM", onSignal)
    process.removeListener("disconnect", onDisconnect)
  }
  return state
}

/**
 * An error that nothing waits for, such as one in a callback of a target, would end the process with rows half written. It
 * stops the command like a signal does.
 */
const interruptOnStray = (fiber: Fiber.Fiber<unknown, unknown>, screen: Screen, verbose: boolean) => {
  const state = { received: false, end: () => {} }
  const onError = (error: unknown) => {
    const place = positionOf(error, process.cwd())
    const message = `${place === undefined ? "" : `${place}: `}${messageOf(error)}`
    screen.error(`${message}\nNothing waits for this error, so it belongs to no row: the run is stopped.`)
    screen.machine({ event: "error", exitCode: ExitCode.runFailed, message })
    if (verbose) screen.error(stackOf(error))
    state.received = true
    fiber.interruptUnsafe()
  }
  process.on("uncaughtException", onError)
  process.on("unhandledRejection", onError)
  state.end = () => {
    process.removeListener("uncaughtException", onError)
    process.removeListener("unhandledRejection", onError)
  }
  return state
}

/** Says what went wrong, and gives the exit code for it. */
const explain = (cause: Cause.Cause<unknown>, screen: Screen, verbose: boolean): number => {
  if (Cause.hasInterruptsOnly(cause)) return ExitCode.interrupted
  const reason = cause.reasons.find(Cause.isFailReason) ?? cause.reasons.find(Cause.isDieReason)
  const error = reason === undefined ? undefined : Cause.isFailReason(reason) ? reason.error : reason.defect
  if (error instanceof Failure) {
    screen.error(error.message)
    screen.machine({ event: "error", exitCode: error.exitCode, message: error.message })
    if (verbose && error.cause !== undefined) screen.error(stackOf(error.cause))
    return error.exitCode
  }
  const place = positionOf(error, process.cwd())
  const message = `${place === undefined ? "" : `${place}: `}${messageOf(error)}`
  screen.error(
    verbose ? stackOf(error) : `${message}\nThis is a mistake in the code; --verbose shows where it comes from.`
  )
  screen.machine({ event: "error", exitCode: ExitCode.runFailed, message })
  return ExitCode.runFailed
}

const stackOf = (error: unknown): string =>
  error instanceof Error
    ? `${error.stack ?? error.message}${error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause)}`}`
    : messageOf(error)
