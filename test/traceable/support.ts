/** Evaluations of one row, and their trees in short. */
import { Effect } from "effect"
import { Dataset, Evaluation, Run } from "../../src/index.ts"
import { untraced } from "../support/run.ts"

/** The run of a target on one example. */
export const runOf = <Outputs>(
  target: (inputs: string) => Outputs,
  options: { readonly runTrees?: boolean } = {}
) =>
  Effect.map(
    untraced(
      Evaluation.run(Evaluation.make("one", { data: Dataset.fromIterable("one", [{ inputs: "a" }]), target }), options)
    ),
    (experiment) => experiment.rows[0]?.run ?? Effect.runSync(Effect.die("no row"))
  )

type Tree = { readonly childRuns: ReadonlyArray<Run.ChildRun> }

/** Names, nested. */
export const names = ({ childRuns }: Tree): ReadonlyArray<unknown> =>
  childRuns.map((child) => child.childRuns.length === 0 ? child.name : [child.name, names(child)])

export const find = (run: Tree, name: string): Run.ChildRun => {
  const found = Array.from(Run.descendants(run)).find((child) => child.name === name)
  if (found === undefined) throw new Error(`no ${name} in ${JSON.stringify(names(run))}`)
  return found
}

/** A turn of the event loop. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
