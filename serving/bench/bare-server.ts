/**
 * A server that does nothing but answer, in a process of its own: what a bench of the client asks,
 * so that the client is what limits. Feeds are 25 pins and 11 kB, as those of the demo are;
 * `GET /stall/MS` holds everything up for so long. Prints its address, and ends with its input.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const card = {
  title: 'Warm minimal ladder shelf in one weekend',
  topic: 'Interiors',
  tags: ['shelving', 'ladder shelf'],
  image: '/demo/pictures/p17618.png',
  created: 1_794_394_832_536,
  impressions: 4,
  closeups: 2,
  saves: 10,
  hides: 0,
  outbounds: 0,
  declared: 0,
  stub: false,
  language: 'en',
}
const sources = ['walk', 'neighbours', 'sequences', 'tags']
const feeds = Array.from({ length: 64 }, (_, n) => {
  const items = Array.from({ length: 25 }, (_, rank) => {
    const pin = `p${n * 25 + rank}`
    const because = { because: 'p11336', becauseTitle: 'Ladder shelf for a small flat' }
    return { pin, score: 5.72964, propensity: 1, sources, ...because, card: { id: pin, ...card } }
  })
  const answer = { user: `u${n}`, request: `r${n}`, generation: 'mixed', rung: 'light', items }
  return Buffer.from(JSON.stringify(answer))
})
/** Verdicts on so many entries. */
const verdicts = Array.from({ length: 64 }, (_, count) => {
  const entries = Array.from({ length: count }, () => ({ status: 'accepted' }))
  return Buffer.from(JSON.stringify({ position: '0-1', entries }))
})

let asked = 0
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    const stall = /^\/stall\/(\d+)$/.exec(request.url ?? '')?.[1]
    if (stall) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(stall))
    const count = Buffer.concat(parts).toString('latin1').split('"kind":').length - 1
    const body = request.method === 'GET' ? feeds[asked++ % feeds.length]! : verdicts[count]!
    const length = { 'content-type': 'application/json', 'content-length': body.length }
    response.writeHead(request.method === 'GET' ? 200 : 202, length).end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.on('end', () => process.exit()).resume()
