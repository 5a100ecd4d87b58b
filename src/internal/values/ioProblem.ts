import type { PlatformError } from "effect/PlatformError"

/** What a file system said, with what the operating system gave as the reason (such as that the disk is full). */
export const ioProblem = (error: PlatformError): string => {
  const { cause } = error.reason
  return cause instanceof Error && !error.message.includes(cause.message)
    ? `${error.message}: ${cause.message}`
    : error.message
}
