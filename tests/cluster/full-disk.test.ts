/**
 * The real program on a disk that is really full: a file system of one megabyte in memory. It takes
 * the right to mount one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryDisk, mountMemory, unmount } from '../setup/memory-disk.ts'
import { describeWith } from '../setup/require.ts'
import { startServer, stopServer } from '../setup/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-full-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeWith(memoryDisk, 'a full disk', () => {
  beforeAll(() => mountMemory(folder))
  afterAll(() => unmount(folder))

  test('what does not fit is not acknowledged; what was, is there after a restart', async () => {
    const data = join(folder, 'data')
    const first = await startServer(['--data', data])
    const post = (batch: number) => {
      const entries = Array.from({ length: 1_000 }, (_, n) => {
        return { kind: 'save', id: `${batch}-${n}`, time: 1, user: `u${n % 50}`, pin: `p${n}` }
      })
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ entries })
      return fetch(`${first.address}v1/events`, { method: 'POST', headers, body })
    }
    let acknowledged = 0
    let reply = await post(0)
    while (reply.status === 202 && acknowledged < 100_000) {
      acknowledged += 1_000
      reply = await post(acknowledged)
    }
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await reply.json()).toMatchObject({
      error: { code: 'LOG_WRITE_FAILED', details: { reason: 'ENOSPC' } },
    })
    expect(acknowledged).toBeGreaterThan(10_000)
    // It goes on answering from what it has.
    expect((await fetch(`${first.address}v1/users/u1/recommendations`)).status).toBe(200)
    expect(await stopServer(first)).toBe(0)
    const second = await startServer(['--data', data])
    const { entries } = (await (await fetch(`${second.address}readyz`)).json()) as {
      entries: number
    }
    // Of a refused request, partitions that had room may have kept their entries.
    expect(entries).toBeGreaterThanOrEqual(acknowledged)
    expect(entries).toBeLessThan(acknowledged + 1_000)
    expect(await stopServer(second)).toBe(0)
  })
})
