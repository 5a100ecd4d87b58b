// The program of a report's page, from the modules in src/reports/page, and that of the view: one text, which is kept in a module, so that no
// bundler is needed where the package is used. `node .ci/page.mjs` writes it; a test holds it against its source.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = join(import.meta.dirname, "..")
export const outputs = [
  { entry: "src/reports/page/main.ts", file: "src/reports/internal/html/pageScript.ts" },
  { entry: "src/view/page/main.ts", file: "src/view/internal/listScript.ts" }
]

/** The module that holds the program. */
export const bundle = async (entry) => {
  const build = await rolldown({ input: join(root, entry), platform: "browser", logLevel: "warn" })
  const { output: [chunk] } = await build.generate({ format: "iife", minify: true, sourcemap: false, comments: false })
  await build.close()
  // What would end the element that the program stands in.
  const text = chunk.code.trim().replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--")
  // Its licence asks to be wherever the library is.
  const licence = text.includes("maxEditLength") ? `/*! Parts are from the package diff.\n${readFileSync(join(root, "node_modules/diff/LICENSE"), "utf8")}*/\n` : ""
  return `/** Made from ${entry} by .ci/page.mjs; not to be changed by hand. */\nexport const script: string = ${
    JSON.stringify(`${licence}${text}`)
  }\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { entry, file } of outputs) writeFileSync(join(root, file), await bundle(entry))
}
