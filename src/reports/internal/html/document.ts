/** The document: what may run in it is said by hashes, and nothing may be asked of any address. */
import * as Effect from "effect/Effect"
import * as Base64 from "effect/encoding/Base64"
import { html, type Markup, type Part, render } from "./markup.ts"
import { styles } from "./styles.ts"

export interface DocumentOptions {
  readonly title: string
  readonly body: Part
  /** A program; it is the only one that runs. */
  readonly script: string
  /** Where the program may send requests; nowhere in a file. */
  readonly connect?: "'self'" | undefined
  /** Where forms may lead; nowhere in a file. */
  readonly formAction?: "'self'" | undefined
}

/** A document without anything from outside. */
export const document = ({ body, connect, formAction, script, title }: DocumentOptions): Effect.Effect<string> =>
  Effect.map(Effect.all([hashOf(script), hashOf(styles)]), ([scriptHash, styleHash]) =>
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
${
      render(
        html`<meta http-equiv="Content-Security-Policy" content="${
          policy({ connect, formAction, scriptHash, styleHash })
        }">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>`
      )
    }
<style>${styles}</style>
</head>
<body>
${render(body)}
<script>${script}</script>
</body>
</html>
`)

const policy = (
  { connect, formAction, scriptHash, styleHash }: {
    readonly connect: string | undefined
    readonly formAction: string | undefined
    readonly scriptHash: string
    readonly styleHash: string
  }
): string =>
  [
    "default-src 'none'",
    `script-src '${scriptHash}'`,
    `style-src '${styleHash}'`,
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
    "base-uri 'none'",
    `form-action ${formAction ?? "'none'"}`
  ].join("; ")

/** A program or a style sheet as policies name it. */
const hashOf = (text: string): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (digest) => `sha256-${Base64.encode(new Uint8Array(digest))}`
  )

/** Data that the program reads: letters and digits, which are no markup. */
export interface Block {
  readonly id: string
  readonly text: string
}

/** A block stands in an element that no browser runs. Its text is Base64, so there is nothing to escape. */
export const blockElement = ({ id, text }: Block): string => `<script type="text/plain" id="${id}">${text}</script>`

/** The line at the top, with the ways to the views. */
export const topBar = (title: string, links: Part, controls?: Part): Markup =>
  html`<a class="skip" href="#main">To the content</a><header class="bar-top"><h1>${title}</h1><nav aria-label="Views">${links}</nav>${controls}<button type="button" class="plain" id="theme" aria-label="Light or dark">◐</button></header>`
