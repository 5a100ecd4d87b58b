/**
 * Files that belong to an example: an image, a PDF, a sound. The bytes are read when somebody asks for them, so a
 * dataset with large attachments streams as cheaply as one without.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Crypto from "node:crypto"

/**
 * The bytes of an attachment could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export class AttachmentError extends Schema.TaggedError<AttachmentError>()("AttachmentError", {
  source: Schema.String,
  message: Schema.String,
  cause: Schema.optional(Schema.Defect())
}) {}

/**
 * One file of an example.
 *
 * @category models
 * @since 0.1.0
 */
export interface Attachment {
  /** The media type, such as `image/png`. */
  readonly mimeType: string
  /** Where the bytes come from: a URL or a path; for bytes in memory `sha256:` and their hash. */
  readonly source: string
  /** Reads the bytes. Whoever asks gets bytes of their own, to change as they like. */
  readonly bytes: Effect.Effect<Uint8Array, AttachmentError>
}

/**
 * The attachments of an example, by name.
 *
 * @category models
 * @since 0.1.0
 */
export type Attachments = { readonly [name: string]: Attachment }

/**
 * An attachment whose bytes are in memory.
 *
 * **Example** (An example with a picture)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Attachment } from "effect-evals"
 *
 * const pixel = Attachment.fromBytes(new Uint8Array([137, 80, 78, 71]), { mimeType: "image/png" })
 * const bytes = await Effect.runPromise(pixel.bytes)
 * console.log(bytes.length) // => 4
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromBytes = (data: Uint8Array, options: { readonly mimeType: string }): Attachment => {
  const own = new Uint8Array(data)
  return fromEffect(Effect.succeed(own), {
    mimeType: options.mimeType,
    source: `sha256:${Crypto.hash("sha256", own, "hex")}`
  })
}

/**
 * An attachment whose bytes are read on demand, by whatever effect you give.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromEffect = (
  bytes: Effect.Effect<Uint8Array, AttachmentError>,
  options: { readonly mimeType: string; readonly source: string }
): Attachment => ({
  mimeType: options.mimeType,
  source: options.source,
  bytes: Effect.map(bytes, (data) => new Uint8Array(data))
})

/**
 * An attachment that is a file, read on demand.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFile = Effect.fnUntraced(function*(
  path: string,
  options: { readonly mimeType: string }
) {
  const fileSystem = yield* FileSystem.FileSystem
  const attachment: Attachment = {
    mimeType: options.mimeType,
    source: path,
    bytes: Effect.mapError(fileSystem.readFile(path), (cause) =>
      new AttachmentError({
        source: path,
        message: `The attachment ${path} could not be read: ${cause.message}`,
        cause
      }))
  }
  return attachment
})
