/**
 * `run --watch`: the command is run in a process of its own whenever a file changes that it has loaded or read, because
 * modules are loaded once a process. The processes tell this one what they read, and what they ran.
 */
import * as Effect from "effect/Effect"
import { type ChildProcess, spawn } from "node:child_process"
import { type FSWatcher, watch as watchDirectory } from "node:fs"
import { basename, dirname, join } from "node:path"
import type { Call, CommandEffect } from "./command.ts"
import { ExitCode } from "./invocation.ts"
import { shownPath } from "./sourcePosition.ts"
import { type FromWatched, type Ran, watchVariable } from "./watched.ts"

/** Editors write a file in several steps. */
const settleMillis = 100

export const watch = ({ project, screen }: Call): CommandEffect =>
  Effect.callback<number>((resume) => {
    const files = new Set<string>()
    const directories = new Map<string, FSWatcher>()
    const ran = new Map<string, ReadonlyArray<Ran>>()
    let child: ChildProcess | undefined
    let changed: string | undefined
    let timer: NodeJS.Timeout | undefined
    let ending = false

    const run = () => {
      changed = undefined
      child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
        stdio: ["inherit", "inherit", "inherit", "ipc"],
        env: { ...process.env, [watchVariable]: JSON.stringify(Object.fromEntries(ran)) }
      })
      child.on("message", (message: FromWatched) => {
        if (message._tag === "Ran") {
          // Two are enough: the last one that came to its end, or most of the way, and the one after it.
          ran.set(message.entry, [...(ran.get(message.entry) ?? []), message.ran].slice(-2))
        } else for (const file of message.files) follow(file)
      })
      child.on("exit", () => {
        child = undefined
        if (ending) resume(Effect.succeed(ExitCode.interrupted))
        else if (changed !== undefined) again()
        else screen.notice("\nWaiting for changes. Ctrl-C ends.")
      })
    }

    const again = () => {
      if (child !== undefined) return void child.kill("SIGINT")
      screen.notice(`\n${changed} changed.\n`)
      run()
    }

    const follow = (file: string) => {
      files.add(file)
      const directory = dirname(file)
      if (directories.has(directory)) return
      // Editors put a new file in the place of the old one: what is followed is the name, not the file.
      const watcher = watchDirectory(directory, (_event, name) => {
        if (name === null) return
        const path = join(directory, name)
        if (!files.has(path) && !/\.eval\.[mc]?[jt]s$/.test(basename(path))) return
        changed = shownPath(path, project.cwd)
        clearTimeout(timer)
        timer = setTimeout(again, settleMillis)
      })
      directories.set(directory, watcher)
    }

    screen.stopping.notice = ""
    follow(join(project.root, "."))
    run()
    return Effect.callback<void>((done) => {
      ending = true
      clearTimeout(timer)
      for (const watcher of directories.values()) watcher.close()
      if (child === undefined) return done(Effect.void)
      child.on("exit", () => done(Effect.void))
      // A terminal has told it already, and a second signal would end it at once; this is none.
      child.disconnect()
    })
  })
