import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { vi } from "vitest"
import { ExperimentStore, SqliteClient } from "../../src/sql/index.ts"
import { duel } from "../reports/pairwise.ts"
import { makeProject, numbers, type Project } from "./project.ts"

// Processes take what time they take on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 })

describe("a project with one evaluation", () => {
  let project: Project
  beforeAll(() => {
    project = makeProject({ "evals/modulo.eval.ts": numbers })
  })
  afterAll(() => project.remove())

  it("is run, listed, shown, compared, exported and reported", async () => {
    const first = await project.run("run", "--name", "first", "--tag", "main")
    assert.strictEqual(first.code, 0, first.stderr)
    assert.match(first.stdout, /first {2}40 rows of numbers/)
    assert.match(first.stdout, /target: Error: unlucky {2}1×, such as n13/)
    assert.match(first.stdout, /Gate\n {2}pass {2}the mean of correct is 0\.\d+ over 39 of 40 rows/)
    assert.strictEqual(readFileSync(join(project.directory, ".effect-evals/.gitignore"), "utf8"), "*\n")

    const again = await project.lines(
      "run",
      "--baseline",
      "latest",
      "--gate",
      "not-worse(correct, 0.2)",
      "--gate",
      "newly-failing",
      "--report",
      "html,md",
      "--report",
      "junit",
      "--out",
      "out"
    )
    assert.deepStrictEqual(
      again.map(({ event }) => event).filter((event) => event !== "row"),
      ["started", "ended", "comparison", "gate", "report", "report", "report"]
    )
    assert.lengthOf(again.filter(({ event }) => event === "row"), 40)
    assert.deepInclude(again.find(({ event, example }) => event === "row" && example === "n13"), {
      outcome: "Failed",
      error: "Error: unlucky",
      failed: true
    })
    assert.strictEqual(again.find(({ event }) => event === "gate")?.["verdict"].outcome, "pass")
    assert.deepStrictEqual(readdirSync(join(project.directory, "out")).sort(), [
      "modulo.html",
      "modulo.junit.xml",
      "modulo.md"
    ])

    const listed = await project.run("list", "--tag", "main")
    assert.match(listed.stdout, /first .*completed .* 40 .* 1 .*correct 0\.\d+/)
    assert.notMatch(listed.stdout, /modulo-/)

    const shown = await project.run("show", "first", "--row", "n13")
    assert.match(shown.stdout, /^row 13 {2}n13/)
    assert.match(shown.stdout, /Failed\n {2}Error: unlucky/)

    const exported = await project.run("export", "first", "--out", "first.jsonl")
    assert.strictEqual(exported.code, 0, exported.stderr)
    assert.lengthOf(readFileSync(join(project.directory, "first.jsonl"), "utf8").trim().split("\n"), 42)
    assert.strictEqual((await project.run("export", "first", "--out", "first.jsonl")).code, 2)

    // From a subdirectory the project is found, and a file will do as well as a name.
    const compared = await project.lines("compare", "first.jsonl", "latest")
    assert.deepInclude(compared.find(({ event }) => event === "comparison")?.["comparison"].examples, { matched: 40 })

    const reported = await project.run("report", "first", "latest", "--report", "csv,json")
    assert.strictEqual(reported.code, 0, reported.stderr)
    assert.lengthOf(readdirSync(join(project.directory, "evals-reports")), 2)

    const threshold = ["report", "first", "--report", "junit", "--out", "tests", "--threshold"]
    const failures = async (text: string) => {
      const { code, stderr } = await project.run(...threshold, text)
      assert.strictEqual(code, 0, stderr)
      return / failures="(\d+)"/.exec(readFileSync(join(project.directory, "tests/first.junit.xml"), "utf8"))?.[1]
    }
    assert.strictEqual(await failures("correct >= 0"), "0")
    assert.strictEqual(await failures("correct <= 0.5 and correct >= 0"), "27")
    assert.match(
      (await project.run(...threshold, "corect >= 1")).stderr,
      /first has no key corect\. Its keys are: correct/
    )
    assert.match((await project.run(...threshold, "better(correct)")).stderr, /expected limits for keys/)
  })

  it("shows experiments that were judged against one another, from a program of yours", async () => {
    const store = Layer.provide(
      ExperimentStore.layerTracingClient,
      Layer.provide(
        ExperimentStore.layer,
        SqliteClient.layer({ filename: join(project.directory, ".effect-evals/evals.db") })
      )
    )
    await Effect.runPromise(Effect.provide(duel(2, { name: "duel" }), store))
    const shown = await project.run("show", "duel")
    assert.match(shown.stdout, /12 examples in all; judged in an order drawn for each row/)
    assert.match(shown.stdout, /candidate.*against.*wins.*losses/)
    const reported = await project.run("report", "duel", "--report", "html,md", "--out", "duels")
    assert.strictEqual(reported.code, 0, reported.stderr)
    const read = (ending: string) => readFileSync(join(project.directory, `duels/duel.${ending}`), "utf8")
    assert.include(read("md"), "| won / lost / ties |")
    assert.include(read("html"), "Win rates, ties as one half")
  })

  it("takes only the examples that are asked for, the same ones for the same seed", async () => {
    const ids = async (...args: ReadonlyArray<string>) =>
      (await project.lines("run", ...args)).filter(({ event }) => event === "row").map(({ example }) =>
        example as string
      )
        .sort()
    const test = await ids("--filter", "split=test", "--filter", "metadata.odd=true")
    assert.deepStrictEqual(test, ["n31", "n33", "n35", "n37", "n39"])
    const sampled = await ids("--sample", "5", "--seed", "7")
    assert.lengthOf(sampled, 5)
    assert.deepStrictEqual(await ids("--sample", "5", "--seed", "7"), sampled)
    assert.deepStrictEqual(await ids("--limit", "2", "--repetitions", "2"), ["n0", "n0", "n1", "n1"])
  })

  it("judges again what was run, without running it", async () => {
    const lines = await project.lines("rescore", "first", "--name", "again")
    const ended = lines.find(({ event }) => event === "ended")
    assert.deepStrictEqual(ended?.["experiment"].reused, { runs: 40, evaluations: 39 })
    assert.strictEqual(ended?.["experiment"].name, "again")
  })
})

