/** The real program on a data directory that may only be read. It takes the right to mount. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeReadOnly, memoryDisk, mountMemory, unmount } from '../setup/memory-disk.ts'
import { describeWith } from '../setup/require.ts'
import { startServer, stopServer } from '../setup/server.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-read-only-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describeWith(memoryDisk, 'a read-only disk', () => {
  const mounted: string[] = []
  const mountOn = (path: string) => {
    mkdirSync(path, { recursive: true })
    mountMemory(path)
    mounted.push(path)
  }
  beforeAll(() => mountOn(join(folder, 'disk')))
  afterAll(() => {
    for (const path of mounted.reverse()) unmount(path)
  })
  const refusal = (data: string) => {
    const words = ['serving/pinwheel.mjs', 'serve', '--port', '0', '--data', data]
    const { status, stderr } = spawnSync(process.execPath, words, {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(status).toBe(1)
    return stderr
  }

  test('the whole directory: the start is refused with what to do', async () => {
    const data = join(folder, 'disk', 'data')
    const first = await startServer(['--data', data])
    expect(await stopServer(first)).toBe(0)
    makeReadOnly(join(folder, 'disk'))
    expect(refusal(data)).toContain(
      `${data} cannot be written: EROFS. Make it writable, or choose another with --data. ` +
        '[DIRECTORY_UNWRITABLE]',
    )
    expect(refusal(join(folder, 'disk', 'new'))).toContain('[DIRECTORY_UNWRITABLE]')
  })

  test('only the folder of the log: the same, and nothing stays locked', () => {
    const data = join(folder, 'only-log')
    mountOn(join(data, 'log'))
    makeReadOnly(join(data, 'log'))
    expect(refusal(data)).toMatch(/cannot be written: EROFS.*\[DIRECTORY_UNWRITABLE\]/)
    expect(readdirSync(data)).not.toContain('lock')
  })
})
