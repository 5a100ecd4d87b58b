/**
 * A run that is one of several parts of a whole, which run beside one another, perhaps on other machines: its places are
 * its share of those of the whole. So they hold for the whole, and the parts need not ask one another. Rates the parts
 * count together, by their key.
 */
import * as Context from "effect/Context"
import type * as Execution from "../../Execution.ts"
import type { Resolved } from "./settings.ts"

export interface Share {
  /** Which part this is, from 0. */
  readonly part: number
  /** How many parts there are. No limit is divided among more parts than it has places. */
  readonly parts: number
  /** No more targets at once than this, whatever the share: what there is room for where the part runs. */
  readonly room: number
  /**
   * What rate limits without a key of their own count under, so that the parts count together, and those of other wholes
   * not with them.
   */
  readonly rateKey: string
}

/** The share of a run; without one it is the whole. */
export const Share = Context.Reference<Share | undefined>("effect-evals/Share", { defaultValue: () => undefined })

/** The share of so many: the first parts get one more where it does not come out even. */
const shareOf = ({ part, parts }: Share, whole: number): number =>
  Math.max(1, Math.floor(whole / parts) + (part < whole % parts ? 1 : 0))

export const shareOfSettings = (share: Share | undefined, settings: Resolved): Resolved =>
  share === undefined ? settings : {
    ...settings,
    concurrency: Math.min(share.room, shareOf(share, settings.concurrency)),
    evaluatorConcurrency: shareOf(share, settings.evaluatorConcurrency)
  }

export const shareOfLimits = (
  share: Share | undefined,
  name: string,
  options: Execution.Options
): Execution.Options => {
  if (share === undefined) return options
  const { concurrency, rateLimit } = options
  return {
    ...options,
    ...(concurrency === undefined ? {} : { concurrency: shareOf(share, concurrency) }),
    ...(rateLimit === undefined
      ? {}
      : { rateLimit: { ...rateLimit, key: rateLimit.key ?? `${share.rateKey}/${name}` } })
  }
}
