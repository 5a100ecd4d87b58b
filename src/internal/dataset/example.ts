import type * as Attachment from "../../Attachment.ts"
import type { Example, Input } from "../../Example.ts"
import { canonicalJson } from "../values/canonicalJson.ts"
import { snapshot } from "../values/clone.ts"
import { hashOf, uuidOfHash } from "../values/identity.ts"
import type { Position } from "./datasetError.ts"

const noSplits: ReadonlyArray<string> = Object.freeze([])
const noAttachments: Attachment.Attachments = Object.freeze({})
const noMetadata = Object.freeze({})

class ExampleImpl implements Example {
  readonly id: string
  readonly inputs: unknown
  readonly referenceOutputs: unknown
  readonly metadata: unknown
  readonly splits: ReadonlyArray<string>
  readonly attachments: Attachment.Attachments
  #contentHash: string | undefined
  readonly #position: Position | undefined

  constructor(
    id: string | undefined,
    contentHash: string | undefined,
    fields: Omit<Example, "id" | "contentHash">,
    position?: Position
  ) {
    this.#contentHash = contentHash
    this.#position = position
    this.inputs = fields.inputs
    this.referenceOutputs = fields.referenceOutputs
    this.metadata = fields.metadata
    this.splits = fields.splits
    this.attachments = fields.attachments
    this.id = id ?? uuidOfHash(this.contentHash)
    Object.freeze(this)
  }

  static positionOf(example: Example): Position | undefined {
    return #position in example ? example.#position : undefined
  }

  /** LangSmith's name for the reference outputs, for evaluators that were written for it. */
  get outputs(): unknown {
    return this.referenceOutputs
  }

  get contentHash(): string {
    return this.#contentHash ??= hashOf({
      // In the order in which they are hashed, so that nobody has to sort them.
      attachments: mapAttachments(this.attachments, ({ mimeType, source }) => [mimeType, source]),
      inputs: this.inputs,
      metadata: this.metadata,
      referenceOutputs: this.referenceOutputs
    })
  }
}

/** Frozen, and surely with a hash: content that refers to itself is better refused here than when a row is written. */
const contentOf = (value: unknown): unknown => snapshot(value, canonicalJson)

/** Where an example stood, if it was read from a file as it is. */
export const positionOf = (example: Example): Position | undefined => ExampleImpl.positionOf(example)

/** Makes an example from what a dataset gives. */
export const makeExample = (input: Input<unknown, unknown, unknown>, position?: Position): Example =>
  // An empty text names nothing; in files, an empty cell stands for none.
  new ExampleImpl(input.id === "" ? undefined : input.id, undefined, {
    inputs: contentOf(input.inputs),
    referenceOutputs: contentOf(input.referenceOutputs),
    metadata: input.metadata === undefined ? noMetadata : contentOf(input.metadata),
    splits: splitsOf(input.split),
    attachments: input.attachments === undefined ? noAttachments : attachmentsOf(input.attachments)
  }, position)

/** An example that was recorded: its hash is that of the data it was made from, which JSON may not hold in full. */
export const restoreExample = (id: string, contentHash: string, fields: Omit<Example, "id" | "contentHash">): Example =>
  new ExampleImpl(id, contentHash, fields)

const mapAttachments = <A>(
  attachments: Attachment.Attachments,
  f: (attachment: Attachment.Attachment) => A
): { readonly [name: string]: A } =>
  attachments === noAttachments
    ? {}
    : Object.fromEntries(Object.entries(attachments).map(([name, attachment]) => [name, f(attachment)]))

const attachmentsOf = (attachments: Attachment.Attachments): Attachment.Attachments =>
  Object.freeze(
    mapAttachments(attachments, ({ bytes, mimeType, source }) => Object.freeze({ mimeType, source, bytes }))
  )

const splitsOf = (split: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  split === undefined ? noSplits : Object.freeze(typeof split === "string" ? [split] : [...split])
