/** Dapr's actor routes on an app of our own: what a sidecar asks of the process beside it. */
import type { FastifyInstance, fastify } from 'fastify'
import { toWire } from '../../../base/index.ts'
import { BINARY, type Envelope } from './sidecar.ts'
import { tokenRefusal } from './token-refusal.ts'

export type ActorCall = { readonly type: string; readonly id: string; readonly method: string }

export type ActorAppOptions = {
  /** Actor types that live here. */
  readonly entities: () => readonly string[]
  readonly answer: (call: ActorCall, body: unknown) => Promise<unknown>
  /** The sidecar takes an actor away. */
  readonly deactivate: (type: string, id: string) => Promise<void>
  /** APP_API_TOKEN: what every call must carry. */
  readonly appToken?: string | undefined
}

/** `make` is fastify's, which is loaded late. */
export function actorApp(make: typeof fastify, options: ActorAppOptions): FastifyInstance {
  const { entities, answer, deactivate, appToken } = options
  const app = make({ bodyLimit: 16 * 1024 * 1024, routerOptions: { maxParamLength: 1024 } })
  // Dapr sends bodies of any type, and none.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(BINARY, { parseAs: 'buffer' }, (_request, body, done) => {
    done(null, body)
  })
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)))
    } catch (error) {
      done(error as Error)
    }
  })
  if (appToken !== undefined) {
    const refuses = tokenRefusal(appToken)
    app.addHook('onRequest', async ({ headers, url }, reply) => {
      // Daprd asks for it without.
      if (url === '/healthz') return
      const refusal = refuses(headers['dapr-api-token'])
      if (refusal) return reply.code(401).send({ ok: false, error: refusal } satisfies Envelope)
    })
  }
  app.get('/healthz', (_request, reply) => reply.code(204).send())
  app.get('/dapr/config', () => ({
    entities: entities(),
    actorIdleTimeout: '1h',
    drainOngoingCallTimeout: '5s',
    drainRebalancedActors: true,
  }))
  app.put('/actors/:type/:id/method/:method', async (request): Promise<Envelope> => {
    try {
      const value = await answer(request.params as ActorCall, request.body)
      return { ok: true, value: value ?? null }
    } catch (error) {
      return { ok: false, error: toWire(error) }
    }
  })
  app.delete('/actors/:type/:id', async (request, reply) => {
    const { type, id } = request.params as Record<'type' | 'id', string>
    await deactivate(type, id)
    return reply.code(200).send()
  })
  return app
}
