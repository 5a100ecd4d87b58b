// The packed package, installed in an empty project: every subpath resolves, imports and has types. In another one, with
// nothing but the package and its peer, the command line goes from a first file to a report.
import assert from "node:assert/strict"
import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"

const root = join(import.meta.dirname, "..")
const project = mkdtempSync(join(tmpdir(), "effect-evals-package-"))
const run = (command, args, cwd) => execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

try {
  const { devDependencies, exports, name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"))
  const [{ filename }] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", project], root))

  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }))
  const tools = ["effect", "@effect/platform-node", "typescript", "@types/node", "node", "vitest"].map((tool) => `${tool}@${devDependencies[tool]}`)
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `./${filename}`, ...tools], project)

  const modules = globSync("src/*.ts", { cwd: root }).map((file) => basename(file, ".ts")).filter((module) => module !== "index")
  const named = Object.keys(exports).filter((path) => !path.includes("*") && path !== "./package.json").map((path) => path.slice(2))
  const subpaths = ["", ...named.filter((path) => path !== ""), ...modules].map((path) => path === "" ? name : `${name}/${path}`)

  writeFileSync(
    join(project, "imports.ts"),
    subpaths.map((path, i) => `import * as m${i} from ${JSON.stringify(path)}\n`).join("") +
      `export const modules: ReadonlyArray<object> = [${subpaths.map((_, i) => `m${i}`).join(", ")}]\n` +
      `import { Dataset, Evaluation } from "effect-evals"\n` +
      `const evaluation = Evaluation.make("t", { data: Dataset.fromIterable("d", [{ inputs: 1 }]), target: (n) => n + 1 })\n` +
      // If the types were missing, this would be `any`, and assignable to a string.
      `// @ts-expect-error\nexport const name: string = evaluation.data\n`
  )
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({
    compilerOptions: { module: "nodenext", target: "es2024", lib: ["es2024", "esnext.disposable", "dom"], strict: true, noEmit: true, types: ["node"] },
    include: ["imports.ts"]
  }))
  run("npx", ["tsc", "-p", "."], project)

  const imported = `const paths = ${JSON.stringify(subpaths)};
    for (const path of paths) {
      const module = await import(path)
      if (Object.keys(module).length === 0 && !path.endsWith("/Execution")) throw new Error(path + " exports nothing")
    }
    const inside = ["internal/engine/pool", "statistics/internal/checks", "judge/internal/ask", "openai/internal/api",
      "scorers/internal/words", "reports/internal/html/page", "view/internal/guard", "vitest/internal/collect", "cli/internal/front"]
    for (const path of inside) {
      let hidden = false
      try { await import("${name}/" + path) } catch { hidden = true }
      if (!hidden) throw new Error(path + " can be imported")
    }
    console.log(paths.length + " subpaths import")`
  process.stdout.write(run("npx", ["node", "--input-type=module", "--eval", imported], project))

  const user = join(project, "user")
  mkdirSync(user)
  writeFileSync(join(user, "package.json"), JSON.stringify({ name: "user", private: true }))
  run("npm", ["install", "--no-audit", "--no-fund", "--silent", `../${filename}`, `node@${devDependencies.node}`], user)
  assert.ok(!existsSync(join(user, "node_modules/@effect/platform-node")), "the command line needs nothing but its peer")
  const evals = (...args) => run("npx", ["effect-evals", ...args], user)
  assert.match(evals("init"), /written +evals\/support\.eval\.ts/)
  const first = evals("run", "--name", "first")
  assert.match(first, /14 rows of tickets/)
  assert.match(first, /pass/)
  const file = join(user, "evals/support.eval.ts")
  writeFileSync(file, readFileSync(file, "utf8").replace("invoice|refund", "invoice|refund|money"))
  assert.match(evals("run"), /14 rows of tickets/)
  assert.match(evals("compare", "first", "latest"), /correct +│ +\+0\.071/)
  evals("report", "first", "latest", "--report", "html,md,junit,json,jsonl,csv", "--out", "out")
  const [page] = globSync("out/*.html", { cwd: user })
  assert.ok(statSync(join(user, page)).size > 50_000)
  assert.equal(globSync("out/*", { cwd: user }).length, 6)
  assert.match(evals("doctor"), /✔ effect +\d/)
  const bin = join(user, "node_modules/.bin")
  const view = spawn(join(bin, "node"), [join(bin, "effect-evals"), "view", "--port", "0", "--json"], {
    cwd: user,
    stdio: ["ignore", "pipe", "ignore"]
  })
  const [line] = await once(view.stdout, "data")
  assert.match(await (await fetch(JSON.parse(line).url)).text(), /first/)
  view.kill("SIGINT")
  assert.deepEqual(await once(view, "exit"), [130, null])
  const strict = { module: "nodenext", target: "es2024", lib: ["es2024", "dom"], strict: true, noEmit: true, types: ["node"] }
  writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions: strict, include: ["**/*.ts"] }))
  writeFileSync(join(user, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }))
  run(join(project, "node_modules/.bin/tsc"), ["-p", ".", "--typeRoots", join(project, "node_modules/@types")], user)
  process.stdout.write("init, run, compare, report, doctor and view work from the packed package\n")
} finally {
  rmSync(project, { recursive: true, force: true })
}
