/** The addresses that people open. */

/** The address of the pages that belong to an API: those of LangSmith's regions, or of a server of one's own. */
export const webUrlOf = (apiUrl: string): string => {
  if (!URL.canParse(apiUrl)) return apiUrl
  const { hostname, origin, pathname, protocol } = new URL(apiUrl)
  // LangSmith's own development set-up has its pages there.
  if (["localhost", "127.0.0.1", "[::1]"].includes(hostname)) return "http://localhost:3000"
  // https://eu.api.smith.langchain.com -> https://eu.smith.langchain.com
  const region = /^(?:(.+)\.)?api\.(smith\.langchain\.com)$/.exec(hostname)
  if (region !== null) return `${protocol}//${region[1] === undefined ? "" : `${region[1]}.`}${region[2]}`
  // A server of one's own has its API below the pages.
  return `${origin}${pathname.replace(/\/api(?:\/v\d+)?\/?$/, "").replace(/\/+$/, "")}`
}

/** Where experiments on a dataset are compared. */
export const comparisonUrl = (
  webUrl: string,
  tenantId: string,
  datasetId: string,
  sessionIds: ReadonlyArray<string>,
  comparativeExperimentId?: string
): string =>
  `${webUrl}/o/${tenantId}/datasets/${datasetId}/compare?selectedSessions=${encodeURIComponent(sessionIds.join(","))}` +
  (comparativeExperimentId === undefined ? "" : `&comparativeExperiment=${comparativeExperimentId}`)

/** Where the runs of a project without a dataset are. */
export const projectUrl = (webUrl: string, tenantId: string, sessionId: string): string =>
  `${webUrl}/o/${tenantId}/projects/p/${sessionId}`
