import type { Config } from '../../base/index.ts'

/** The stream of a cluster, as the configuration has it. */
export function streamOf(config: Config, url: string) {
  const { cluster, streamMb, streamDays, streamReplicas } = config
  const ageMsMax = streamDays * 24 * 60 * 60 * 1000
  return { url, cluster, bytesMax: streamMb * 1e6, ageMsMax, replicas: streamReplicas }
}
