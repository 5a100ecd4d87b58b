/** Addresses within the page: what is shown is in the part after `#`, so that every view can be linked to. */

/** Such as `#view=rows&e=0&key=correct`. */
export const linkTo = (
  view: "overview" | "rows" | "compare",
  parts: { readonly [name: string]: string | number } = {}
): string =>
  `#${
    new URLSearchParams(
      Object.entries({ view, ...parts }).map(([name, value]): [string, string] => [name, String(value).toWellFormed()])
    ).toString()
  }`
