/**
 * Who may write where. On a terminal, progress stands in the last lines and is drawn again and again; whatever else is
 * written goes above it. Where stdout is for machines, only what is meant for them gets there.
 */
import type { Globals } from "./invocation.ts"

/** What the live display of `Progress` writes: back to its first line, and clear from there. */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const redraw = /^\u001b\[\d+A\r\u001b\[J/

type Write = (text: string | Uint8Array, done?: () => void) => boolean

export interface Screen {
  /** A line for machines. */
  readonly machine: (line: unknown) => void
  /** Data that was asked for, as it is. */
  readonly data: (text: string) => void
  /** What was asked for: a report, a list. */
  readonly human: (text: string) => void
  /** What is to be known besides. */
  readonly notice: (text: string) => void
  /** What went wrong; said even when all else is not. */
  readonly error: (text: string) => void
  /** Draws the progress, in the place of what it drew before. */
  readonly live: (text: string) => void
  /** Leaves what is drawn where it is. */
  readonly endLive: () => void
  /** What is said at the first signal to stop. */
  readonly stopping: { notice: string }
  readonly color: boolean
  /** How many columns there are for people; `undefined` where nothing says so. */
  readonly width: number | undefined
  readonly json: boolean
  readonly quiet: boolean
  /** Writes what is still to be written. */
  readonly flush: () => Promise<void>
}

/** Takes over stdout and stderr of the process until it ends. */
export const openScreen = ({ json, noColor, quiet }: Globals): Screen => {
  const { stderr, stdout } = process
  const toStdout: Write = stdout.write.bind(stdout)
  const toStderr: Write = stderr.write.bind(stderr)
  // Whoever reads the output may stop reading (`| head`); that is no reason to stop an evaluation.
  for (const stream of [stdout, stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error
    })
  }

  let drawn = ""
  const lines = () => drawn.split("\n").length - 1
  /** Writes with the drawing out of the way. */
  const above = (write: Write) => (text: string | Uint8Array, done?: () => void): boolean => {
    if (drawn === "") return write(text, done)
    toStderr(`\u001b[${lines()}A\r\u001b[J`)
    const content = typeof text === "string" ? text : Buffer.from(text).toString()
    const written = write(content === "" || content.endsWith("\n") ? content : `${content}\n`, done)
    toStderr(drawn)
    return written
  }
  const outWriter = above(toStdout)
  const errWriter = above(toStderr)
  // What a target prints is not for the machine that reads stdout.
  stdout.write = patched(json ? errWriter : outWriter)
  stderr.write = patched(errWriter)

  const { FORCE_COLOR = "", NO_COLOR = "", TERM } = process.env
  const color = !noColor && NO_COLOR === "" && TERM !== "dumb" &&
    ((FORCE_COLOR !== "" && FORCE_COLOR !== "0") || (json ? stderr : stdout).isTTY === true)
  const say = (write: Write) => (text: string) => {
    if (!quiet) write(text.endsWith("\n") ? text : `${text}\n`)
  }
  return {
    stopping: { notice: "Stopping. What is in flight is interrupted; Ctrl-C again ends at once." },
    color,
    width: (json ? stderr : stdout).isTTY === true ? (json ? stderr : stdout).columns || undefined : undefined,
    json,
    quiet,
    machine: (line) => void (json && outWriter(`${JSON.stringify(line)}\n`)),
    data: (text) => void outWriter(text),
    human: say(json ? errWriter : outWriter),
    notice: say(errWriter),
    error: (text) => void errWriter(text.endsWith("\n") ? text : `${text}\n`),
    live: (text) => {
      toStderr(text)
      if (stderr.isTTY) drawn = text.replace(redraw, "")
    },
    endLive: () => {
      drawn = ""
    },
    flush: async () => {
      for (const write of [toStdout, toStderr]) {
        await new Promise<void>((resolve) => {
          // A stream that is broken never says that it is done.
          const timer = setTimeout(resolve, 1000)
          write("", () => {
            clearTimeout(timer)
            resolve()
          })
        })
      }
    }
  }
}

/** `write` of a stream takes an encoding, too. */
const patched = (write: Write): typeof process.stdout.write =>
  // The signature has overloads; both come to this.
  ((text: string | Uint8Array, encoding?: BufferEncoding | (() => void), done?: () => void) =>
    write(text, typeof encoding === "function" ? encoding : done)) as typeof process.stdout.write
