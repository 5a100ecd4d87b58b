import { hashText } from "../values/identity.ts"

/**
 * The places of the runs of a row in the order in which an evaluator is shown them: drawn from the seed, so that it can be
 * told again from what is recorded. It is the caller's to change.
 */
export const presentedOrder = (
  { order, seed }: { readonly order: "random" | "both" | "given"; readonly seed: number | string },
  evaluator: string,
  contentHash: string,
  repetition: number,
  count: number
): Array<number> =>
  order === "given"
    ? Array.from({ length: count }, (_, place) => place)
    : orderOf(`${seed}/${evaluator}/${contentHash}/${repetition}`, count)

/**
 * The numbers from 0 to below `count` in an order that a text determines, each order about as often as any other: the
 * hash of the text, read as one number, names the permutation.
 */
export const orderOf = (text: string, count: number): Array<number> => {
  const order = Array.from({ length: count }, (_, i) => i)
  let rest = BigInt(`0x${hashText(text)}`)
  for (let last = count - 1; last > 0; last--) {
    const choices = BigInt(last + 1)
    const chosen = Number(rest % choices)
    rest /= choices
    const moved = order[last]!
    order[last] = order[chosen]!
    order[chosen] = moved
  }
  return order
}
