/** A client behind a proxy: some of its methods are traced, everything else is its own. */
import { callTraced, type Traced } from "./call.ts"

export type Plan = Traced

/** Objects that are data or belong to the runtime, and not parts of a client. */
const isPart = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) &&
  !(value instanceof Date || value instanceof Map || value instanceof Set || value instanceof Promise ||
    value instanceof URL || value instanceof RegExp || value instanceof Error || value instanceof Headers)

export const wrapClient = <Client extends object>(
  client: Client,
  plan: (path: string) => Plan | undefined
): Client => {
  // A part is the same one each time it is asked for.
  const wrapped = new WeakMap<object, object>()

  const wrap = <Part extends object>(part: Part, path: string): Part => {
    const known = wrapped.get(part)
    // What is kept for a part is its own proxy.
    if (known !== undefined) return known as Part
    const methods = new Map<PropertyKey, unknown>()
    const proxy = new Proxy(part, {
      get(target, key) {
        // Methods and getters see the object itself: private fields are not to be had through a proxy.
        const value: unknown = Reflect.get(target, key, target)
        if (typeof key === "symbol" || key === "constructor" || /^[_$]/.test(key) || isFixed(target, key)) return value
        const inner = path === "" ? key : `${path}.${key}`
        if (typeof value === "function") {
          const made = methods.get(key)
          if (made !== undefined) return made
          const method = wrapMethod(target, value as Method, inner)
          methods.set(key, method)
          return method
        }
        return isPart(value) ? wrap(value, inner) : value
      },
      set: (target, key, value) => {
        methods.delete(key)
        return Reflect.set(target, key, value, target)
      }
    })
    wrapped.set(part, proxy)
    return proxy
  }

  const wrapMethod = (target: object, method: Method, path: string): unknown => {
    const traced = plan(path)
    const call = (...args: Array<unknown>): unknown => {
      const result = traced === undefined
        ? method.apply(target, args)
        : callTraced((...args) => method.apply(target, args), args, traced)
      // A client with other options is a client, too.
      return isPart(result) && result.constructor === client.constructor && client.constructor !== Object
        ? wrapClient(result, plan)
        : result
    }
    // A function may have properties, be it methods or a class.
    return new Proxy(method, {
      apply: (_target, _self, args: Array<unknown>) => call(...args),
      get: (target, key) => Reflect.get(target, key, target)
    })
  }

  return wrap(client, "")
}

type Method = (...args: Array<unknown>) => unknown

/** What a proxy may not give anything else for. */
const isFixed = (target: object, key: PropertyKey): boolean => {
  const descriptor = Object.getOwnPropertyDescriptor(target, key)
  return descriptor !== undefined && descriptor.configurable === false && descriptor.writable === false
}
