/** From what was typed to the call of a command, or to the help, the version or the error that answers it. */
import * as CliConfig from "effect/cli/CliConfig"
import type * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { makeCommand, type Parsed } from "./front.ts"
import { formatHelp, type HelpStyle } from "./help.ts"
import { ExitCode, type Invocation } from "./invocation.ts"
import { layer as platform } from "./platform.ts"

const presenter = (style: HelpStyle): CliOutput.Presenter => ({
  present: (event) => {
    switch (event._tag) {
      case "Help":
        return Console.log(formatHelp(event.helpDoc, style))
      case "Version":
        return Console.log(event.version)
      case "InvalidInvocation": {
        const path = event.commandPath.join(" ")
        // The help would be in the way of the error, and on the stdout that a script reads.
        return Console.error(`${event.errors.map((error) => error.message).join("\n")}\nSee ${path} --help.`)
      }
    }
  }
})

/** The call, or the exit code where there is nothing more to do. */
export const parse = async (
  args: ReadonlyArray<string>,
  options: HelpStyle & { readonly version: string }
): Promise<Invocation | number> => {
  const parsed: Parsed = { invocation: undefined }
  const exit = await Effect.runPromiseExit(
    Command.runWith(makeCommand(parsed), { version: options.version })(args).pipe(
      Effect.provide(Layer.mergeAll(
        platform,
        CliOutput.layerPresenter(presenter(options)),
        CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
      ))
    )
  )
  if (parsed.invocation !== undefined) return parsed.invocation
  if (Exit.isSuccess(exit)) return ExitCode.done
  const error = Exit.findErrorOption(exit)
  if (error._tag === "None") throw new Error("The command line could not be parsed", { cause: exit.cause })
  return isAskedForHelp(error.value, args) ? ExitCode.done : ExitCode.usage
}

/** Without any argument, or with a group of commands alone, the help is the answer. */
const isAskedForHelp = (error: CliError.CliError, args: ReadonlyArray<string>): boolean =>
  error._tag === "ShowHelp" && error.errors.length === 0 && args.every((arg) => !arg.startsWith("-"))
