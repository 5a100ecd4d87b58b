import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { spawn, spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { vi } from "vitest"
import { command, environment, linesOf, makeProject, type Project, slow } from "./project.ts"

// Processes take what time they take on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 120_000 })

describe("Ctrl-C", () => {
  let project: Project
  beforeAll(() => {
    project = makeProject({ "slow.eval.ts": slow })
  })
  afterAll(() => project.remove())

  it("stops cleanly, keeps what is done, and the run goes on where it was", async () => {
    project.write("hold", "")
    const running = project.start("run", "--json", "--name", "nightly")
    await running.printed(/"event":"row"/)
    running.process.kill("SIGINT")
    const ended = await running.ended
    assert.strictEqual(ended.code, 130, ended.stderr)
    assert.match(ended.stderr, /Stopping\..*Ctrl-C again ends at once/)
    assert.match(ended.stderr, /Interrupted after \d+ rows?, which are kept in \.effect-evals\/evals\.db\./)
    assert.match(ended.stderr, /Go on with: effect-evals resume nightly/)
    const interrupted = linesOf(ended).find(({ event }) => event === "ended")?.["experiment"]
    assert.strictEqual(interrupted.status, "interrupted")
    assert.isAbove(interrupted.rowCount, 0)
    assert.isBelow(interrupted.rowCount, 60)

    // Stopped again before it has taken over what there was: nothing of it is lost.
    const twice = project.start("resume", "nightly", "--json")
    await twice.printed(/"event":"started"/)
    // Nobody else can pay for the same meanwhile.
    const meanwhile = await project.run("resume", "nightly")
    twice.process.kill("SIGINT")
    assert.strictEqual(meanwhile.code, 2, meanwhile.stdout)
    assert.match(meanwhile.stderr, /^Process \d+ on .* has been at work/)
    const again = linesOf(await twice.ended).find(({ event }) => event === "ended")?.["experiment"]
    assert.deepStrictEqual(again.resumes, [interrupted.id])

    rmSync(join(project.directory, "hold"))
    const resumed = (await project.lines("resume", "nightly")).find(({ event }) => event === "ended")?.["experiment"]
    assert.deepInclude(resumed, { status: "completed", rowCount: 60, name: "nightly" })
    assert.deepStrictEqual(resumed.resumes, [interrupted.id, again.id])
    // What was in flight may have been recorded as cancelled, and is run again.
    assert.isAtLeast(resumed.reused.runs, interrupted.rowCount - interrupted.runs.cancelled)
  })

  it("ends at once the second time, whatever does not let itself be stopped", async () => {
    const stubborn = makeProject({ "slow.eval.ts": slow }, { STUBBORN: "1", PAUSE: "1" })
    try {
      const running = stubborn.start("run", "--json")
      await running.printed(/"event":"started"/)
      running.process.kill("SIGINT")
      await running.printed(/Stopping\./)
      running.process.kill("SIGINT")
      assert.strictEqual((await running.ended).code, 130)
    } finally {
      stubborn.remove()
    }
  })

  const python = spawnSync("python3", ["-c", "import pty"]).status === 0
  it.skipIf(!python)("is typed in a terminal (needs python3)", async () => {
    // Python has pseudo-terminals; it passes on what is shown, and types Ctrl-C when the second key has a mean.
    const script = `
import fcntl, os, pty, re, struct, sys, termios
pid, fd = pty.fork()
if pid == 0: os.execvpe(sys.argv[1], sys.argv[1:], os.environ)
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
shown, typed = b"", False
while True:
    try: data = os.read(fd, 65536)
    except OSError: break
    if not data: break
    shown += data
    if not typed and re.search(rb"[1-9][0-9]* of 60 rows", shown): os.write(fd, b"\\x03"); typed = True
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
`
    const child = spawn("python3", ["-c", script, ...command(["run"])], {
      cwd: project.directory,
      env: environment({ TERM: "xterm-256color" }),
      stdio: ["ignore", "pipe", "inherit"]
    })
    let shown = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (shown += text))
    const code = await new Promise((resolve) => child.on("close", resolve))
    assert.strictEqual(code, 130, shown)
    // A bar that is drawn in its own place, and what is said meanwhile above it.
    // oxlint-disable-next-line no-control-regex -- what a terminal is sent
    assert.match(shown, /\u001b\[2A\r\u001b\[JStopping\.[^\n]*\n *slow-\w+ {2}[█▏▎▍▌▋▊▉░]+ \d+ of 60 rows/)
    assert.match(shown, /interrupted after .*\r\n {2}even [\d.]+\r\nInterrupted after \d+ rows/)
  })
})

describe("--watch", () => {
  it("stops what it runs as cleanly as a run stops", async () => {
    const project = makeProject({ "slow.eval.ts": slow, hold: "" })
    try {
      const running = project.start("run", "--watch", "--json")
      await running.printed(/"event":"row"/)
      running.process.kill("SIGINT")
      const ended = await running.ended
      assert.strictEqual(ended.code, 130)
      assert.match(ended.stderr, /Interrupted after \d+ rows?, which are kept/)
      assert.notMatch(ended.stderr, /Node\.js v/)
    } finally {
      project.remove()
    }
  })

  it("runs again when a file changes, and pays only for what did", async () => {
    const project = makeProject({
      "evals/answer.ts": `export const answer = (n: number): number => n * 2\n`,
      "evals/numbers.jsonl": `{"inputs":1}\n{"inputs":2}\n`,
      "evals/watched.eval.ts": `
        import { Dataset, Evaluation, Evaluator, Target } from "effect-evals"
        import { answer } from "./answer.ts"
        const data = Dataset.fromJsonl<number>(import.meta.dirname + "/numbers.jsonl")
        const target = (n: number) => answer(n)
        export const versioned = Evaluation.entry(
          Evaluation.make("versioned", { data, target: Target.make("answer", target, { version: "1" }) }),
          { evaluators: [Evaluator.make("even", ({ outputs }) => outputs % 2 === 0)] }
        )
        export const plain = Evaluation.entry(Evaluation.make("plain", { data, target }), {})
      `
    })
    const running = project.start("run", "--watch", "--json")
    try {
      await running.printed(/Waiting for changes/)
      project.write("evals/numbers.jsonl", `{"inputs":1}\n{"inputs":2}\n{"inputs":3}\n`)
      await running.printed(/evals\/numbers\.jsonl changed[^]*Waiting for changes/)
      project.write("evals/answer.ts", `export const answer = (n: number): number => n * 3\n`)
      await running.printed(
        /evals\/answer\.ts changed[^]*plain is run anew: the code has changed[^]*Waiting for changes/
      )
    } finally {
      running.process.kill("SIGINT")
    }
    const ended = await running.ended
    assert.strictEqual(ended.code, 130)
    const experiments = linesOf(ended).filter(({ event }) => event === "ended").map(({ experiment }) => experiment)
    assert.deepStrictEqual(
      experiments.map(({ evaluation, reused, rowCount }) => [evaluation, rowCount, reused]),
      [
        ["plain", 2, undefined],
        ["versioned", 2, undefined],
        // Only the example that is new.
        ["plain", 3, { runs: 2, evaluations: 0 }],
        ["versioned", 3, { runs: 2, evaluations: 2 }],
        // A version says that the target is the same; the evaluator has none, and is asked again.
        ["plain", 3, undefined],
        ["versioned", 3, { runs: 3, evaluations: 0 }]
      ]
    )
    project.remove()
  })
})

describe("view", () => {
  it("serves the store to whoever has the address, until Ctrl-C", async () => {
    const project = makeProject({ "slow.eval.ts": slow }, { PAUSE: "1" })
    try {
      await project.run("run", "--limit", "2", "--name", "seen", "--quiet")
      const running = project.start("view", "--port", "0", "--json")
      await running.printed(/"event":"serving".*\n/)
      const [serving] = linesOf({ code: null, stdout: running.shown().stdout, stderr: "" })
      const page = await fetch(serving?.["url"])
      assert.strictEqual(page.status, 200)
      assert.include(await page.text(), "seen")
      assert.strictEqual((await fetch(new URL("/guess/", serving?.["url"]))).status, 404)
      running.process.kill("SIGINT")
      assert.strictEqual((await running.ended).code, 130)
    } finally {
      project.remove()
    }
  })
})

describe("jobs", () => {
  it("are submitted, done by a worker, waited for and listed", async () => {
    const project = makeProject({ "slow.eval.ts": slow }, { PAUSE: "1" })
    try {
      const submit = ["jobs", "submit", "slow", "--limit", "20", "--name", "nightly", "--key", "tonight"]
      const submitted = await project.run(...submit)
      assert.strictEqual(submitted.code, 0, submitted.stderr)
      const id = submitted.stdout.trim()
      assert.strictEqual((await project.run(...submit)).stdout.trim(), id)
      assert.strictEqual((await project.run("jobs", "submit", "nope")).code, 2)
      assert.match((await project.run("jobs", "status", id)).stdout, /slow +│ pending/)

      const worker = project.start("jobs", "worker")
      await worker.printed(/Working on slow/)
      const second = await project.run("jobs", "worker")
      assert.strictEqual(second.code, 2)
      assert.match(second.stderr, /A worker is at work on .*: process \d+/)
      const done = await project.lines("jobs", "await", id)
      assert.deepInclude(done[0]?.["job"], { _tag: "Completed", done: 20, evaluation: "slow" })
      worker.process.kill("SIGINT")
      assert.strictEqual((await worker.ended).code, 130)

      const [experiment] = await project.lines("list", "--evaluation", "slow")
      assert.deepInclude(experiment, { status: "completed" })
      assert.strictEqual(experiment?.["header"].name, "nightly")

      const cancelled = (await project.run("jobs", "submit", "slow", "--quiet")).stdout.trim()
      assert.match((await project.run("jobs", "cancel", cancelled)).stdout, /cancelled/)
      assert.strictEqual((await project.run("jobs", "await", cancelled, "--timeout", "10s")).code, 3)
      assert.strictEqual((await project.run("jobs", "worker", "--until-idle")).code, 0)
    } finally {
      project.remove()
    }
  })
})
