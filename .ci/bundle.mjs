// Puts what the command line needs to parse, and Node's services, into one file each: hundreds of small modules would take
// longer to load than most commands take, and the services work without their package being installed.
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { builtinModules } from "node:module"
import { join } from "node:path"
import { rolldown } from "rolldown"

const dist = join(import.meta.dirname, "../dist/cli")
const isBuiltin = (id) => id.startsWith("node:") || builtinModules.includes(id)

/** `external` says which imports stay imports. */
const bundle = async (file, external) => {
  const build = await rolldown({ input: join(dist, file), platform: "node", external: (id) => isBuiltin(id) || external(id) })
  const { output } = await build.write({ file: join(dist, file), format: "esm", minify: true, codeSplitting: false })
  await build.close()
  for (const { moduleIds } of output) for (const id of moduleIds ?? []) {
    const name = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)
    if (name !== null) bundled.set(name[1], name[0])
  }
}

/** The packages of which something is in the files, with their directories. */
const bundled = new Map()

// The command line has a copy of Effect for parsing; the commands use the one of the project, as its evaluations do.
await bundle("main.js", (id) => id.endsWith("/back.js"))
await bundle("../view/internal/nodeHttpServer.js", (id) => id === "effect" || id.startsWith("effect/"))
await bundle("internal/platform.js", (id) => id === "effect" || id.startsWith("effect/"))

// Their licences ask to be wherever they are.
writeFileSync(
  join(dist, "../licences.txt"),
  [...bundled].sort().map(([name, directory]) => {
    const file = readdirSync(directory).find((file) => /^licen[cs]e(\.(md|txt))?$/i.test(file))
    if (file === undefined) throw new Error(`${name} has no licence that could stand beside it`)
    return `${name}\n\n${readFileSync(join(directory, file), "utf8").trim()}\n`
  }).join("\n\n")
)
