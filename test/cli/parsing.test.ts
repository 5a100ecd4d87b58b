import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { vi } from "vitest"
import { readFailures } from "../../src/cli/internal/failuresText.ts"
import { readFilter } from "../../src/cli/internal/filterText.ts"
import type { Invocation, Said } from "../../src/cli/internal/invocation.ts"
import { parse } from "../../src/cli/internal/parse.ts"
import { runOptions } from "../../src/cli/internal/runOptions.ts"
import { gateOf, mergedOptions, readSettings } from "../../src/cli/internal/settings.ts"
import * as Dataset from "../../src/Dataset.ts"
import * as Evaluation from "../../src/Evaluation.ts"
import * as Example from "../../src/Example.ts"
import * as Gate from "../../src/Gate.ts"

/** What parsing comes to, and what it prints. */
const parsed = async (...args: ReadonlyArray<string>) => {
  const printed: { out: Array<string>; err: Array<string> } = { out: [], err: [] }
  const log = vi.spyOn(console, "log").mockImplementation((text: string) => void printed.out.push(text))
  const error = vi.spyOn(console, "error").mockImplementation((text: string) => void printed.err.push(text))
  try {
    const result = await parse(args, { version: "1.2.3", color: false, width: 100 })
    return { result, out: printed.out.join("\n"), err: printed.err.join("\n") }
  } finally {
    log.mockRestore()
    error.mockRestore()
  }
}

const commands = [
  "",
  "run",
  "resume",
  "rescore",
  "list",
  "show",
  "compare",
  "report",
  "view",
  "export",
  "datasets",
  "datasets list",
  "datasets import",
  "datasets export",
  "datasets versions",
  "jobs",
  "jobs submit",
  "jobs status",
  "jobs await",
  "jobs cancel",
  "jobs list",
  "jobs worker",
  "init",
  "doctor"
]

