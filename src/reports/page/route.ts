/** What the page shows, as it stands in its address. */

export type Route = ReadonlyMap<string, string>

export const currentRoute = (): Route => new Map(new URLSearchParams(location.hash.slice(1)))

/** The address of a route. Empty parts are left out. */
export const hashOf = (route: Route): string =>
  `#${new URLSearchParams(Array.from(route).filter(([, value]) => value !== ""))}`

/** The route with some parts changed. */
export const changed = (route: Route, changes: { readonly [name: string]: string | number }): Route =>
  new Map([...route, ...Object.entries(changes).map(([name, value]): [string, string] => [name, String(value)])])

/** Shows another route: as a new step in the history, or in place of this one. */
export const go = (route: Route, step: "push" | "replace" = "push"): void => {
  history[step === "push" ? "pushState" : "replaceState"](null, "", hashOf(route))
  dispatchEvent(new Event("routechange"))
}

export const numberIn = (route: Route, name: string): number | undefined => {
  const text = route.get(name)
  return text === undefined || text === "" || !Number.isFinite(Number(text)) ? undefined : Number(text)
}
