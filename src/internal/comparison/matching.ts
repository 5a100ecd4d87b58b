/** Which examples of two experiments are the same: by their content, whatever their ids. */
import type * as Example from "../../Example.ts"
import type * as Row from "../../Row.ts"
import { hashOf } from "../values/identity.ts"

/** An example and its rows: one for each repetition that is there. */
export interface ExampleRows<out R extends Row.Row = Row.Row> {
  readonly example: Example.Example
  readonly rows: ReadonlyArray<R>
}

/** The rows by example, in the order in which the examples first come. */
export const rowsByExample = <R extends Row.Row>(rows: Iterable<R>): Array<ExampleRows<R>> => {
  const examples = new Map<string, { readonly example: Example.Example; readonly rows: Array<R> }>()
  for (const row of rows) {
    const found = examples.get(row.example.id)
    if (found === undefined) examples.set(row.example.id, { example: row.example, rows: [row] })
    else found.rows.push(row)
  }
  return Array.from(examples.values())
}

export interface Matching<A extends Row.Row, B extends Row.Row> {
  /** In the order of the first. */
  readonly matched: ReadonlyArray<{ readonly first: ExampleRows<A>; readonly second: ExampleRows<B> }>
  /** The same id, but other content. */
  readonly changed: ReadonlyArray<{ readonly first: ExampleRows<A>; readonly second: ExampleRows<B> }>
  readonly onlyFirst: ReadonlyArray<ExampleRows<A>>
  readonly onlySecond: ReadonlyArray<ExampleRows<B>>
}

/**
 * Matches examples. Those with the same id and content belong together; of the others, those with the same content, in
 * the order in which they come, and those with the same id that differ in their metadata alone; of what is left, those
 * with the same id are the same example, but changed.
 */
export const matchExamples = <A extends Row.Row, B extends Row.Row>(
  first: ReadonlyArray<ExampleRows<A>>,
  second: ReadonlyArray<ExampleRows<B>>
): Matching<A, B> => {
  const byId = new Map(second.map((rows) => [rows.example.id, rows]))
  const partners = new Map<ExampleRows<A>, ExampleRows<B>>()
  const left = new Set(second)
  const join = (one: ExampleRows<A>, other: ExampleRows<B>) => {
    partners.set(one, other)
    left.delete(other)
  }

  for (const one of first) {
    const other = byId.get(one.example.id)
    if (other !== undefined && isSame(one.example, other.example)) join(one, other)
  }
  const unmatched = first.filter((one) => !partners.has(one))
  if (unmatched.length > 0 && left.size > 0) {
    const byContent = Map.groupBy(left, ({ example }) => example.contentHash)
    for (const one of unmatched) {
      const other = byContent.get(one.example.contentHash)?.shift()
      if (other !== undefined) join(one, other)
    }
    for (const one of unmatched) {
      const other = byId.get(one.example.id)
      if (partners.has(one) || other === undefined || !left.has(other)) continue
      // Metadata that was added or mended makes no other task.
      if (taskHash(one.example) === taskHash(other.example)) join(one, other)
    }
  }

  const onlyFirst: Array<ExampleRows<A>> = []
  const changed: Array<Matching<A, B>["changed"][number]> = []
  for (const one of first) {
    if (partners.has(one)) continue
    const other = byId.get(one.example.id)
    if (other !== undefined && left.delete(other)) changed.push({ first: one, second: other })
    else onlyFirst.push(one)
  }
  return {
    matched: first.flatMap((one) => {
      const other = partners.get(one)
      return other === undefined ? [] : [{ first: one, second: other }]
    }),
    changed,
    onlyFirst,
    onlySecond: Array.from(left)
  }
}

/** The examples that all have, in the order of the first: the rows of each in every one of them. */
export const sharedExamples = <R extends Row.Row>(
  [first, ...others]: ReadonlyArray<ReadonlyArray<ExampleRows<R>>>
): Array<readonly [ExampleRows<R>, ...Array<ExampleRows<R>>]> => {
  if (first === undefined) return []
  const partners = others.map((examples) =>
    new Map(matchExamples(first, examples).matched.map((match) => [match.first, match.second]))
  )
  return first.flatMap((rows) => {
    const found = partners.map((partner) => partner.get(rows))
    return found.every((other) => other !== undefined) ? [[rows, ...found] as const] : []
  })
}

const taskHash = ({ attachments, inputs, referenceOutputs }: Example.Example): string =>
  hashOf({
    inputs,
    referenceOutputs,
    attachments: Object.entries(attachments).map(([name, { source }]) => [name, source])
  })

/** Two runs on one dataset have the very same examples; others have to be looked into. */
const isSame = (one: Example.Example, other: Example.Example): boolean =>
  one === other || one.contentHash === other.contentHash
