/** What became of the rows of one experiment. */

const maxMessages = 3

export class Ticket {
  /** Requests that are on their way. */
  pending = 0
  rows = { offered: 0, sent: 0, kept: 0, lost: 0, rejected: 0 }
  /** Requests that hold no rows (the session, summaries) and did not get through. */
  others = 0
  readonly #messages = new Set<string>()
  #waiting: Array<() => void> = []

  begin(rows: number): void {
    this.pending++
    this.rows.offered += rows
  }

  settle(): void {
    this.pending--
    if (this.pending > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  onSettled(resume: () => void): void {
    this.#waiting.push(resume)
  }

  sent(rows: number): void {
    this.rows.sent += rows
  }

  /** They are in the spool. */
  keep(rows: number, why: string): void {
    this.rows.kept += rows
    if (rows === 0) this.others++
    this.#say(why)
  }

  /** They were in the spool, and are there no more. */
  unkeep(rows: number, sent: boolean): void {
    this.rows.kept -= rows
    if (sent) this.rows.sent += rows
    if (rows === 0) this.others--
  }

  lose(rows: number, how: "lost" | "rejected", why: string): void {
    this.rows[how] += rows
    if (rows === 0) this.others++
    this.#say(why)
  }

  get why(): string {
    return Array.from(this.#messages).join(" ")
  }

  #say(why: string): void {
    if (this.#messages.size < maxMessages) this.#messages.add(why)
  }
}
