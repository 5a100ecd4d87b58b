#!/usr/bin/env node
/** What `npx effect-evals` starts: says so where Node is too old, before anything is loaded that needs a newer one. */
const needed = [22, 19]
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < needed[0]! || (major === needed[0] && minor < needed[1]!)) {
  process.stderr.write(
    `effect-evals needs Node ${needed.join(".")} or later, and this is Node ${process.versions.node}.\n`
  )
  process.exitCode = 2
} else {
  const { main } = await import("./main.ts")
  process.exitCode = await main(process.argv.slice(2))
}
