/** The binomial distribution with probability 1/2, which the exact tests on signs come down to. */
import cumulative from "@stdlib/stats-base-dists-binomial-cdf"

/** The probability of at most `heads` heads in so many tosses. */
export const atMost = (heads: number, tosses: number): number => heads < 0 ? 0 : cumulative(heads, tosses, 0.5)

/** The two-sided p-value of so many heads and tails: twice the smaller tail, at most 1. */
export const twoSided = (heads: number, tails: number): number =>
  heads === tails ? 1 : Math.min(1, 2 * atMost(Math.min(heads, tails), heads + tails))
