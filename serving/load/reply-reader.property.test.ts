import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NotHttp, type Reply, ReplyReader } from './reply-reader.ts'

/** What a reader makes of bytes that come in pieces, and then of the end of the connection. */
function readAll(bytes: Buffer, cuts: readonly number[]): Reply | undefined {
  const reader = new ReplyReader()
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]
  edges.sort((a, b) => a - b)
  for (const [n, edge] of edges.slice(1).entries()) {
    const reply = reader.push(bytes.subarray(edges[n]!, edge))
    if (reply) return reply
  }
  return reader.end()
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes))
const head = (status: number, ...fields: string[]) =>
  `HTTP/1.1 ${status} Word\r\n${fields.map((line) => `${line}\r\n`).join('')}\r\n`

function chunked(bytes: Buffer, sizes: readonly number[]): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    const part = bytes.subarray(at, at + size)
    if (part.length === 0) continue
    parts.push(Buffer.from(`${part.length.toString(16)};x=1\r\n`), part, Buffer.from('\r\n'))
    at += size
  }
  return Buffer.concat([...parts, Buffer.from('0\r\nTrailer: 1\r\n\r\n')])
}

describe('however the bytes are cut', () => {
  test('a body of a told length', () => {
    fc.assert(
      fc.property(body, cuts, (bytes, at) => {
        const fields = ['Connection: keep-alive', `CONTENT-LENGTH:  ${bytes.length}`]
        const all = Buffer.concat([Buffer.from(head(202, ...fields)), bytes])
        expect(readAll(all, at)).toEqual({ status: 202, body: bytes, isKept: true })
      }),
    )
  })

  test('a body in chunks, with extensions and trailers', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 5 })
    fc.assert(
      fc.property(body, sizes, cuts, (bytes, chunks, at) => {
        const start = Buffer.from(head(200, 'transfer-encoding: chunked', 'connection: close'))
        const all = Buffer.concat([start, chunked(bytes, chunks)])
        expect(readAll(all, at)).toEqual({ status: 200, body: bytes, isKept: false })
      }),
    )
  })

  test('a body that ends with the connection', () => {
    fc.assert(
      fc.property(body, cuts, (bytes, at) => {
        const all = Buffer.concat([Buffer.from(head(500, 'x: y')), bytes])
        expect(readAll(all, at)).toEqual({ status: 500, body: bytes, isKept: false })
      }),
    )
  })

  test('no body, and what comes before the reply', () => {
    fc.assert(
      fc.property(cuts, (at) => {
        const all = Buffer.from(head(100) + head(204, 'content-length: 7'))
        expect(readAll(all, at)?.status).toBe(204)
      }),
    )
  })
})

test('bytes of any kind are no reply, part of one, or NotHttp; nothing else is thrown', () => {
  const start = fc.constantFrom('', 'HTTP/1.1 200 OK\r\n', head(200, 'transfer-encoding: chunked'))
  fc.assert(
    fc.property(start, body, cuts, (text, bytes, at) => {
      try {
        readAll(Buffer.concat([Buffer.from(text), bytes]), at)
      } catch (error) {
        expect(error).toBeInstanceOf(NotHttp)
      }
    }),
  )
})

test.each([
  ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['a page without a head', '<html>'],
  ['no status', 'HTTP/1.1 OK\r\n\r\n'],
  ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
  ['more than the body', `${head(200, 'content-length: 2')}abc`],
  ['a length of minus one', head(200, 'content-length: -1')],
  ['a chunk of no size', `${head(200, 'transfer-encoding: chunked')}zz\r\n`],
  ['an endless head', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(12_000)}`],
  ['an endless body', `${head(200)}${'x'.repeat(17 * 1024 * 1024)}`],
])('%s is NotHttp', (_what, text) => {
  expect(() => readAll(Buffer.from(text), [])).toThrow(NotHttp)
})
