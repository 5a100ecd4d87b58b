/** Colours for terminals, and their absence. */
import { styleText } from "node:util"

export interface Style {
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
  readonly warn: (text: string) => string
}

const plain = (text: string): string => text

const styled = (format: Parameters<typeof styleText>[0]) => (text: string): string =>
  // Whether colours are wanted has been decided already; the stream must not have a second opinion.
  styleText(format, text, { validateStream: false })

/** The styles for a terminal with or without colours. */
export const makeStyle = (color: boolean): Style =>
  color
    ? { bold: styled("bold"), dim: styled("dim"), good: styled("green"), bad: styled("red"), warn: styled("yellow") }
    : { bold: plain, dim: plain, good: plain, bad: plain, warn: plain }
