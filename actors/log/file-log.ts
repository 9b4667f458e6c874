/**
 * The embedded log: partitions in DIR/log/pNN, their number fixed in DIR/log/meta.json when it is
 * made. The sequence of a frame orders it among all partitions.
 */
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import { readBegins, writeBegins } from './begins.ts'
import { readChecked, writeChecked } from './checked-file.ts'
import { type Disk, realDisk, startError } from './disk.ts'
import type { EventLog, Frame } from './event-log.ts'
import { type Loss, readLosses, writeLosses } from './losses.ts'
import { type Acknowledge, PartitionLog } from './partition-log.ts'
import { Sequencer } from './sequencer.ts'

const FORMAT = 1
const META = 'meta.json'

export type FileLogOptions = {
  readonly directory: string
  /** For a new log; an existing one keeps its own number. */
  readonly partitions: number
  readonly segmentBytes?: number
  readonly acknowledge?: Acknowledge
  readonly disk?: Disk
  /** Goes on without what is damaged; every gap is told and kept. */
  readonly acceptLoss?: boolean
  readonly onLoss?: (loss: Loss, file: string) => void
  /** Hears once that nothing can be acknowledged any more, and why. */
  readonly onFailure?: (reason: string) => void
}

export const fileLogDefaults = Object.freeze({ segmentBytes: 64 * 1024 * 1024 })

/**
 * Opens or makes the log. LOG_DAMAGED, LOG_NEWER or DIRECTORY_INVALID when it cannot be trusted,
 * DIRECTORY_UNWRITABLE when nothing can be written.
 */
export async function openFileLog(options: FileLogOptions): Promise<EventLog> {
  try {
    return await open(options)
  } catch (error) {
    throw startError(options.directory, error)
  }
}

async function open(options: FileLogOptions): Promise<EventLog> {
  const disk = options.disk ?? realDisk
  const root = join(options.directory, 'log')
  await disk.makeDirectory(root)
  const partitions = await partitionCount(disk, root, options.partitions)
  // Nor need what a killed process named be there after a power loss.
  await disk.flushDirectory(root)
  const listeners: ((frame: Frame) => void)[] = []
  const stats = { fsyncs: 0, frames: 0, bytes: 0 }
  const sequencer = new Sequencer((frame) => {
    for (const listener of listeners) listener(frame)
  })
  const losses = await readLosses(disk, root)
  const begins = await readBegins(disk, root, partitions)
  const found: Loss[] = []
  let failure: string | undefined
  const openPart = (partition: number) =>
    PartitionLog.open(
      {
        disk,
        partition,
        directory: partitionDirectory(root, partition),
        segmentBytes: options.segmentBytes ?? fileLogDefaults.segmentBytes,
        sequencer,
        acknowledge: options.acknowledge ?? 'flushed',
        begins: begins[partition]!,
        losses,
        acceptLoss: options.acceptLoss === true,
        onLoss: (loss, file) => {
          found.push(loss)
          options.onLoss?.(loss, file)
        },
        onFsync: () => {
          stats.fsyncs++
        },
        onWritten: (bytes, frames) => {
          stats.bytes += bytes
          stats.frames += frames
        },
        onFailure: (reason) => {
          if (failure !== undefined) return
          failure = reason
          options.onFailure?.(reason)
        },
      },
      (found) => sequencer.startAt(found + 1),
    )
  const opening = await Promise.allSettled(
    Array.from({ length: partitions }, (_, p) => openPart(p)),
  )
  const parts = opening.flatMap((part) => (part.status === 'fulfilled' ? [part.value] : []))
  for (const part of opening) {
    if (part.status === 'fulfilled') continue
    await Promise.all(parts.map((other) => other.close()))
    throw part.reason
  }
  if (found.length > 0) await writeLosses(disk, root, [...losses, ...found])
  // A frame that was given up leaves a gap in the sequence. Whoever reads beside this process knows
  // it for one when every partition has a later frame, so quiet ones get one without entries.
  let hasGap = false
  const fillGap = () => {
    if (!hasGap) return
    hasGap = false
    for (const part of parts) part.append(new Uint8Array(0), 0).catch(leaveGap)
  }
  const leaveGap = () => {
    hasGap = failure === undefined
  }
  return {
    partitions,
    positions: () => parts.map((part) => part.next),
    begins: () => parts.map((part) => part.begins),
    append: (partition, payload, count) => {
      const receipt = parts[partition]!.append(payload, count)
      receipt.then(fillGap, leaveGap)
      return receipt
    },
    read: (from) => merge(parts.map((part, p) => part.read(from?.[p] ?? 0))),
    onFlushed: (listener) => {
      listeners.push(listener)
    },
    drop: async (below, keepBytes) => {
      const plans = await Promise.all(parts.map((part, p) => part.needless(below[p]!, keepBytes)))
      if (plans.every(({ length }) => length === 0)) return
      const first = parts.map((part, p) => part.firstWithout(plans[p]!))
      await writeBegins(disk, root, first)
      for (const [p, part] of parts.entries()) await part.drop(plans[p]!)
    },
    get failure() {
      return failure
    },
    stats,
    close: async () => {
      await Promise.all(parts.map((part) => part.close()))
    },
  }
}

/** Frames of several partitions in order of sequence. */
async function* merge(sources: readonly AsyncIterable<Frame>[]): AsyncIterable<Frame> {
  const readers = sources.map((source) => source[Symbol.asyncIterator]())
  const heads = await Promise.all(readers.map((reader) => reader.next()))
  for (;;) {
    let least = -1
    heads.forEach((head, i) => {
      if (head.done) return
      const held = least < 0 ? undefined : heads[least]
      if (!held || held.done || head.value.sequence < held.value.sequence) least = i
    })
    const head = heads[least]
    if (!head || head.done) return
    yield head.value
    heads[least] = await readers[least]!.next()
  }
}

export function partitionDirectory(root: string, partition: number): string {
  return join(root, `p${String(partition).padStart(2, '0')}`)
}

/** The number of partitions, fixed now if the log is new. */
async function partitionCount(disk: Disk, root: string, wanted: number): Promise<number> {
  const found = await readPartitionCount(disk, root)
  if (found !== undefined) return found
  if ((await disk.list(root)).some((name) => /^p\d+$/.test(name))) {
    const reason = 'log/meta.json is missing though partitions are there'
    throw pinwheelError('DIRECTORY_INVALID', { directory: root, reason })
  }
  await writeChecked(disk, root, META, { format: FORMAT, partitions: wanted })
  return wanted
}

/** The number of partitions in the log at `root`; undefined where none was made. */
export function readPartitionCount(disk: Disk, root: string): Promise<number | undefined> {
  return readChecked(disk, root, META, (fact) => {
    const { format, partitions } = fact as { format: number; partitions: number }
    if (format > FORMAT) {
      throw pinwheelError('LOG_NEWER', { file: join(root, META), version: format, known: FORMAT })
    }
    return partitions
  })
}
