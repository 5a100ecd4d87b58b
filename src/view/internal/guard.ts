/**
 * Who may ask: whoever has the token, and asks this server by its own name. A page of another site can make a browser send
 * requests here; its `Origin` tells, and a name that was made to lead here is not ours.
 */
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { createHash, timingSafeEqual } from "node:crypto"
import { Authorization, Unauthorized } from "../Api.ts"

/** Compared in a time that says nothing about where they differ, nor how long they are. */
export const isToken = (token: Redacted.Redacted, given: string): boolean => {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(Redacted.value(token)), digest(given))
}

export const layerAuthorization = (token: Redacted.Redacted): Layer.Layer<Authorization> =>
  Layer.succeed(
    Authorization,
    Authorization.of({
      bearer: (effect, { credential }) =>
        isToken(token, Redacted.value(credential)) ? effect : Effect.fail(
          new Unauthorized({ message: "The bearer token is missing or wrong; it is in the address that was printed." })
        )
    })
  )

/** Of every answer, whatever it is. */
const headers = {
  // Pages say for themselves what may run in them; the page of the interface has a program of its own.
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin"
}

/** Lets through what is asked of one of these hosts (such as `127.0.0.1:4983`), and not by another site. */
export const layerGuard = (
  hosts: ReadonlyArray<string>
): Layer.Layer<never, never, HttpRouter.HttpRouter | HttpServer.HttpServer> =>
  HttpRouter.middleware(
    Effect.map(HttpServer.HttpServer, ({ address }) => {
      const port = address._tag === "UnixPathAddress" ? undefined : address.port
      const known = new Set([
        ...hosts,
        ...(port === undefined ? [] : ["127.0.0.1", "localhost", "[::1]"].map((host) => `${host}:${port}`))
      ])
      return (effect) =>
        Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
          const refused = refusal(request.headers, known)
          return refused === undefined
            ? Effect.map(effect, (response) =>
              HttpServerResponse.setHeaders(response, { ...headers, ...response.headers }))
            : Effect.succeed(HttpServerResponse.text(`${refused}\n`, { status: 403, headers }))
        })
    }),
    { global: true }
  )

const refusal = (headers: Headers.Headers, known: ReadonlySet<string>): string | undefined => {
  const host = headers["host"]
  if (host === undefined || !known.has(host.toLowerCase())) return "This server does not go by that name."
  const origin = headers["origin"]
  if (
    origin !== undefined &&
    !Array.from(known).some((host) => origin === `http://${host}` || origin === `https://${host}`)
  ) {
    return "Other sites may not ask anything here."
  }
  // Whoever follows a link from another site has the token in it.
  return headers["sec-fetch-site"] === "cross-site" && headers["sec-fetch-mode"] !== "navigate"
    ? "Other sites may not ask anything here."
    : undefined
}
