/** The type of our fastify instance: schemas of typebox give the types of what handlers receive. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { Clock, DeclaredKinds } from '../../base/index.ts'
import type { Metrics } from './metrics.ts'
import type { Recommender } from './recommender-port.ts'

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What route files are handed. */
export type RouteContext = {
  readonly recommender: Recommender
  readonly clock: Clock
  readonly metrics: Metrics
  readonly kinds: DeclaredKinds
}
