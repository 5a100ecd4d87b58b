import type { Normalization } from "../TextNormalization.ts"
import type { Own } from "./scorer.ts"

/** The options that say what does not count when texts are compared. */
export const normalizationNames: Own<Normalization> = {
  unicode: true,
  ignoreCase: true,
  ignorePunctuation: true,
  ignoreArticles: true,
  whitespace: true
}
