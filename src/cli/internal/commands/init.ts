/** `effect-evals init`: a first evaluation that works as it is, without keys and without a network. */
import * as Effect from "effect/Effect"
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { type Call, type CommandEffect, textOf } from "../command.ts"
import { ExitCode } from "../invocation.ts"
import { storeDirectory } from "../project.ts"
import { starterConfig, starterEvaluation, starterTickets } from "../starter.ts"

export const init = ({ project, said, screen }: Call): CommandEffect =>
  Effect.sync(() => {
    const directory = resolve(project.cwd, textOf(said, "directory") ?? ".")
    const files = [
      ["effect-evals.config.ts", starterConfig],
      ["evals/support.eval.ts", starterEvaluation],
      ["evals/tickets.jsonl", starterTickets]
    ] as const
    for (const [name, text] of files) {
      const path = join(directory, name)
      const shown = relative(project.cwd, path)
      if (existsSync(path)) {
        screen.human(`there     ${shown}`)
        screen.machine({ event: "kept", file: shown })
        continue
      }
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
      screen.human(`written   ${shown}`)
      screen.machine({ event: "written", file: shown })
    }
    if (ignoreStore(directory)) screen.human(`changed   ${relative(project.cwd, join(directory, ".gitignore"))}`)
    screen.notice(
      "\nRun it:       npx effect-evals run\nThen change the target in evals/support.eval.ts, run again, and"
    )
    screen.notice("compare:      npx effect-evals compare")
    return ExitCode.done
  })

/** The store is no matter of version control. Gives whether something was to be done. */
const ignoreStore = (directory: string): boolean => {
  const file = join(directory, ".gitignore")
  const lines = existsSync(file) ? readFileSync(file, "utf8") : ""
  if (lines.split("\n").some((line) => line.trim().replace(/^\/|\/$/g, "") === storeDirectory)) return false
  appendFileSync(file, `${lines === "" || lines.endsWith("\n") ? "" : "\n"}${storeDirectory}/\n`)
  return true
}
