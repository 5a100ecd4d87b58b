/** Ids and hashes. */
import * as Crypto from "node:crypto"
import { canonicalJson } from "./canonicalJson.ts"

/**
 * A UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits, so ids sort by creation time to
 * the millisecond. Made from the runtime's own random UUID, which is an order of magnitude faster than filling bytes.
 */
export const uuidV7 = (epochMillis: number): string => {
  const random = Crypto.randomUUID()
  const time = Math.floor(epochMillis).toString(16).padStart(12, "0")
  return time.slice(0, 8) + "-" + time.slice(8, 12) + "-7" + random.slice(15)
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/**
 * Makes ids for things that are many: UUIDs version 7 whose random part is drawn once and whose last 32 bits count
 * (RFC 9562, section 6.2, "fixed bit-length dedicated counter"). They sort in the order in which they are made.
 */
export const makeUuids = (): (epochMillis: number) => string => {
  const fixed = Crypto.randomUUID().slice(15, 28)
  let counter = 0
  let lastMillis = -1
  let lastHigh = -1
  // All but the last two digits, which stay the same for up to 256 ids.
  let prefix = ""
  return (epochMillis) => {
    const millis = Math.max(lastMillis, Math.floor(epochMillis))
    counter = (counter + 1) >>> 0
    const high = counter >>> 8
    if (millis !== lastMillis || high !== lastHigh) {
      lastMillis = millis
      lastHigh = high
      const hex = millis.toString(16).padStart(12, "0")
      prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${fixed}${high.toString(16).padStart(6, "0")}`
    }
    return prefix + hexBytes[counter & 255]
  }
}

/** A stable hash of data: 128 bits of SHA-256 over its canonical text, as 32 hexadecimal digits. */
export const hashOf = (value: unknown): string => hashText(canonicalJson(value))

/** The same for a text. */
export const hashText = (text: string): string => Crypto.hash("sha256", text, "hex").slice(0, 32)

/** A hash as a UUID version 8 (RFC 9562, section 5.8: "custom"), for servers that accept nothing but UUIDs. */
export const uuidOfHash = (hash: string): string =>
  hash.slice(0, 8) + "-" + hash.slice(8, 12) + "-8" + hash.slice(13, 16) + "-a" + hash.slice(17, 20) + "-" +
  hash.slice(20, 32)

/**
 * The id of a span as a UUID version 7, for servers that accept nothing but UUIDs: 48 bits of milliseconds, and the span's
 * own id where the random bits are. The same span has the same id wherever it is asked for.
 */
export const uuidOfSpan = (epochMillis: number, spanId: string): string => {
  const time = Math.floor(epochMillis).toString(16).padStart(12, "0")
  const id = /^[0-9a-f]{16}$/.test(spanId) ? spanId : hashText(spanId).slice(0, 16)
  const variant = (8 + (parseInt(id.slice(3, 4), 16) & 3)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${id.slice(0, 3)}-${variant}${id.slice(4, 7)}-${id.slice(7)}${
    hashText(id).slice(0, 3)
  }`
}
