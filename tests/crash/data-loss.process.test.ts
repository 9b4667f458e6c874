/** The real program on a log with a flipped byte: it says where, and goes on only when told to. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer, stopServer } from '../setup/server.ts'

const data = mkdtempSync(join(tmpdir(), 'pinwheel-loss-'))
afterAll(() => rmSync(data, { recursive: true, force: true }))

test('a damaged log stops the start with file and offset, until its loss is accepted', async () => {
  const first = await startServer(['--data', data])
  for (let batch = 0; batch < 5; batch++) {
    const entries = [{ kind: 'save', id: `e${batch}`, time: 1, user: 'u', pin: `p${batch}` }]
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ entries })
    await fetch(`${first.address}v1/events`, { method: 'POST', headers, body })
  }
  expect(await stopServer(first)).toBe(0)
  const folder = readdirSync(join(data, 'log'))
    .filter((name) => /^p\d+$/.test(name))
    .map((name) => join(data, 'log', name))
    .find((path) => readdirSync(path).length > 0)!
  const segment = join(folder, readdirSync(folder)[0]!)
  const bytes = readFileSync(segment)
  bytes[Math.floor(bytes.length / 2)]! ^= 1
  writeFileSync(segment, bytes)
  const words = ['serving/pinwheel.mjs', 'serve', '--port', '0', '--data', data]
  const refused = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(refused.status).toBe(1)
  expect(refused.stderr).toMatch(/LOG_DAMAGED/)
  expect(refused.stderr).toMatch(/is damaged at byte \d+/)
  expect(refused.stderr).toContain('--accept-data-loss')
  const second = await startServer(['--data', data, '--accept-data-loss'])
  const entries = async (address: string) =>
    ((await (await fetch(`${address}readyz`)).json()) as { entries: number }).entries
  expect(await entries(second.address)).toBe(4)
  expect(await stopServer(second)).toBe(0)
  // Once is enough.
  const third = await startServer(['--data', data])
  expect(await entries(third.address)).toBe(4)
  expect(await stopServer(third)).toBe(0)
})
