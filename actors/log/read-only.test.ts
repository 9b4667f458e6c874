/** A disk that is read-only at the start, or becomes so while the log is written. */
import { expect, test } from 'vitest'
import { SimulatedDisk } from '../../simulator/faults/index.ts'
import { type Disk, type DiskFile, EntryReader, EntryWriter, openFileLog } from './index.ts'

/** Every change fails while `isReadOnly`; a write may have got halfway by then. */
class TurningDisk {
  readonly inner = new SimulatedDisk()
  isReadOnly = false
  #refuse(): void {
    if (this.isReadOnly) throw Object.assign(new Error('read-only'), { code: 'EROFS' })
  }
  readonly disk: Disk = {
    makeDirectory: (path) => this.inner.makeDirectory(path),
    list: (path) => this.inner.list(path),
    size: (path) => this.inner.size(path),
    readAll: (path) => this.inner.readAll(path),
    flushDirectory: (path) => this.inner.flushDirectory(path),
    remove: async (path) => {
      this.#refuse()
      await this.inner.remove(path)
    },
    replace: async (path, bytes) => {
      this.#refuse()
      await this.inner.replace(path, bytes)
    },
    open: async (path, mode) => {
      if (mode !== 'read') this.#refuse()
      return this.#file(await this.inner.open(path, mode))
    },
  }
  #file(file: DiskFile): DiskFile {
    return {
      read: (into, at) => file.read(into, at),
      flush: () => file.flush(),
      close: () => file.close(),
      truncate: async (bytes) => {
        this.#refuse()
        await file.truncate(bytes)
      },
      write: async (bytes, at) => {
        if (this.isReadOnly) await file.write(bytes.subarray(0, bytes.length >> 1), at)
        this.#refuse()
        await file.write(bytes, at)
      },
    }
  }
}

type Log = Awaited<ReturnType<typeof openFileLog>>
const open = ({ disk }: TurningDisk) =>
  openFileLog({ directory: '/d', partitions: 1, segmentBytes: 300, disk })
function append(log: Log, n: number) {
  const writer = new EntryWriter()
  // Of many lengths: what follows a refused one may fit behind it, or not into the segment.
  const pin = 'p'.repeat(1 + ((n * 37) % 150))
  writer.append({ kind: 'save', id: `e${n}`, time: n, user: 'u', pin })
  const { payload, count } = writer.take()
  return log.append(0, payload, count)
}
async function ids(log: Log): Promise<string[]> {
  const found: string[] = []
  for await (const { payload } of log.read()) {
    const reader = new EntryReader(payload)
    while (reader.next()) found.push(reader.toEntry().id)
  }
  return found
}
const unwritable = { code: 'DIRECTORY_UNWRITABLE', details: { directory: '/d', reason: 'EROFS' } }
const refused = { code: 'LOG_WRITE_FAILED', details: { reason: 'EROFS' } }

test('a start on a read-only disk is refused, with what to do; nothing is changed', async () => {
  const turning = new TurningDisk()
  turning.isReadOnly = true
  await expect(open(turning)).rejects.toMatchObject(unwritable)
  await expect(open(turning)).rejects.toThrow(/\/d cannot be written: EROFS\. Make it writable/)
  turning.isReadOnly = false
  await append(await open(turning), 1)
  turning.isReadOnly = true
  await expect(open(turning)).rejects.toMatchObject(unwritable)
  turning.isReadOnly = false
  expect(await ids(await open(turning))).toEqual(['e1'])
})

test('while it is read-only appends are refused and reads go on; then it is as if nothing was', async () => {
  const turning = new TurningDisk()
  const log = await open(turning)
  const told: string[] = []
  // Segments are full after a few entries: the disk turns in the middle of one and between two.
  for (let n = 0; n < 40; n++) {
    turning.isReadOnly = n % 3 === 1
    const appended = append(log, n)
    if (turning.isReadOnly) {
      await expect(appended).rejects.toMatchObject(refused)
      expect(await ids(log)).toEqual(told)
    } else {
      await appended
      told.push(`e${n}`)
    }
  }
  expect(log.failure).toBeUndefined()
  turning.isReadOnly = false
  expect(await ids(await open(turning))).toEqual(told)
  expect(turning.inner.files.size).toBeGreaterThan(5)
})

test('a kill while the disk is read-only leaves half a frame, which the next start cuts off', async () => {
  const turning = new TurningDisk()
  const log = await open(turning)
  await append(log, 1)
  turning.isReadOnly = true
  await expect(append(log, 2)).rejects.toMatchObject(refused)
  await expect(append(log, 3)).rejects.toMatchObject(refused)
  turning.isReadOnly = false
  expect(await ids(await open(turning))).toEqual(['e1'])
})

test('a folder that cannot be flushed is as final as a file', async () => {
  let fails = false
  class Breaking extends SimulatedDisk {
    override async flushDirectory(path: string): Promise<void> {
      if (fails) throw Object.assign(new Error('broken'), { code: 'EIO' })
      await super.flushDirectory(path)
    }
  }
  const failures: string[] = []
  const onFailure = (reason: string) => void failures.push(reason)
  const log = await openFileLog({
    directory: '/d',
    partitions: 1,
    disk: new Breaking(),
    onFailure,
  })
  fails = true
  await expect(append(log, 1)).rejects.toMatchObject({ details: { reason: 'EIO' } })
  fails = false
  await expect(append(log, 2)).rejects.toMatchObject({ details: { reason: 'EIO' } })
  expect(failures).toEqual(['EIO'])
})
