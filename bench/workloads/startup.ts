/** How long the command line takes, from its start to its end, in milliseconds: the medians of so many calls. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const calls = Number(process.argv[2])
const bin = join(import.meta.dirname, "../../dist/cli/bin.js")
const directory = mkdtempSync(join(tmpdir(), "effect-evals-startup-"))
writeFileSync(join(directory, "package.json"), "{}")
writeFileSync(join(directory, "data.jsonl"), `{"inputs":1}\n`)
const call = (...args: ReadonlyArray<string>) =>
  execFileSync(process.execPath, args, { cwd: directory, stdio: "ignore" })

const median = (args: ReadonlyArray<string>): number => {
  const times = Array.from({ length: calls }, () => {
    const begun = performance.now()
    call(...args)
    return performance.now() - begun
  }).sort((a, b) => a - b)
  return times[Math.floor(calls / 2)] ?? Number.NaN
}

try {
  // A first call of each brings the files into the cache of the system.
  call(bin, "--help")
  // Makes the store, which `list` then opens.
  call(bin, "datasets", "import", "data.jsonl")
  call(bin, "list")
  process.stdout.write(
    JSON.stringify({
      node: median(["--eval", "0"]),
      help: median([bin, "--help"]),
      list: median([bin, "list"])
    }) + "\n"
  )
} finally {
  rmSync(directory, { recursive: true })
}