describe("exit codes", () => {
  let project: Project
  beforeAll(() => {
    project = makeProject({
      "modulo.eval.ts": numbers,
      "broken/rows.jsonl": `{"inputs": 1}\n{"inputs": }\n`,
      "broken/rows.eval.ts": `
        import { Dataset, Evaluation } from "effect-evals"
        export default Evaluation.entry(Evaluation.make("rows", {
          data: Dataset.fromJsonl(import.meta.dirname + "/rows.jsonl"),
          target: (inputs) => inputs
        }), {})`,
      "broken/layer.eval.ts": `
        import { Config, Context, Effect, Layer } from "effect"
        import { Dataset, Evaluation } from "effect-evals"
        class Model extends Context.Service<Model, string>()("Model") {}
        export default Evaluation.entry(Evaluation.make("layer", {
          data: Dataset.fromIterable("d", [{ inputs: 1 }]),
          target: () => Effect.map(Model, (model) => model)
        }), { layer: Layer.effect(Model, Config.String("NO_SUCH_KEY")) })`,
      "broken/throws.eval.ts": `import "effect-evals"\n\nthrow new Error("not today")\n`,
      "broken/enum.eval.ts": `export enum Team { A }\n`,
      "broken/imports.eval.ts": `import { answer } from "./answer"\nexport default answer\n`,
      "broken/key.eval.ts": `
        import { Effect } from "effect"
        import { Dataset, Evaluation } from "effect-evals"
        export default Evaluation.entry(Evaluation.make("key", {
          data: Dataset.fromIterable("d", [{ inputs: 1 }, { inputs: 2 }]),
          target: () => Effect.fail("401 Unauthorized")
        }), {})`,
      "broken/stray.eval.ts": `
        import { Effect } from "effect"
        import { Dataset, Evaluation } from "effect-evals"
        export default Evaluation.entry(Evaluation.make("stray", {
          data: Dataset.fromIterable("d", [{ inputs: 1 }, { inputs: 2 }]),
          target: (n) => {
            if (n === 1) return n
            setTimeout(() => { throw new Error("nobody waits") }, 10)
            return Effect.never
          }
        }), {})`,
      "broken/none.eval.ts": `export const evaluation = 5\n`
    })
  })
  afterAll(() => project.remove())

  const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, code: number, says: RegExp]> = [
    [["run", "modulo.eval.ts", "--quiet", "--gate", "correct >= 0.99"], 1, /^\nGate\n {2}fail {2}the mean of correct/],
    [["run", "--gate", "correct > 1"], 2, /expected ">=" or "<=" after correct.*\n {2}correct > 1\n {10}\^/],
    [["run", "modulo.eval.ts", "-q", "--gate", "corect >= 1"], 2, /no key|key "corect".*It has "correct"/],
    [["run", "modulo.eval.ts", "--evaluation", "nope"], 2, /There is no evaluation nope\. There are: modulo\./],
    [["run", "nothing.eval.ts"], 2, /There is no file nothing\.eval\.ts\./],
    [["run", "--baseline", "nope", "modulo.eval.ts"], 2, /nope/],
    [["rum"], 2, /Unknown subcommand "rum"[^]*Did you mean this\?\s+run/],
    [["run", "broken/throws.eval.ts"], 2, /^broken\/throws\.eval\.ts:3:7: it cannot be loaded\. Error: not today\n$/],
    [["run", "broken/enum.eval.ts"], 2, /^broken\/enum\.eval\.ts[^]*enum[^]*erasableSyntaxOnly/],
    [["run", "broken/imports.eval.ts"], 2, /imports\.eval\.ts[^]*Cannot find module[^]*with its ending/],
    [["run", "broken/none.eval.ts"], 2, /exports no evaluation, but evaluation \(5\)/],
    [
      ["run", "broken/layer.eval.ts"],
      2,
      /^The layer of layer \(broken\/layer\.eval\.ts\) cannot be built[^]*NO_SUCH_KEY/
    ],
    [["run", "broken/rows.eval.ts", "-q"], 3, /rows\.jsonl:2/],
    [["run", "modulo.eval.ts", "-q", "--max-failures", "0"], 3, /1 of \d+ rows failed in modulo-\w+; at most 0 may/],
    [["run", "broken/key.eval.ts", "-q"], 3, /^Of 2 rows of key-\w+, none succeeded: 401 Unauthorized$/m],
    [
      ["run", "broken/stray.eval.ts"],
      3,
      /broken\/stray\.eval\.ts:8:38: Error: nobody waits\nNothing waits for this error[^]*Interrupted after \d rows?/
    ],
    [["show", "nope"], 2, /There is no experiment nope in \.effect-evals\/evals\.db\./]
  ]
  it.concurrent.each(cases)("%j", async (args, code, says) => {
    const ended = await project.run(...args)
    assert.strictEqual(ended.code, code, ended.stderr)
    assert.match(ended.stderr, says)
    assert.notMatch(ended.stderr, /^ {4}at /m)
  })

  it("has the stack for those who ask for it", async () => {
    const { stderr } = await project.run("run", "broken/throws.eval.ts", "--verbose")
    assert.match(stderr, /^ {4}at .*throws\.eval\.ts:3:7/m)
  })

  it("says how to begin where there is nothing", async () => {
    const empty = makeProject()
    try {
      const ended = await empty.run("run")
      assert.strictEqual(ended.code, 2)
      assert.match(ended.stderr, /Write a first one: effect-evals init/)
      assert.isFalse(existsSync(join(empty.directory, ".effect-evals")))
    } finally {
      empty.remove()
    }
  })
})

