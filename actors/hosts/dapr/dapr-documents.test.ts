import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DaprDocuments } from './dapr-documents.ts'

/** A sidecar that answers what a test says. */
let answer: { status: number; body: unknown } = { status: 204, body: '' }
let heard = ''
const server = createServer(async (request, reply) => {
  let body = ''
  for await (const chunk of request) body += chunk
  const isState = request.url?.includes('/state/')
  if (isState) heard = body
  // The SDK asks for metadata first, to see that somebody is there.
  const { status, body: told } = isState ? answer : { status: 200, body: { id: 'fake' } }
  reply.writeHead(status, { 'content-type': 'application/json' })
  reply.end(told === '' ? undefined : JSON.stringify(told))
})
let documents: DaprDocuments
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  documents = new DaprDocuments((server.address() as AddressInfo).port)
})
afterAll(async () => {
  await documents.stop()
  server.close()
})

const document = {
  applied: new Map([[3, 7]]),
  state: Uint8Array.of(1, 2, 3),
  answered: [{ call: 'c1', result: { sum: 0 } }],
}

test('a document comes back as it was written', async () => {
  answer = { status: 204, body: '' }
  await documents.write([{ key: 'k', document, etag: '5' }])
  const [{ key, value, etag }] = JSON.parse(heard)
  answer = { status: 200, body: [{ key, data: value, etag }, { key: 'none' }] }
  const found = await documents.read(['k', 'none'])
  expect([...found.keys()]).toEqual(['k'])
  expect(found.get('k')).toMatchObject({ ...document, state: Buffer.of(1, 2, 3), etag: '5' })
})

test('a document of before calls had names has answered none', async () => {
  const data = { v: 1, applied: { 0: 1 }, state: 'AQ==' }
  answer = { status: 200, body: [{ key: 'k', data, etag: '1' }] }
  expect((await documents.read(['k'])).get('k')?.answered).toEqual([])
})

test('only a stale etag is a conflict: what else fails may have been written', async () => {
  const write = () => documents.write([{ key: 'k', document }])
  answer = { status: 409, body: { errorCode: 'ERR_STATE_SAVE' } }
  await expect(write()).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
  const message = 'failed saving state in state store state: no item was updated'
  answer = { status: 500, body: { errorCode: 'ERR_STATE_SAVE', message } }
  await expect(write()).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
  answer = { status: 500, body: { errorCode: 'ERR_STATE_SAVE' } }
  await expect(write()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
})

test('a key that could not be read is not one that does not exist', async () => {
  answer = { status: 200, body: [{ key: 'k', error: 'the disk is on fire' }] }
  await expect(documents.read(['k'])).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
  answer = { status: 500, body: {} }
  await expect(documents.read(['k'])).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' })
})
