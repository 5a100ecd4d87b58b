/**
 * What a client has told a stub about an experiment, without what cannot be the same twice: ids, times, versions of
 * libraries. Two clients that tell the same have the same facts.
 */
import type { Anything, Stub } from "./stub.ts"

const byText = (a: unknown, b: unknown): number => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1

const defined = (record: Record<string, Anything>): Record<string, Anything> =>
  Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [
      name,
      value
    ])
  )

/** The metadata that a client was given, and what LangSmith wants to know; the rest is the client's own business. */
const metadataFacts = (metadata: Anything = {}): Anything =>
  defined({
    model: metadata.model,
    num_repetitions: metadata.num_repetitions,
    // Clients cut the time differently.
    example_version: metadata.example_version?.slice(0, 19),
    dataset_version: metadata.dataset_version?.slice(0, 19),
    dataset_splits: metadata.dataset_splits?.toSorted()
  })

const exampleOf = (run: Anything): string | undefined => run.reference_example_id?.slice(-2)

/** What a client says of an experiment. */
export const experimentFacts = (stub: Stub, name: string): Anything => {
  const session = Array.from(stub.sessions.values()).find((session) => session.name === name)
  const runs = stub.runsOf(name)
  const roots = runs.filter(({ parent_run_id }) => parent_run_id === undefined || parent_run_id === null)
  const feedback = Array.from(stub.feedback.values())
  const placeOf = new Map(roots.map((run) => [run.id, exampleOf(run)]))
  return {
    session: defined({
      description: session.description,
      dataset: session.reference_dataset_id,
      num_examples: session.num_examples,
      num_repetitions: session.num_repetitions,
      // None are as good as an empty list.
      evaluator_keys: session.evaluator_keys?.toSorted().join() || undefined,
      metadata: metadataFacts(session.extra?.metadata),
      ended: session.end_time !== null && session.end_time !== undefined
    }),
    runs: roots.map((run) => runFacts(run, runs)).sort(byText),
    feedback: grouped(
      feedback.filter(({ run_id }) => placeOf.has(run_id)),
      ({ key, run_id }) => `${key ?? "without a key"}/${placeOf.get(run_id)}`,
      (said) => feedbackFacts(said, stub)
    ),
    summaries: grouped(
      feedback.filter(({ run_id, session_id }) => (run_id ?? null) === null && session_id === session.id),
      ({ key }) => key ?? "without a key",
      (said) => feedbackFacts(said, stub)
    ),
    evaluatorRuns: evaluatorRunFacts(
      stub.runsOf("evaluators").filter(({ parent_run_id }) => (parent_run_id ?? null) === null)
    )
  }
}

/** By name; several of one name in some order. */
const grouped = (
  all: ReadonlyArray<Anything>,
  nameOf: (one: Anything) => string,
  factsOf: (one: Anything) => Anything
): Anything =>
  Object.fromEntries(
    Array.from(Map.groupBy(all, nameOf), ([name, members]) => [name, members.map(factsOf).sort(byText)] as const)
      .sort(([a], [b]) => a < b ? -1 : 1)
  )

const runFacts = (run: Anything, all: ReadonlyArray<Anything>): Anything =>
  defined({
    example: exampleOf(run),
    name: run.parent_run_id === undefined ? undefined : run.name,
    type: run.run_type,
    inputs: run.inputs,
    outputs: run.outputs,
    failed: run.error !== undefined,
    metadata: run.parent_run_id === undefined ? metadataFacts(run.extra?.metadata) : undefined,
    timed: run.start_time !== undefined && run.end_time !== undefined,
    rooted: run.dotted_order.split(".").length > 1 || run.trace_id === run.id,
    children: all.filter(({ parent_run_id }) => parent_run_id === run.id).map((child) => runFacts(child, all)).sort(
      byText
    )
  })

const feedbackFacts = (said: Anything, stub: Stub): Anything =>
  defined({
    score: said.score,
    value: said.value,
    comment: said.comment,
    correction: said.correction,
    config: said.feedback_config,
    error: said.error,
    // The evaluator's run can be looked at.
    source: stub.runs.has(said.feedback_source?.metadata?.__run?.run_id) ? true : undefined,
    info: defined({ ...said.feedback_source?.metadata, __run: undefined }),
    inSession: said.session_id !== undefined
  })

/** How many there are of each name, how many failed, and what they say went in. */
const evaluatorRunFacts = (runs: ReadonlyArray<Anything>): Anything =>
  Object.fromEntries(
    Array.from(Map.groupBy(runs, ({ name }) => name), ([name, members]) => [
      name,
      `${members.length} runs, ${members.filter(({ error }) => error !== undefined).length} failed, of ${
        Array.from(new Set(members.flatMap(({ inputs }) => Object.keys(inputs)))).join(", ")
      }`
    ])
  )

/** One thing that two clients tell differently. */
export interface Difference {
  readonly path: string
  readonly theirs: unknown
  readonly ours: unknown
}

/** What is told differently, place by place. Lists of records are compared by what their members have in common. */
export const differences = (theirs: Anything, ours: Anything, path = ""): ReadonlyArray<Difference> => {
  if (JSON.stringify(theirs) === JSON.stringify(ours)) return []
  const below = (name: string | number) => path === "" ? String(name) : `${path}.${name}`
  if (Array.isArray(theirs) && Array.isArray(ours)) {
    return Array.from(
      { length: Math.max(theirs.length, ours.length) },
      (_, i) => differences(theirs[i], ours[i], below(i))
    ).flat()
  }
  if (isRecord(theirs) && isRecord(ours)) {
    const names = Array.from(new Set([...Object.keys(theirs), ...Object.keys(ours)])).sort()
    return names.flatMap((name) => differences(theirs[name], ours[name], below(name)))
  }
  return [{ path, theirs, ours }]
}

const isRecord = (value: unknown): value is Record<string, Anything> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Differences in lines, `place: theirs | ours`; what is the same for all examples is one line. */
export const differenceLines = (theirs: Anything, ours: Anything): ReadonlyArray<string> =>
  Array.from(
    new Set(
      differences(theirs, ours).map(({ ours, path, theirs }) =>
        `${path.replace(/\/0\d\b/, "/*").replace(/\.\d+\b/g, "")}: ${show(theirs)} | ${show(ours)}`
      )
    )
  ).sort()

const show = (value: unknown): string => {
  if (value === undefined) return "nothing"
  const text = JSON.stringify(value)
  return text.length <= 100 ? text : `${text.slice(0, 40)}...`
}
