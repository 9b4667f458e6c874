/**
 * Every frame of a partition looked at, nothing changed: what a start would find, and do. A server
 * may be writing the last segment, and dropping the first ones.
 */
import { join } from 'node:path'
import { decodeFrame, wasFlushed } from '../log/frame.ts'
import { type Disk, listIfThere } from '../log/index.ts'
import { isAccepted, type Loss } from '../log/losses.ts'

export type SegmentScan = {
  readonly segments: number
  readonly bytes: number
  readonly entries: number
  /** Position of the next entry. */
  readonly next: number
  /** What a start cuts off the end: it was never flushed. */
  readonly tornBytes: number
  /** The first damage; what lies behind it was not looked at. */
  readonly damage?: { readonly file: string; readonly offset: number; readonly reason: string }
}

export type ScanOptions = {
  readonly disk: Disk
  readonly folder: string
  readonly partition: number
  readonly begins: number
  readonly losses: readonly Loss[]
}

export async function scanSegments(options: ScanOptions): Promise<SegmentScan> {
  const { disk, folder, partition, begins, losses } = options
  const names = (await listIfThere(disk, folder)).filter((name) => name.endsWith('.seg'))
  const found = { segments: 0, bytes: 0, entries: 0, next: 0, tornBytes: 0 }
  /** What is wrong with a jump to another position. */
  const jump = (first: number) => {
    const loss = { partition, from: found.next, to: first }
    const wanted = found.next
    found.next = first
    if (first === wanted || isAccepted(losses, loss)) return undefined
    return `position ${first} stands where ${wanted} belongs`
  }
  for (const [i, name] of names.entries()) {
    const file = join(folder, name)
    const bytes = await readUnlessDropped(disk, file)
    const damaged = (offset: number, reason: string) => {
      return { ...found, damage: { file, offset, reason } }
    }
    const first = Number(name.slice(0, 20))
    if (found.segments === 0) found.next = Math.min(first, begins)
    if (!bytes) continue
    const gap = jump(first)
    if (gap) return damaged(0, gap)
    found.segments++
    found.bytes += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const decoded = decodeFrame(bytes, at)
      if (!decoded.frame) {
        if (i < names.length - 1 || wasFlushed(bytes, at)) return damaged(at, decoded.problem)
        found.tornBytes = bytes.length - at
        break
      }
      const { frame } = decoded
      if (frame.partition !== partition) {
        return damaged(at, `a frame of partition ${frame.partition} stands here`)
      }
      const gap = jump(frame.first)
      if (gap) return damaged(at, gap)
      found.next += frame.count
      found.entries += frame.count
      at = decoded.end
    }
  }
  return found
}

/** Position behind the last whole frame of a folder of segments: 0 where there is none. */
export async function endOf(disk: Disk, folder: string): Promise<number> {
  const names = (await listIfThere(disk, folder)).filter((name) => name.endsWith('.seg'))
  const last = names.at(-1)
  if (last === undefined) return 0
  const bytes = await disk.readAll(join(folder, last))
  let end = Number(last.slice(0, 20))
  for (let at = 0; ; ) {
    const decoded = decodeFrame(bytes, at)
    if (!decoded.frame) return end
    end = decoded.frame.first + decoded.frame.count
    at = decoded.end
  }
}

async function readUnlessDropped(disk: Disk, file: string): Promise<Uint8Array | undefined> {
  try {
    return await disk.readAll(file)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  }
}
