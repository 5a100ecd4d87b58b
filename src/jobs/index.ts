/**
 * Evaluations as durable jobs: submit, ask, wait, cancel; on one machine or on many.
 *
 * @since 0.1.0
 */
export * as EvaluationJob from "./EvaluationJob.ts"
export * as EvaluationJobs from "./EvaluationJobs.ts"
export * from "./JobError.ts"
export * as JobStatus from "./JobStatus.ts"
export * as JobMigrations from "./Migrations.ts"
