/** The labels of one key where examples are repeated: what most of an example's repetitions say. */
import { majorityVote } from "../../statistics/MajorityVote.ts"

/** Takes labels by example, and holds those whose repetitions are not all there yet. */
export class RepeatedLabels {
  /** How many examples come out with each label. */
  readonly counts = new Map<string, number>()
  /** Examples whose labels do not decide. */
  undecided = 0
  readonly #pending = new Map<number, Array<string>>()

  add(example: number, label: string): void {
    const labels = this.#pending.get(example)
    if (labels === undefined) this.#pending.set(example, [label])
    else labels.push(label)
  }

  /** No more labels of this example will come. */
  complete(example: number): void {
    const labels = this.#pending.get(example)
    if (labels === undefined) return
    this.#pending.delete(example)
    const { winner } = majorityVote(labels)
    if (winner === undefined) this.undecided++
    else this.counts.set(winner, (this.counts.get(winner) ?? 0) + 1)
  }
}
