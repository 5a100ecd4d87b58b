/** The view's server. The build puts Node's HTTP server into this module, so that it works without its package. */
export { serve } from "../../view/View.ts"
