/** The HTTP server of Node. The build puts it into this module, so that the view works without its package. */
export { layerHttpServices, layerServer } from "@effect/platform-node/NodeHttpServer"
