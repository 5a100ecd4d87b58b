/**
 * Things that come and go, in no order.
 *
 * A `Set` would do, but for memory: when a `Set` that many things went through is rebuilt, its old table refers to the new
 * one. Once a table is in V8's old generation, all tables after it, and all that was in them, are kept until the next full
 * collection: near half of the garbage of a long run.
 */
export class Bag<A extends Member> {
  readonly #members: Array<A> = []

  get size(): number {
    return this.#members.length
  }

  add(member: A): void {
    member.slot = this.#members.length
    this.#members.push(member)
  }

  /** Takes one out, if it is in. */
  delete(member: A): void {
    if (this.#members[member.slot] !== member) return
    const last = this.#members.pop()
    if (last === undefined || last === member) return
    this.#members[member.slot] = last
    last.slot = member.slot
  }

  toArray(): Array<A> {
    return Array.from(this.#members)
  }
}

export interface Member {
  /** Where it is in the bag it is in. */
  slot: number
}
