/**
 * One row of a dataset: what goes into the target, and what is known about the right answer.
 *
 * @since 0.1.0
 */
import type * as Attachment from "./Attachment.ts"
import { makeExample } from "./internal/dataset/example.ts"

/**
 * An example as the engine holds it. It is a private, frozen copy of what the dataset gave, so neither a target nor an
 * evaluator can change it. (JavaScript cannot freeze what is inside of dates, maps, sets and bytes: those are copies, and
 * a target gets copies of its own, but evaluators share them.)
 *
 * @category models
 * @since 0.1.0
 */
export interface Example<out Inputs = unknown, out ReferenceOutputs = unknown, out Metadata = unknown> {
  /** Given by the dataset or, where it gives none, derived from the content. Unique within a run. */
  readonly id: string
  /** What the target is called with. */
  readonly inputs: Inputs
  /** The expected outputs; `undefined` where the dataset has none. */
  readonly referenceOutputs: ReferenceOutputs
  /** Whatever else is known about the example. */
  readonly metadata: Metadata
  /** The splits the example belongs to, such as `["test"]`. */
  readonly splits: ReadonlyArray<string>
  /** Files, by name. */
  readonly attachments: Attachment.Attachments
  /**
   * Identifies the content (inputs, reference outputs, metadata, attachments) whatever the id, the order and the
   * splits: 32 hexadecimal digits. Computed when first asked for.
   */
  readonly contentHash: string
}

/**
 * What a dataset gives for one example.
 *
 * @category models
 * @since 0.1.0
 */
export interface Input<out Inputs, out ReferenceOutputs = undefined, out Metadata = Record<string, never>> {
  /** Default, also for an empty text: one that is derived from the content. */
  readonly id?: string | undefined
  readonly inputs: Inputs
  readonly referenceOutputs?: ReferenceOutputs | undefined
  readonly metadata?: Metadata | undefined
  readonly split?: string | ReadonlyArray<string> | undefined
  readonly attachments?: Attachment.Attachments | undefined
}

/**
 * Makes an example from what a dataset gives. The data is copied, so later changes to it do not show.
 *
 * **Example** (The id of an example without one comes from its content)
 *
 * ```ts
 * import { Example } from "effect-evals"
 *
 * const one = Example.make({ inputs: { question: "2 + 2?" }, referenceOutputs: { answer: 4 } })
 * const same = Example.make({ referenceOutputs: { answer: 4 }, inputs: { question: "2 + 2?" } })
 * console.log(one.id === same.id) // => true
 * console.log(one.contentHash === same.contentHash) // => true
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Inputs, ReferenceOutputs = undefined, Metadata = Record<string, never>>(
  input: Input<Inputs, ReferenceOutputs, Metadata>
): Example<Inputs, ReferenceOutputs, Metadata> => makeExample(input) as Example<Inputs, ReferenceOutputs, Metadata>
