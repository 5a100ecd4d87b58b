/** Texts that come from outside, made fit for a line of a terminal. */
import { shorten } from "../internal/values/describe.ts"

/**
 * The text in a line: control characters (which move cursors and change colours) and invisible ones (which turn the
 * reading direction) are replaced.
 */
export const oneLine = (text: string, limit?: number): string =>
  shorten(text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "\uFFFD"), limit ?? text.length)
