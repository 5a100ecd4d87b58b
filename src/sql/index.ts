/**
 * Experiments and datasets in a SQL database.
 *
 * @since 0.1.0
 */
export * as DatasetStore from "./DatasetStore.ts"
export * as ExperimentStore from "./ExperimentStore.ts"
export * as Migrations from "./Migrations.ts"
export * as SqliteClient from "./SqliteClient.ts"
export * from "./StoreError.ts"
