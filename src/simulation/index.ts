/**
 * Conversations of several turns as targets: an app, and a user who is played.
 *
 * @since 0.1.0
 */
export * as SimulatedUser from "./SimulatedUser.ts"
export * as Simulation from "./Simulation.ts"
