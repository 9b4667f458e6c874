/** The OpenAPI 3.1 document, derived from the schemas of the routes and served at /openapi.json. */
import swagger from '@fastify/swagger'
import Type from 'typebox'
import type { DeclaredKinds } from '../../base/index.ts'
import packageJson from '../../package.json' with { type: 'json' }
import type { App } from './app.ts'
import { entrySchema } from './entry-schema.ts'
import { noQuery, sharedSchemas } from './schemas.ts'

/** Before the routes: it listens to their registration. */
export function registerOpenApi(
  app: App,
  { secured, kinds }: { readonly secured: boolean; readonly kinds: DeclaredKinds },
): void {
  for (const schema of [...sharedSchemas, entrySchema(kinds)]) app.addSchema(schema)
  app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Pinwheel',
        version: packageJson.version,
        description: packageJson.description,
        license: { name: packageJson.license },
      },
      tags: ['events', 'recommendations', 'catalogue', 'operations'].map((name) => ({ name })),
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
      ...(secured && { security: [{ key: [] }] }),
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, i) =>
        typeof json['$id'] === 'string' ? json['$id'] : `shape-${i}`,
    },
  })
}

export function registerOpenApiRoute(app: App): void {
  let text: string | undefined
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getOpenApi',
        summary: 'This document',
        tags: ['operations'],
        querystring: noQuery,
        response: { 200: Type.Unsafe<string>({ type: 'object' }) },
      },
    },
    async (_request, reply) => {
      text ??= JSON.stringify(app.swagger())
      return reply.type('application/json; charset=utf-8').serializer(String).send(text)
    },
  )
}
