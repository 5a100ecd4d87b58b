import type * as Attachment from "../Attachment.ts"
import type { Example, Input } from "../Example.ts"
import { snapshot } from "./clone.ts"
import { hashOf, uuidOfHash } from "./identity.ts"

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

  constructor(id: string | undefined, contentHash: string | undefined, fields: Omit<Example, "id" | "contentHash">) {
    this.#contentHash = contentHash
    this.inputs = fields.inputs
    this.referenceOutputs = fields.referenceOutputs
    this.metadata = fields.metadata
    this.splits = fields.splits
    this.attachments = fields.attachments
    this.id = id ?? uuidOfHash(this.contentHash)
  }

  get contentHash(): string {
    return this.#contentHash ??= hashOf({
      inputs: this.inputs,
      referenceOutputs: this.referenceOutputs,
      metadata: this.metadata,
      attachments: Object.entries(this.attachments).map(([name, { mimeType, source }]) => [name, mimeType, source])
    })
  }
}

/** Makes an example from what a dataset gives. */
export const makeExample = (input: Input<unknown, unknown, unknown>): Example =>
  new ExampleImpl(input.id, undefined, {
    inputs: snapshot(input.inputs),
    referenceOutputs: snapshot(input.referenceOutputs),
    metadata: input.metadata === undefined ? noMetadata : snapshot(input.metadata),
    splits: splitsOf(input.split),
    attachments: input.attachments === undefined ? noAttachments : Object.freeze({ ...input.attachments })
  })

/** An example that was recorded: its hash is that of the data it was made from, which JSON may not hold in full. */
export const restoreExample = (id: string, contentHash: string, fields: Omit<Example, "id" | "contentHash">): Example =>
  new ExampleImpl(id, contentHash, fields)

const splitsOf = (split: string | ReadonlyArray<string> | undefined): ReadonlyArray<string> =>
  split === undefined ? noSplits : Object.freeze(typeof split === "string" ? [split] : [...split])