describe("a project from nothing", () => {
  let project: Project
  beforeAll(() => {
    project = makeProject({ ".gitignore": "node_modules" })
  })
  afterAll(() => project.remove())

  it("is written by init, runs, and passes the doctor", async () => {
    const written = await project.run("init")
    assert.strictEqual(written.code, 0, written.stderr)
    assert.strictEqual(readFileSync(join(project.directory, ".gitignore"), "utf8"), "node_modules\n.effect-evals/\n")
    const run = await project.run("run")
    assert.strictEqual(run.code, 0, run.stderr)
    assert.match(run.stdout, /14 rows of tickets/)
    project.write("evals/tickets.jsonl", `{"inputs":{"text":"mine"},"referenceOutputs":"other"}\n`)
    const again = await project.run("init")
    assert.match(again.stdout, /there {5}evals\/tickets\.jsonl/)
    assert.notMatch(again.stdout, /written|changed/)
    const doctor = await project.run("doctor")
    assert.strictEqual(doctor.code, 0, doctor.stdout)
    assert.match(doctor.stdout, /✔ effect-evals +\d/)
    assert.match(doctor.stdout, /✔ configuration +effect-evals\.config\.ts/)
    assert.match(doctor.stdout, /✔ evaluations +evals\/support\.eval\.ts: support/)
    assert.match(doctor.stdout, /✔ store +\.effect-evals\/evals\.db: 1 experiment, 0 datasets/)
  })

  it("refuses a configuration with a mistake in it", async () => {
    project.write("effect-evals.config.ts", `export default { concurency: 4, timeout: "soon" }`)
    const { code, stderr } = await project.run("list")
    assert.strictEqual(code, 2)
    assert.match(stderr, /effect-evals\.config\.ts is not right/)
    assert.match(stderr, /concurency: no such option \(did you mean concurrency\?\)/)
    assert.match(stderr, /timeout: .*a duration such as 30s/)
    const doctor = await project.run("doctor")
    assert.strictEqual(doctor.code, 2)
  })

  it("refuses a file of evaluations in JavaScript with a misspelt option, and says where", async () => {
    project.write("effect-evals.config.ts", `export default {}`)
    project.write(
      "evals/plain.eval.js",
      `import { Dataset, Evaluation } from "effect-evals"

const evaluation = Evaluation.make("plain", { data: Dataset.fromIterable("one", [{ inputs: 1 }]), target: (n) => n })
export default Evaluation.entry(evaluation, {
  evaluators: [],
  concurency: 4
})
`
    )
    const { code, stderr } = await project.run("run", "evals/plain.eval.js")
    assert.strictEqual(code, 2)
    assert.match(
      stderr,
      /Evaluation\.entry\("plain"\) does not know the option concurency \(did you mean concurrency\?\)/
    )
    assert.match(stderr, /evals\/plain\.eval\.js:4:/)
    assert.notMatch(stderr, /node_modules|^\s+at /m)
  })
})

