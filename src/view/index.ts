/**
 * The experiments of a store in a browser.
 *
 * @since 0.1.0
 */
export * as Api from "./Api.ts"
export * as View from "./View.ts"
