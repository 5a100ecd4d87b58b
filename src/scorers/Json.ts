/**
 * Data and JSON: whether a text is JSON, whether data are the same, alike, complete, or of the shape that a schema
 * says.
 *
 * @since 0.1.0
 */
export * from "./JsonComparers.ts"
export * from "./JsonConformance.ts"
export * from "./JsonEquality.ts"
export * from "./JsonFields.ts"
export * from "./JsonSimilarity.ts"
export * from "./JsonText.ts"
