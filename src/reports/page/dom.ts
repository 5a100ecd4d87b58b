/** Elements made by calls. What comes from outside is only ever the text of a text node or the value of an attribute. */
import { visible } from "../internal/html/markup.ts"

export type Child = Node | string | number | undefined | false | ReadonlyArray<Child>

interface Properties {
  readonly class?: string | undefined
  readonly onclick?: ((event: MouseEvent) => void) | undefined
  readonly oninput?: ((event: Event) => void) | undefined
  readonly onchange?: ((event: Event) => void) | undefined
  readonly onsubmit?: ((event: SubmitEvent) => void) | undefined
  readonly ontoggle?: ((event: Event) => void) | undefined
  readonly [attribute: string]: unknown
}

/** An element with attributes, listeners and children. */
export const h = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: ReadonlyArray<Child>
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue
    if (typeof value === "function") element.addEventListener(name.slice(2), (event) => void value(event))
    else element.setAttribute(name, value === true ? "" : visible(String(value)))
  }
  append(element, children)
  return element
}

export const append = (parent: Node, children: ReadonlyArray<Child>): void => {
  for (const child of children) {
    if (child === undefined || child === false) continue
    if (child instanceof Node) parent.appendChild(child)
    else if (typeof child === "object") append(parent, child)
    else parent.appendChild(document.createTextNode(visible(String(child))))
  }
}

export const option = (value: string, text: string, selected: string): HTMLOptionElement =>
  h("option", { value, selected: value === selected }, text)

/** The element with an id; it is in the page as it was made. */
export const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`The page has no element ${id}.`)
  return element
}
