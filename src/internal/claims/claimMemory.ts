/** Claims within a process. */
import * as Effect from "effect/Effect"
import type { ClaimStore, Held } from "./claim.ts"

export const claimMemory = (): ClaimStore<never> => {
  const held = new Map<string, Held & { readonly token: string }>()
  return {
    take: (key, token, holder) =>
      Effect.sync(() => {
        const there = held.get(key)
        if (there === undefined) held.set(key, { ...holder, beat: 0, token })
        return there
      }),
    beat: (key, token) => Effect.sync(() => held.get(key)?.token === token),
    release: (key, token) =>
      Effect.sync(() => {
        if (held.get(key)?.token === token) held.delete(key)
      })
  }
}
