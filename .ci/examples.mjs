// Every example program runs to its end, and prints what it is about.
import { spawnSync } from "node:child_process"
import { globSync } from "node:fs"

const expected = {
  "examples/bulk/main.ts": /Grounded: 0\.50\d over 300 of 300 items\nSubmitted again: the same jobs/,
  "examples/conversation/main.ts": /Better \(6\)[\s\S]*tool: ok\n\nassistant: Done: refund of order 1002\./,
  "examples/docs-search/main.ts": /Better \(\d+\)[\s\S]*Left out of the dataset \(2\)/,
  "examples/gsm8k/main.ts": /Ranking[\s\S]*pass@4[\s\S]*majority vote/,
  "examples/pipeline/main.ts": /The journal: interrupted, \d+ rows recorded/,
  "examples/rag-judge/main.ts": /(Scripted|Live) models[\s\S]*groundedness: mean [\d.]+ of 6 scored[\s\S]*The judges asked \d+ questions/,
  "examples/services/main.ts": /longest-sentence: coverage 1\.00/
}

/** Of what takes long in earnest, less is enough here. */
const args = { "examples/bulk/main.ts": ["300"] }

let failed = false
for (const file of globSync("examples/*/main.ts").sort()) {
  const begun = performance.now()
  const { status, stderr, stdout } = spawnSync("node", ["--conditions=effect-evals-source", file, ...args[file] ?? []], {
    encoding: "utf8"
  })
  const ok = status === 0 && expected[file] !== undefined && expected[file].test(stdout)
  console.log(`${ok ? "ok" : "FAILED"} ${file} (${Math.round(performance.now() - begun)} ms)`)
  if (!ok) {
    failed = true
    console.log(stdout, stderr)
  }
}
process.exitCode = failed ? 1 : 0
