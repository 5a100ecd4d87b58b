/**
 * How the workers of `EvaluationJobs.layerCluster` reach one another on Node: by sockets or by HTTP. Who there is stands
 * in the database.
 *
 * @since 0.1.0
 */
import * as NodeClusterHttp from "@effect/platform-node/NodeClusterHttp"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import type { MessageStorage } from "effect/cluster/MessageStorage"
import * as RunnerAddress from "effect/cluster/RunnerAddress"
import type { Sharding } from "effect/cluster/Sharding"
import type * as ShardingConfig from "effect/cluster/ShardingConfig"
import type { ConfigError } from "effect/Config"
import type { ServeError } from "effect/http/HttpServerError"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { SocketServerError } from "effect/socket/SocketServer"
import type { SqlClient } from "effect/sql/SqlClient"
import { shardingConfig } from "./EvaluationJobs.ts"
import { quietCluster } from "./internal/patience.ts"

/**
 * Where a worker is.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The name or address by which the other workers reach this one. */
  readonly host: string
  readonly port: number
  /** Where it listens, where that is not the same. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined
  /** Other settings of the cluster than `EvaluationJobs.shardingConfig` has. */
  readonly shardingConfig?: Partial<ShardingConfig.ShardingConfig["Service"]> | undefined
}

const configOf = ({ host, listen, port, shardingConfig: own }: Options) => ({
  ...shardingConfig,
  ...own,
  runnerAddress: Option.some(RunnerAddress.make(host, port)),
  ...(listen === undefined ? {} : { runnerListenAddress: Option.some(RunnerAddress.make(listen.host, listen.port)) })
})

/**
 * Workers that speak over sockets.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSocket = (
  options: Options
): Layer.Layer<Sharding | MessageStorage, SocketServerError | ConfigError, SqlClient> =>
  quietCluster(NodeClusterSocket.layer({ shardingConfig: configOf(options) }), "several")

/**
 * Workers that speak over HTTP, for networks where that is easier to have.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerHttp = (
  options: Options
): Layer.Layer<Sharding | MessageStorage, ServeError | ConfigError, SqlClient> =>
  quietCluster(NodeClusterHttp.layer({ transport: "http", shardingConfig: configOf(options) }), "several")