describe("the command line", () => {
  it("has help for every command", async () => {
    const texts: Array<string> = []
    for (const command of commands) {
      const args = [...command.split(" ").filter((word) => word !== ""), "--help"]
      const { out, result } = await parsed(...args)
      assert.strictEqual(result, 0)
      for (const line of out.split("\n")) assert.isAtMost(line.length, 100, line)
      texts.push(`$ effect-evals ${args.join(" ")}\n\n${out}\n`)
    }
    await expect(texts.join("\n")).toMatchFileSnapshot("help.txt")
  })

  it("answers without a command with the help, and --version with the version", async () => {
    const { out, result } = await parsed()
    assert.strictEqual(result, 0)
    assert.match(out, /^Evaluate what is built on language models/)
    assert.strictEqual((await parsed("--version")).out, "1.2.3")
  })

  it("gives what was said as data", async () => {
    const { result } = await parsed(
      "run",
      "a.eval.ts",
      "b*.ts",
      "-n",
      "3",
      "-g",
      "a >= 1",
      "--gate",
      "b >= 1",
      "--json",
      "--resume"
    )
    const { command, globals, said } = result as Invocation
    assert.strictEqual(command, "run")
    assert.deepInclude(globals, { json: true, quiet: false })
    assert.deepInclude(said, {
      files: ["a.eval.ts", "b*.ts"],
      limit: 3,
      gate: ["a >= 1", "b >= 1"],
      resume: "latest",
      watch: false
    })
    assert.isUndefined(said["repetitions"])
    const named = (await parsed("run", "--resume=nightly")).result as Invocation
    assert.strictEqual(named.said["resume"], "nightly")
  })

  it("says what is wrong on stderr, and leaves stdout to those who read it", async () => {
    const { err, out, result } = await parsed("run", "--limti", "3")
    assert.strictEqual(result, 2)
    assert.strictEqual(out, "")
    assert.match(err, /Unrecognized flag: --limti[^]*--limit[^]*See effect-evals run --help\.$/)
    assert.strictEqual((await parsed("jobs", "await")).result, 2)
  })

  it.each(["bash", "zsh", "fish"])("has completions for %s", async (shell) => {
    const { out, result } = await parsed("--completions", shell)
    assert.strictEqual(result, 0)
    for (const word of ["compare", "datasets", "max-failures"]) assert.include(out, word)
  })

  it("has completions that bash runs", async () => {
    const directory = mkdtempSync(join(tmpdir(), "effect-evals-completions-"))
    try {
      const file = join(directory, "completions.bash")
      writeFileSync(file, (await parsed("--completions", "bash")).out)
      const complete = (line: string) => {
        const script = `source ${file}
          COMP_LINE="${line}"; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
          $(complete -p effect-evals | sed -E 's/.*-F ([^ ]+).*/\\1/') effect-evals "\${COMP_WORDS[COMP_CWORD]}" ""
          echo "\${COMPREPLY[*]}"`
        return spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" }).stdout.trim()
      }
      assert.strictEqual(complete("effect-evals com"), "compare")
      assert.strictEqual(complete("effect-evals run --max"), "--max-failures")
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe("conditions on examples", () => {
  const example = Example.make({
    id: "q1",
    inputs: { question: "When do I get my Refund?", tags: ["money", "mail"] },
    referenceOutputs: { team: "billing", urgent: true },
    metadata: { language: "en", length: 24 },
    split: ["test", "hard"]
  })
  const cases: ReadonlyArray<readonly [text: string, holds: boolean]> = [
    ["id=q1", true],
    ["id!=q1", false],
    ["split=hard", true],
    ["split != train", true],
    ["split!=test", false],
    ["metadata.language=en", true],
    ["metadata.language='en'", true],
    ["metadata.length=24", true],
    ["metadata.nothing=en", false],
    ["metadata.nothing!=en", true],
    ["inputs.question~refund", true],
    ["inputs.question~invoice", false],
    ["inputs.tags=mail", true],
    ["referenceOutputs.urgent=true", true]
  ]
  it.each(cases)("%s is %s", (text, holds) => {
    assert.strictEqual(readFilter(text)?.holds(example), holds)
  })

  it.each(["refund", "question=5", "id.x=5", "=5", "inputs.a", "split.x=1"])("%s is none", (text) => {
    assert.isUndefined(readFilter(text))
  })
})

describe("how many rows may fail", () => {
  it("is a count or a share", () => {
    assert.deepStrictEqual(readFailures("10"), { count: 10 })
    assert.deepStrictEqual(readFailures("2.5%"), { share: 0.025 })
    for (const text of ["-1", "1.5", "101%", "few", ""]) assert.isUndefined(readFailures(text))
  })
})

describe("what a run is told", () => {
  const read = (said: Said, config: object = {}, environment: { readonly [name: string]: string } = {}) =>
    readSettings(said, { config }, environment)

  const entry = Evaluation.entry(
    Evaluation.make("e", { data: Dataset.fromIterable("d", [{ inputs: 1 }]), target: (n) => n }),
    { concurrency: 2, repetitions: 2, timeout: "2 seconds", tags: ["entry"], gate: Gate.mean("entry", { atLeast: 1 }) }
  )

  it.effect("is what flags say, then the environment, then the entry, then the configuration", () =>
    Effect.gen(function*() {
      const settings = yield* read(
        { concurrency: 8, tags: [] },
        { concurrency: 1, repetitions: 1, timeout: 1, maxFailures: "5%", rowTimeout: "1 minute" },
        { EFFECT_EVALS_CONCURRENCY: "4", EFFECT_EVALS_TIMEOUT: "4s", EFFECT_EVALS_TAG: "" }
      )
      assert.deepStrictEqual(mergedOptions(entry, settings), {
        concurrency: 8,
        repetitions: 2,
        timeout: 4000,
        tags: ["entry"],
        maxFailures: { share: 0.05 },
        rowTimeout: 60_000
      })
    }))

  it.effect("has the gates of the flags or of the entry, and always those of the configuration", () =>
    Effect.gen(function*() {
      const config = { gate: ["failures <= 2%"] }
      const failures = Gate.failures({ atMostShare: 0.02 })
      const plain = (gate: unknown): unknown => JSON.parse(JSON.stringify(gate))
      assert.deepStrictEqual(
        plain(yield* gateOf(yield* read({}, config), entry.gate)),
        plain(Gate.and(Gate.mean("entry", { atLeast: 1 }), failures))
      )
      assert.deepStrictEqual(
        plain(yield* gateOf(yield* read({ gate: ["a >= 1"] }, config), entry.gate)),
        plain(Gate.and(Gate.mean("a", { atLeast: 1 }), failures))
      )
      assert.isUndefined(yield* gateOf(yield* read({}), undefined))
    }))

  it.effect("knows lists and switches of the environment", () =>
    Effect.gen(function*() {
      const { said } = yield* read({}, {}, {
        EFFECT_EVALS_GATE: "a >= 1; better(b, 0.1)",
        EFFECT_EVALS_REPORT: "html, md",
        EFFECT_EVALS_ALLOW_INCONCLUSIVE: "yes",
        EFFECT_EVALS_LIMIT: "12"
      })
      assert.deepStrictEqual(said, {
        gate: ["a >= 1", "better(b, 0.1)"],
        report: ["html", "md"],
        allowInconclusive: true,
        limit: 12
      })
    }))

  const wrong: ReadonlyArray<readonly [said: Said, environment: { readonly [name: string]: string }, says: RegExp]> = [
    [{ repetitions: 0 }, {}, /^--repetitions: expected a value greater than or equal to 1, got 0\.$/],
    [{ timeout: "soon" }, {}, /^--timeout: expected .*a duration such as 30s or 5 minutes.*got "soon"\.$/],
    [
      { maxFailures: "some" },
      {},
      /^--max-failures: expected .*a count such as 10, or a share such as 5%.*got "some"\.$/
    ],
    [{ filter: ["refund"] }, {}, /^--filter: expected a condition such as split=test.*got "refund"\.$/],
    [{ report: ["pdf"] }, {}, /^--report: expected "html".*got "pdf"\.$/],
    [
      {},
      { EFFECT_EVALS_CONCURENCY: "4", EFFECT_EVALS_WATCHED: "{}", EFFECT_EVALS_MY_OWN: "1" },
      /^EFFECT_EVALS_CONCURENCY: no such variable \(did you mean EFFECT_EVALS_CONCURRENCY\?\)\.$/
    ],
    [{}, { EFFECT_EVALS_CONCURRENCY: "many" }, /^EFFECT_EVALS_CONCURRENCY: expected number, got "many"\.$/]
  ]
  it.effect.each(wrong)("refuses %j %j", ([said, environment, says]) =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(read(said, {}, environment))
      assert.strictEqual(failure.exitCode, 2)
      assert.match(failure.message, says)
    }))

  it("has an option of the configuration behind every flag, but those that are about one call", async () => {
    const { Config } = await import("../../src/cli/Config.ts")
    const ofCall = new Set(["evaluations", "resume", "rerunFailed"])
    for (const { name } of runOptions) {
      assert.strictEqual(Object.hasOwn(Config.fields, name), !ofCall.has(name), name)
    }
  })
})
