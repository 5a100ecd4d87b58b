/**
 * A run that is one of several parts of a whole, which run beside one another, perhaps on other machines: its limits are
 * its share of those of the whole. So they hold for the whole, and the parts need not ask one another.
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
   * What rate limits without a key of their own count under, so that those of other wholes do not count with them. If
   * `divided`, the parts have different limiters, and each gets its share of the rate.
   */
  readonly rates: { readonly key: string; readonly divided: boolean }
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
    ...(rateLimit === undefined ? {} : { rateLimit: shareOfRate(share, name, rateLimit) })
  }
}

const shareOfRate = (share: Share, name: string, rateLimit: Execution.RateLimit): Execution.RateLimit => {
  const { divided, key } = share.rates
  return divided
    ? { ...rateLimit, key: `${key}/${rateLimit.key ?? name}/${share.part}`, limit: shareOf(share, rateLimit.limit) }
    : { ...rateLimit, key: rateLimit.key ?? `${key}/${name}` }
}
