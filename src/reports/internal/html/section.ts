/** A part of a page. */
import { html, type Markup, type Part } from "./markup.ts"

/** A part of the page, with its name at the side. */
export const section = (title: string, content: Part, note?: Part): Markup =>
  html`<section class="part"><header><h3>${title}</h3>${
    note === undefined ? undefined : html`<p class="note">${note}</p>`
  }</header><div class="body">${content}</div></section>`
