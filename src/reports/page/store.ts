/** The data in the page: unpacked when they are asked for. */
import type { PageData, RowData } from "../internal/html/pageData.ts"
import { byId } from "./dom.ts"

const unpack = async (id: string): Promise<string> => {
  const characters = atob(byId(id).textContent)
  const bytes = new Uint8Array(characters.length)
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i)
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
}

const keptBlocks = 6

/** Longer than this nobody waits for a key. */
const sliceMillis = 8

/** When nothing else is to be done, such as to draw what was found; not all browsers can tell. */
const turn = (): Promise<void> =>
  new Promise((resume) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => resume(), { timeout: 200 })
    else setTimeout(resume)
  })

export class Store {
  readonly page: PageData
  readonly #blocks = new Map<string, Promise<ReadonlyArray<RowData>>>()
  /** By experiment, what the search looks through: all texts of a row in small letters, once they were read. */
  readonly #texts: ReadonlyArray<Array<string>>
  readonly #read: Array<number>
  readonly #previews: ReadonlyArray<ReadonlyArray<string>>

  private constructor(page: PageData) {
    this.page = page
    this.#texts = page.experiments.map(() => [])
    this.#read = page.experiments.map(() => 0)
    this.#previews = page.experiments.map(({ exampleId, inputs, outputs }) =>
      exampleId.map((id, i) => `${id}\n${inputs[i] ?? ""}\n${outputs[i] ?? ""}`.toLowerCase())
    )
  }

  static async open(): Promise<Store> {
    // The data were written for this program, by the version that is beside it in the file.
    return new Store(JSON.parse(await unpack("data")) as PageData)
  }

  /** Everything of a row. */
  async row(experiment: number, place: number): Promise<RowData | undefined> {
    const size = this.page.experiments[experiment]?.blockSize ?? 1
    return (await this.#block(experiment, Math.floor(place / size)))[place % size]
  }

  #block(experiment: number, block: number): Promise<ReadonlyArray<RowData>> {
    const id = `rows-${experiment}-${block}`
    const known = this.#blocks.get(id)
    if (known !== undefined) return known
    const read = unpack(id).then((text) => text.split("\n").map((line) => JSON.parse(line) as RowData))
    this.#blocks.set(id, read)
    for (const old of this.#blocks.keys()) if (this.#blocks.size > keptBlocks) this.#blocks.delete(old)
    return read
  }

  /** What a search finds something in: all of a row or, before that was read, its first words. */
  text(experiment: number, place: number): string {
    return this.#texts[experiment]?.[place] ?? this.#previews[experiment]?.[place] ?? ""
  }

  /** How much of an experiment's text was read, from 0 to 1. */
  textShare(experiment: number): number {
    const rows = this.page.experiments[experiment]?.index.length ?? 0
    return rows === 0 ? 1 : (this.#read[experiment] ?? 0) / rows
  }

  /** Reads all text of an experiment, block by block, so that the page stays quick; says so now and then. */
  async readTexts(experiment: number, progress: () => void): Promise<void> {
    const data = this.page.experiments[experiment]
    const texts = this.#texts[experiment]
    if (data === undefined || texts === undefined || this.#read[experiment] !== 0) return
    for (let block = 0; block * data.blockSize < data.index.length; block++) {
      const lines = (await unpack(`rows-${experiment}-${block}`)).split("\n")
      let begun = performance.now()
      for (const [i, line] of lines.entries()) {
        const place = block * data.blockSize + i
        const parts = [this.#previews[experiment]?.[place] ?? ""]
        collect(JSON.parse(line), parts)
        texts[place] = parts.join("\n").toLowerCase()
        if (performance.now() - begun < sliceMillis) continue
        await turn()
        begun = performance.now()
      }
      this.#read[experiment] = texts.length
      if (block % 8 === 7) progress()
      await turn()
    }
    progress()
  }
}

/** The texts and numbers that people see, without the names of fields. */
const collect = (value: unknown, into: Array<string>): void => {
  if (typeof value === "string") into.push(value)
  else if (typeof value === "number" || typeof value === "boolean") into.push(String(value))
  else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) collect(member, into)
  }
}
