/** The services of Node. The build puts them into this module, so that the command line works without their package. */
export { layer } from "@effect/platform-node/NodeServices"
