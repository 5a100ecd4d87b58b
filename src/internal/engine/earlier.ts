/** Which experiments a run goes on from. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Evaluation from "../../Evaluation.ts"
import type * as Experiment from "../../Experiment.ts"
import { ExperimentSource, ExperimentSourceError } from "../../ExperimentSource.ts"
import type * as Target from "../../Target.ts"
import { type Claim, claim, type ExperimentInUse } from "../claims/claim.ts"
import { TypeId } from "./target.ts"

type WhenInUse = Evaluation.Earlier["whenInUse"]

interface EarlierExperiments<Outputs> extends Claim {
  /** What an experiment that goes on from them is called. */
  readonly name: string
  readonly experiments: ReadonlyArray<Experiment.Experiment<unknown, Outputs>>
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The experiments of a name, or one with those that went on from it, claimed until the scope closes. */
export const earlierExperiments = Effect.fnUntraced(function*<Outputs, R>(
  target: Target.Target<never, unknown, unknown, R>,
  idOrName: string,
  options: { readonly outputs: Schema.ConstraintCodec<Outputs, unknown>; readonly whenInUse: WhenInUse }
): Effect.fn.Return<
  EarlierExperiments<Outputs>,
  ExperimentSourceError | ExperimentInUse,
  R | ExperimentSource | Scope.Scope
> {
  const source = yield* ExperimentSource
  const first = yield* source.withId(idOrName)
  // Nobody names an experiment so, and with a wrong id nothing would be found that is done already.
  if (first === undefined && uuid.test(idOrName)) return yield* notFound(source, idOrName)
  const name = first?.name ?? idOrName
  const { lost } = yield* claim(source.claims, name, options.whenInUse ?? "fail")
  const all = yield* source.named(name)
  const headers = first === undefined ? all : followers(first, all)
  // What is no target is found out when the evaluation is run.
  const fingerprint = Predicate.hasProperty(target, TypeId) ? (yield* target.describe).fingerprint : undefined
  const ofTarget = headers.filter((header) => header.target.fingerprint === fingerprint)
  if (ofTarget.length === 0 && headers.length > 0) {
    yield* Effect.logWarning(
      `Nothing of ${name} is taken over: its target has changed since. If it is the same, give it a version, which then ` +
        `stands for the text of its function.`
    )
  }
  const experiments = yield* Effect.forEach(ofTarget, ({ id }) => source.read(id, { outputs: options.outputs }))
  return { name, experiments, lost }
})

interface ExistingExperiment<I, O, Ref, M> extends Claim {
  readonly experiment: Experiment.Experiment<I, O, Ref, M>
  /** It, and those that went on from it. */
  readonly experiments: ReadonlyArray<Experiment.Experiment<I, O, Ref, M>>
}

/** The experiment to judge, claimed until the scope closes. */
export const existingExperiment = Effect.fnUntraced(function*<I, O, Ref, M>(
  idOrName: string,
  data: Experiment.DataSchemas<I, O, Ref, M>,
  options: { readonly name: string | undefined; readonly whenInUse: WhenInUse }
): Effect.fn.Return<
  ExistingExperiment<I, O, Ref, M>,
  ExperimentSourceError | ExperimentInUse,
  ExperimentSource | Scope.Scope
> {
  const source = yield* ExperimentSource
  const withId = yield* source.withId(idOrName)
  const newest = withId ?? (yield* source.named(idOrName)).at(-1)
  if (newest === undefined) return yield* notFound(source, idOrName)
  const { lost } = yield* claim(
    source.claims,
    withId === undefined ? newest.name : newest.id,
    options.whenInUse ?? "fail"
  )
  const ofName = yield* source.named(newest.name)
  const ofOtherName = options.name === undefined || options.name === newest.name
    ? []
    : yield* source.named(options.name)
  const all = [...ofName, ...ofOtherName].sort((a, b) => a.startTime - b.startTime)
  const last = withId ?? ofName.at(-1) ?? newest
  let best: Experiment.Experiment<I, O, Ref, M> = yield* source.read(last.id, data)
  // One that judged or went on from another, and was cut short, may have fewer rows than that one. One that is whole has
  // the rows that were wanted, however many others had.
  const candidates = withId === undefined && best.status !== "completed" ? origins(last, ofName) : []
  for (const { id } of candidates.toReversed()) {
    if (id === last.id) continue
    const experiment = yield* source.read(id, data)
    if (experiment.rows.length > best.rows.length) best = experiment
  }
  const experiment = best
  const experiments = yield* Effect.forEach(
    followers(experiment, all),
    ({ id }) => id === experiment.id ? Effect.succeed(experiment) : source.read(id, data)
  )
  return { experiment, experiments, lost }
})

/** An experiment, and those among others that went on from it; all are in the order in which they began. */
const followers = (
  first: Experiment.Header,
  all: ReadonlyArray<Experiment.Header>
): ReadonlyArray<Experiment.Header> => {
  const ids = new Set([first.id])
  const later = all.filter((header) => {
    const goesOn = header.resumes?.some((id) => ids.has(id)) === true
    if (goesOn) ids.add(header.id)
    return goesOn && header.id !== first.id
  })
  return [first, ...later]
}

/** An experiment, and those among others that it went on from, in the order in which they began. */
const origins = (
  last: Experiment.Header,
  all: ReadonlyArray<Experiment.Header>
): ReadonlyArray<Experiment.Header> => {
  const ids = new Set([last.id])
  return all.toReversed().filter((header) => {
    if (!ids.has(header.id)) return false
    for (const id of header.resumes ?? []) ids.add(id)
    return true
  }).toReversed()
}

const notFound = (source: ExperimentSource["Service"], idOrName: string): ExperimentSourceError =>
  new ExperimentSourceError({
    source: source.name,
    reason: "NotFound",
    message: `There is no experiment with the id or name ${idOrName} in ${source.name}.`
  })
