/**
 * Judges: evaluators that ask a language model. The model is any of Effect's; which one, the Layers say.
 *
 * A judge sees criteria, which are yours, and data, which cannot speak to it. It reasons first and gives its verdict
 * then, as an object of a schema. An answer that cannot be read is asked for once more, with what was wrong about it; if
 * that does not help, the outcome is `Failed`, never a score of 0.
 *
 * @since 0.1.0
 */
export * from "./JudgeAgreement.ts"
export * from "./JudgeError.ts"
export * from "./JudgeMake.ts"
export * from "./JudgeModels.ts"
export * from "./JudgeOutput.ts"
export * from "./JudgePairwise.ts"
export * from "./JudgeRubric.ts"
export { aliases, type Template, type TemplateName, templates } from "./templates.ts"
