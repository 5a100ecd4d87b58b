// Puts what the command line needs to parse, and Node's services, into one file each: hundreds of small modules would take
// longer to load than most commands take, and the services work without their package being installed.
import { builtinModules } from "node:module"
import { join } from "node:path"
import { rolldown } from "rolldown"

const dist = join(import.meta.dirname, "../dist/cli")
const isBuiltin = (id) => id.startsWith("node:") || builtinModules.includes(id)

/** `external` says which imports stay imports. */
const bundle = async (file, external) => {
  const build = await rolldown({ input: join(dist, file), platform: "node", external: (id) => isBuiltin(id) || external(id) })
  await build.write({ file: join(dist, file), format: "esm", minify: true, codeSplitting: false })
  await build.close()
}

// The command line has a copy of Effect for parsing; the commands use the one of the project, as its evaluations do.
await bundle("main.js", (id) => id.endsWith("/back.js"))
await bundle("internal/server.js", (id) => id === "effect" || id.startsWith("effect/"))
await bundle("internal/platform.js", (id) => id === "effect" || id.startsWith("effect/"))
