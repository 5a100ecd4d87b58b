/**
 * Reports on experiments.
 *
 * @since 0.1.0
 */
export * as Csv from "./Csv.ts"
export * as GitHub from "./GitHub.ts"
export * as Html from "./Html.ts"
export * as Json from "./Json.ts"
export * as Jsonl from "./Jsonl.ts"
export * as JUnit from "./JUnit.ts"
export * as Markdown from "./Markdown.ts"
export * as Terminal from "./Terminal.ts"
