/** The headers by which LangSmith's SDKs go on with a trace in another process. */
import { toJson } from "../../internal/values/json.ts"

/**
 * What LangSmith is to note about runs below.
 *
 * @category models
 * @since 0.1.0
 */
export interface Baggage {
  readonly metadata?: { readonly [name: string]: unknown } | undefined
  readonly tags?: ReadonlyArray<string> | undefined
  /** The project that the runs are to be in. */
  readonly project?: string | undefined
}

/** The place of a run in its trace: its start to the microsecond and its id, behind those of the runs above. */
export const dottedOrderOf = (
  path: ReadonlyArray<{ readonly id: string; readonly startTime: number }>
): string =>
  path.map(({ id, startTime }) => {
    const millis = Math.floor(startTime)
    const micros = Math.min(999, Math.floor((startTime - millis) * 1000))
    const time = new Date(millis).toISOString().replace(/[-:.Z]/g, "")
    return `${time}${String(micros).padStart(3, "0")}Z${id}`
  }).join(".")

/** Texts that were cut in the middle of a character are mended, since no header can hold them. */
export const writeBaggage = ({ metadata, project, tags }: Baggage): string =>
  [
    metadata === undefined || Object.keys(metadata).length === 0
      ? undefined
      : ["metadata", JSON.stringify(toJson(metadata))] as const,
    tags === undefined || tags.length === 0 ? undefined : ["tags", tags.join(",")] as const,
    project === undefined ? undefined : ["project", project] as const
  ].flatMap((item) => item === undefined ? [] : [`langsmith-${item[0]}=${encodeURIComponent(item[1].toWellFormed())}`])
    .join(",")

export const parseBaggage = (header: string | undefined): Baggage => {
  const items = new Map(
    (header ?? "").split(",").map((item) => {
      const [key = "", value = ""] = item.trim().split("=", 2)
      return [key, decoded(value)] as const
    })
  )
  const metadata = record(items.get("langsmith-metadata"))
  const tags = items.get("langsmith-tags")
  const project = items.get("langsmith-project")
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(tags === undefined || tags === "" ? {} : { tags: tags.split(",") }),
    ...(project === undefined || project === "" ? {} : { project })
  }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const record = (text: string | undefined): Baggage["metadata"] => {
  try {
    const value: unknown = JSON.parse(text ?? "")
    // JSON objects have texts as keys.
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Baggage["metadata"]
      : undefined
  } catch {
    return undefined
  }
}