describe("datasets", () => {
  it("are imported, versioned and exported", async () => {
    const project = makeProject({
      "capitals.csv": "country,city\nFrance,Paris\nJapan,Tokyo\n",
      "more.jsonl":
        `{"id":"au","inputs":{"country":"Australia"},"referenceOutputs":{"city":"Canberra"},"split":"test"}\n`
    })
    try {
      const csv = ["--inputs", "country", "--reference-outputs", "city"]
      const unclear = await project.run("datasets", "import", "capitals.csv")
      assert.strictEqual(unclear.code, 2)
      assert.match(unclear.stderr, /--inputs <column>/)
      const imported = await project.run("datasets", "import", "capitals.csv", ...csv)
      assert.strictEqual(imported.stdout, "2 examples added to capitals, which has 2 in version 1.\n")
      const more = await project.lines("datasets", "import", "more.jsonl", "--name", "capitals", "--note", "one more")
      assert.deepInclude(more[0], { event: "imported", version: 2, size: 3 })
      const versions = await project.lines("datasets", "versions", "capitals")
      assert.deepStrictEqual(
        versions.map(({ note, version }) => [version, note]),
        [[2, "one more"], [1, "from capitals.csv"], [0, undefined]]
      )
      const exported = await project.run("datasets", "export", "capitals", "--version", "1")
      assert.deepStrictEqual(
        exported.stdout.trim().split("\n").map((line) => (JSON.parse(line) as { readonly inputs: unknown }).inputs),
        [{ country: "France" }, { country: "Japan" }]
      )
      assert.strictEqual((await project.run("datasets", "versions", "nope")).code, 2)

      // An evaluation on a dataset of the store, wherever that is.
      project.write(
        "capitals.eval.ts",
        `
        import { Effect, Schema } from "effect"
        import { Evaluation } from "effect-evals"
        import { ProjectStore } from "effect-evals/cli"
        import { DatasetStore } from "effect-evals/sql"
        const City = Schema.Struct({ city: Schema.String })
        const made = Effect.map(
          DatasetStore.dataset("capitals", { referenceOutputs: City }),
          (data) => Evaluation.make("capitals", { data, target: () => ({ city: "Paris" }) })
        )
        export const capitals = Evaluation.entry(made, {
          evaluators: [({ outputs, referenceOutputs }) => ({ key: "correct", score: outputs.city === referenceOutputs.city })],
          layer: ProjectStore.layer
        })`
      )
      const [started] = await project.lines("run", "--evaluation", "capitals")
      assert.deepInclude(started?.["experiment"].dataset, { name: "capitals", version: "2", size: 3 })
      const elsewhere = await project.run("run", "--store", "elsewhere.db", "-q")
      assert.strictEqual(elsewhere.code, 2)
      assert.match(elsewhere.stderr, /capitals\.eval\.ts cannot be made\. .*capitals/)
    } finally {
      project.remove()
    }
  })
})
