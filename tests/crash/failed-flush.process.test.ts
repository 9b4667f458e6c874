/** The real program on a disk whose flushes begin to fail: it acknowledges no more, and ends. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer, stopServer } from '../setup/server.ts'

const data = mkdtempSync(join(tmpdir(), 'pinwheel-flush-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

test('a failed flush ends the process; what was acknowledged is there at the next start', async () => {
  const failing = new URL('../setup/flushes-fail.ts?after=40', import.meta.url).href
  const server = await startServer(['--data', data], { before: ['--import', failing] })
  const ended = once(server.child, 'exit')
  let acknowledged = 0
  let refusal: unknown
  for (let batch = 0; batch < 200 && !refusal; batch++) {
    const entries = [{ kind: 'save', id: `e${batch}`, time: 1, user: `u${batch}`, pin: 'p' }]
    const reply = await fetch(`${server.address}v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entries }),
    })
    if (reply.status === 202) acknowledged++
    else refusal = [reply.status, await reply.json()]
  }
  expect(refusal).toMatchObject([
    503,
    { error: { code: 'LOG_WRITE_FAILED', details: { reason: 'EIO' } } },
  ])
  expect(acknowledged).toBeGreaterThan(5)
  expect((await ended)[0]).toBe(1)
  const next = await startServer(['--data', data])
  const ready = (await (await fetch(`${next.address}readyz`)).json()) as { entries: number }
  // The refused entry may be in the file: nobody was told that it is.
  expect(ready.entries - acknowledged).toBeGreaterThanOrEqual(0)
  expect(ready.entries - acknowledged).toBeLessThanOrEqual(1)
  expect(await stopServer(next)).toBe(0)
})
