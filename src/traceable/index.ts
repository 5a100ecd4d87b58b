/**
 * Tracing for code that is not Effect: functions of promises, and the clients of SDKs.
 *
 * @since 0.1.0
 */
export * from "./Propagation.ts"
export * from "./Traceable.ts"
export * from "./WrapOpenAI.ts"
export * from "./WrapSdk.ts"
