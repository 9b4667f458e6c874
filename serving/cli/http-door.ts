/** What `serve` opens to the world, whatever answers behind it. */
import { fileURLToPath } from 'node:url'
import { type Config, type Logger, systemClock } from '../../base/index.ts'
import type { Recommender, Server, ServerOptions } from '../http/index.ts'

/** The HTTP server as configured; it does not listen yet. */
export async function openDoor(
  config: Config,
  given: Pick<ServerOptions, 'recommender' | 'picture'> & { readonly logger: Logger },
): Promise<Server> {
  // Loaded here, since every command imports this file, and fastify with its schemas takes 0.2 s.
  const { createServer } = await import('../http/index.ts')
  return createServer({
    ...given,
    clock: systemClock,
    open: config.open,
    kinds: config.kinds,
    pages: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    ...(config.key !== undefined && { key: config.key }),
  })
}

/**
 * A few answers before anybody waits for one: the first run of code is twenty times slower. Who
 * cannot be answered is passed over.
 */
export async function warmUp(
  recommender: Pick<Recommender, 'users' | 'recommend'>,
  count: number,
): Promise<void> {
  const common = { limit: 40, generation: 'mixed', exclude: [], explain: true } as const
  const users = await recommender.users(count).catch(() => [])
  for (const { id } of users) await recommender.recommend({ ...common, user: id }).catch(() => {})
}
