/** Node's own warnings on standard error. */

/** What this package uses knowingly on every Node that it runs on, or what is a matter of the user's project. */
const known = /SQLite is an experimental feature|Type Stripping is an experimental feature|MODULE_TYPELESS_PACKAGE_JSON/

/** Leaves out the warnings that there is nothing to do about. */
export const quietWarnings = (verbose: boolean): void => {
  if (verbose) return
  process.removeAllListeners("warning")
  process.on("warning", (warning) => {
    const { code } = warning as Error & { readonly code?: string }
    if (!known.test(`${warning.message} ${code ?? ""}`)) process.stderr.write(`${warning.name}: ${warning.message}\n`)
  })
}
