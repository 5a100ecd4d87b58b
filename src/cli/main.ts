/** The command line: parses, and hands over to what does the work, which is loaded for it. */
import { version } from "../internal/values/version.ts"
import { parse } from "./internal/parse.ts"

/** Runs the command line and gives the exit code. */
export const main = async (args: ReadonlyArray<string>): Promise<number> => {
  const width = Math.min(120, process.stdout.columns ?? 100)
  const invocation = await parse(args, { version, color: wantsColor(args), width })
  if (typeof invocation === "number") return invocation
  const { execute } = await import("./internal/back.ts")
  return await execute(invocation)
}

const wantsColor = (args: ReadonlyArray<string>): boolean => {
  const { FORCE_COLOR = "", NO_COLOR = "", TERM } = process.env
  if (NO_COLOR !== "" || TERM === "dumb" || args.includes("--no-color")) return false
  return (FORCE_COLOR !== "" && FORCE_COLOR !== "0") || process.stdout.isTTY === true
}
