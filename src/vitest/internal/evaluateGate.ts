/** Gates as suites have them. */
import * as Effect from "effect/Effect"
import * as Gate from "../../Gate.ts"

/** Holds a gate against something. Whatever it is, it is read first: a text as `Gate.parse` does, all else as data. */
export const evaluateGate = (gate: unknown, subject: Gate.Subject): Effect.Effect<Gate.Verdict, Gate.GateError> =>
  typeof gate === "string"
    ? Effect.flatMap(Gate.parse(gate), (gate) => Gate.evaluate(gate, subject))
    : Gate.evaluate(gate as Gate.Gate, subject)
