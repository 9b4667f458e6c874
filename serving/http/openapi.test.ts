/** The document is well formed, complete, and closed over its references. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock, silentLogger } from '../../base/index.ts'
import { MemoryRecommender } from './memory-recommender.ts'
import { createServer, type Server } from './server.ts'

type Operation = {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; schema: object }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
type Document = {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

let server: Server
let document: Document
beforeAll(async () => {
  const recommender = new MemoryRecommender()
  server = createServer({ recommender, clock: new ManualClock(), logger: silentLogger })
  document = (await server.inject('/openapi.json')).json() as Document
})
afterAll(() => server.close())

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('it is OpenAPI 3.1 with a name and a version', () => {
  expect(document.openapi).toMatch(/^3\.1\./)
  expect(document.info).toMatchObject({ title: 'Pinwheel', version: expect.any(String) })
})

test('every route of the API is in it, and nothing else', () => {
  const routes = operations().map(({ method, path }) => `${method} ${path}`)
  expect(routes.sort()).toEqual([
    'get /livez',
    'get /metrics',
    'get /openapi.json',
    'get /readyz',
    'get /v1/boards/{id}/recommendations',
    'get /v1/models',
    'get /v1/pins/{id}',
    'get /v1/pins/{id}/related',
    'get /v1/users',
    'get /v1/users/{id}/recommendations',
    'get /v1/users/{id}/state',
    'get /version',
    'post /v1/events',
  ])
})

describe('each operation', () => {
  test('has a name of its own, a summary, and replies with descriptions', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { operation } of operations()) {
      expect(operation.summary).toBeTruthy()
      const replies = Object.values(operation.responses)
      expect(replies.length).toBeGreaterThan(0)
      for (const reply of replies) expect(reply.description).toBeTypeOf('string')
    }
  })

  test('declares the parameters of its path', () => {
    for (const { path, operation } of operations()) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const declared = (operation.parameters ?? []).filter((p) => p.in === 'path')
      expect(declared.map((p) => p.name)).toEqual(named)
    }
  })
})

test('events are told as JSON and as NDJSON', () => {
  const { requestBody } = document.paths['/v1/events']!['post']!
  expect(Object.keys(requestBody!.content)).toEqual(['application/json', 'application/x-ndjson'])
})

test('every reference points into the document', () => {
  const names = new Set(Object.keys(document.components.schemas))
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((m) => m[1]!)
  expect(references.length).toBeGreaterThan(0)
  for (const reference of references) {
    expect(names, reference).toContain(reference.replace('#/components/schemas/', ''))
  }
})
