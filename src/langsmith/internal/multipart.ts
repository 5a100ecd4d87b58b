/** Forms of JSON parts, as LangSmith takes runs, feedback and examples. */
import * as Crypto from "node:crypto"

/** Between the parts of forms: 96 random bits, so no data holds it; it stands in each part, so it is no longer than that. */
export const newBoundary = (): string => `----effect-evals-${Crypto.randomBytes(12).toString("hex")}`

/** One part of JSON. */
export const jsonPart = (boundary: string, name: string, json: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: application/json; length=${
    Buffer.byteLength(json)
  }\r\n\r\n${json}\r\n`

/** The beginning of a part of bytes. */
export const bytesPartHead = (boundary: string, name: string, mimeType: string, length: number): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"; filename="${
    quoted(name.split(".").at(-1) ?? "file")
  }"\r\nContent-Type: ${mimeType.replace(/[\r\n]/g, " ")}; length=${length}\r\n\r\n`

/** What browsers do with names (HTML, "multipart form data"). */
const quoted = (name: string): string => name.replaceAll("\"", "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A")

export const formEnd = (boundary: string): string => `--${boundary}--\r\n`

export const formType = (boundary: string): string => `multipart/form-data; boundary=${boundary}`
