import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { encodeFrame } from '../log/frame.ts'
import { realDisk } from '../log/index.ts'
import { messagesIn, writeMessages } from './message-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-messages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const random = new Random(1)
/** Of all sizes: what is read in pieces cuts some of them. */
const messages = Array.from({ length: 100 }, (_, n) => {
  const payload = Buffer.alloc(1 + random.below(64 * 1024), n)
  const frame = { partition: n % 7, sequence: 0, first: 0, count: 1, payload }
  return { partition: frame.partition, data: encodeFrame(frame) }
})
async function* all() {
  yield* messages
}

async function readAll(path: string) {
  const found: { partition: number; data: Buffer }[] = []
  for await (const { partition, data } of messagesIn(realDisk, path)) {
    found.push({ partition, data: Buffer.from(data) })
  }
  return found
}

test('what was written is read, one message after the other', async () => {
  const path = join(folder, 'whole')
  await writeMessages(realDisk, path, all())
  const found = await readAll(path)
  expect(found).toHaveLength(messages.length)
  for (const [n, { partition, data }] of found.entries()) {
    expect(partition).toBe(messages[n]!.partition)
    expect(Buffer.compare(data, messages[n]!.data)).toBe(0)
  }
})

test('a file that is cut off, or damaged anywhere, is told', async () => {
  const bytes = Buffer.concat(messages.map(({ data }) => data))
  const path = join(folder, 'damaged')
  writeFileSync(path, bytes.subarray(0, -1))
  await expect(readAll(path)).rejects.toThrow('damaged')
  for (const share of [0.0001, 0.3, 0.9]) {
    const bent = Buffer.from(bytes)
    bent[Math.floor(bytes.length * share)]! ^= 1
    writeFileSync(path, bent)
    await expect(readAll(path)).rejects.toThrow('damaged')
  }
  await writeMessages(realDisk, join(folder, 'none'), (async function* () {})())
  expect(readFileSync(join(folder, 'none'))).toHaveLength(0)
  expect(await readAll(join(folder, 'none'))).toEqual([])
})
