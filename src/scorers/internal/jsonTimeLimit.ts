/** Running code that may not end by itself, such as a backtracking regular expression in a schema of the user. */
import * as Predicate from "effect/Predicate"
import * as Vm from "node:vm"

/** The code was stopped. */
export class TookTooLong extends Error {}

/**
 * Runs `f` and stops it after so many milliseconds: the watchdog of `node:vm` is the only thing that gets in between
 * while a regular expression is at work. It costs a third of a millisecond, so it is for where it may be needed.
 */
export const makeTimeLimit = (millis: number): <A>(f: () => A) => A => {
  const script = new Vm.Script("run()")
  return <A>(f: () => A): A => {
    let result: { readonly value: A } | undefined
    const context = Vm.createContext({
      run: () => {
        result = { value: f() }
      }
    })
    try {
      script.runInContext(context, { timeout: millis })
    } catch (error) {
      // It may come from another realm, where `Error` is another class.
      if (Predicate.hasProperty(error, "code") && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
        throw new TookTooLong(`it took longer than ${millis} ms`)
      }
      throw error
    }
    if (result === undefined) throw new TookTooLong(`it took longer than ${millis} ms`)
    return result.value
  }
}
