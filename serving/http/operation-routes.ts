/**
 * What an operator and their tools ask: alive, ready, metrics, version, the document of the API.
 */
import Type from 'typebox'
import packageJson from '../../package.json' with { type: 'json' }
import type { App, RouteContext } from './app.ts'
import { noQuery, shared } from './schemas.ts'

const version = Object.freeze({
  name: 'pinwheel',
  version: packageJson.version,
  node: process.versions.node,
})
const tags = ['operations']
const querystring = noQuery

export function registerOperations(app: App, { recommender, metrics }: RouteContext): void {
  app.get(
    '/livez',
    {
      schema: {
        operationId: 'getLive',
        summary: 'The process answers',
        tags,
        querystring,
        response: { 200: Type.Object({ live: Type.Literal(true) }) },
      },
    },
    async () => ({ live: true as const }),
  )
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReady',
        summary: 'Recommendations are served; 503 with reasons until then',
        tags,
        querystring,
        response: { 200: shared('Status'), 503: shared('Status') },
      },
    },
    async (_request, reply) => {
      const status = recommender.status()
      return reply.code(status.ready ? 200 : 503).send(status)
    },
  )
  app.get(
    '/version',
    {
      schema: {
        operationId: 'getVersion',
        summary: 'What runs here',
        tags,
        querystring,
        response: {
          200: Type.Object({ name: Type.String(), version: Type.String(), node: Type.String() }),
        },
      },
    },
    async () => version,
  )
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Prometheus text',
        tags,
        querystring,
        produces: ['text/plain'],
        response: { 200: Type.String(), '4xx': shared('Error') },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  )
}
