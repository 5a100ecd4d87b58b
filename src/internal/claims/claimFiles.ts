/**
 * Claims as files in a directory, also one that several machines share. Everybody who wants a claim writes a file of
 * their own and then looks for those of others; whoever sees one that is alive takes back its own. Of two that come at
 * once, at least one sees the other, so never two have the claim; files of the dead are passed over, and removed.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { hashText } from "../values/identity.ts"
import { pause } from "../values/pause.ts"
import { type ClaimStore, type Held, leaseMillis } from "./claim.ts"
import { type Holder, isGone } from "./holder.ts"

const ClaimFile = Schema.fromJsonString(Schema.Struct({
  claim: Schema.String,
  host: Schema.String,
  pid: Schema.Int,
  since: Schema.Finite,
  beat: Schema.Int
}))

const decode = Schema.decodeUnknownOption(ClaimFile)

/** All texts of a claim have the same length, so that writing one over another leaves nothing of it. */
const encode = (claim: string, { beat, host, pid, since }: Held): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({ claim: claim.slice(0, 300), host: host.slice(0, 300), pid, since, beat }).padEnd(4000) + "\n"
  )

/** How often one who came at the same time as another tries again. */
const tries = 6

export const claimFiles = (
  fileSystem: FileSystem.FileSystem,
  directory: string
): ClaimStore<PlatformError> => {
  const mine = new Map<string, { readonly key: string; held: Held }>()
  const prefixOf = (key: string): string => `${hashText(key)}-`
  const pathOf = (key: string, token: string): string => `${directory}/${prefixOf(key)}${token}.claim`

  const remove = (path: string) => Effect.ignore(fileSystem.remove(path, { force: true }))

  /** Whoever else has the claim; the time of the own file tells what time it is there. */
  const other = Effect.fnUntraced(
    function*(key: string, own: string): Effect.fn.Return<Held | undefined, PlatformError> {
      const files = (yield* fileSystem.readDirectory(directory)).filter((file) => file.startsWith(prefixOf(key)))
      const timeOf = (path: string) =>
        Effect.map(fileSystem.stat(path), ({ mtime }) => Option.getOrElse(mtime, () => new Date()).getTime())
      const now = yield* timeOf(own)
      for (const path of files.map((file) => `${directory}/${file}`)) {
        if (path === own) continue
        // It may be gone before it is looked at.
        const found = yield* Effect.option(Effect.all([timeOf(path), fileSystem.readFileString(path)]))
        if (Option.isNone(found)) continue
        const [time, text] = found.value
        const held = Option.getOrUndefined(decode(text.trim()))
        const isOver = now - time > leaseMillis || (held !== undefined && isGone(held))
        if (!isOver) return held ?? { host: "a machine that is not known yet", pid: 0, since: time, beat: -1 }
        yield* remove(path)
      }
      return undefined
    }
  )

  const tryOnce = Effect.fnUntraced(function*(key: string, token: string, holder: Holder) {
    const held = { ...holder, beat: 0 }
    const own = pathOf(key, token)
    yield* fileSystem.makeDirectory(directory, { recursive: true })
    yield* fileSystem.writeFile(own, encode(key, held))
    const found = yield* Effect.onError(other(key, own), () => remove(own))
    if (found === undefined) mine.set(token, { key, held })
    else yield* remove(own)
    return found
  })

  return {
    take: Effect.fnUntraced(function*(key, token, holder) {
      let held = yield* tryOnce(key, token, holder)
      // One that has just begun may be about to take back its file, because it has seen this one.
      for (let i = 1; i < tries && held !== undefined && held.beat <= 0; i++) {
        yield* pause(20 + Math.random() * 100)
        held = yield* tryOnce(key, token, holder)
      }
      return held
    }),
    beat: Effect.fnUntraced(function*(key, token) {
      const own = mine.get(token)
      if (own === undefined) return false
      const path = pathOf(key, token)
      // Whoever took the claim over has removed the file.
      if (!(yield* fileSystem.exists(path))) return false
      own.held = { ...own.held, beat: own.held.beat + 1 }
      const file = yield* fileSystem.open(path, { flag: "r+" })
      yield* file.writeAll(encode(key, own.held))
      return true
    }, Effect.scoped),
    release: (key, token) => {
      mine.delete(token)
      return remove(pathOf(key, token))
    }
  }
}
