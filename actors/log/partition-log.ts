/**
 * One partition: segment files named by the position of their first entry, appended with group
 * commit. Everything queued while a flush runs goes out in the next write and one fsync.
 *
 * Recovery: in the last segment the first bad frame and all after it are cut off, unless a later
 * frame shows that it had been flushed (what was not was never acknowledged). A bad frame anywhere
 * else, a gap in positions or a missing segment is damage: the start is refused with file and
 * offset. With `acceptLoss` it goes on behind the damage instead: what cannot be read is cut out of
 * the segment (a copy of it stays aside) and the gap is told.
 *
 * A failed write is refused and cut back, at the latest before the next one; later appends may
 * succeed (the disk was full, or read-only). A failed fsync is final: what the disk holds is
 * unknown, so nothing is acknowledged any more.
 *
 * With `acknowledge: 'written'` appends do not wait for the fsync, which follows by itself as fast
 * as the disk lets it: what was acknowledged survives a kill of the process, not a power loss.
 */
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import type { Disk, DiskFile } from './disk.ts'
import type { Frame, Receipt } from './event-log.ts'
import {
  decodeFrame,
  encodeFrame,
  flushedBefore,
  frameBytes,
  nextFrame,
  wasFlushed,
} from './frame.ts'
import { isAccepted, type Loss } from './losses.ts'
import { needlessSegments, type Segment } from './needless-segments.ts'
import type { Sequencer } from './sequencer.ts'

type Waiting = {
  readonly payload: Uint8Array
  readonly count: number
  readonly resolve: (receipt: Receipt) => void
  readonly reject: (error: unknown) => void
}

/** When an append is acknowledged. */
export type Acknowledge = 'flushed' | 'written'

export type PartitionOptions = {
  readonly disk: Disk
  readonly directory: string
  readonly partition: number
  readonly segmentBytes: number
  readonly acknowledge: Acknowledge
  /** The first segment may begin at a position up to this one. */
  readonly begins: number
  /** Gaps that were agreed to, and whether to agree to more. */
  readonly losses: readonly Loss[]
  readonly acceptLoss: boolean
  readonly onLoss: (loss: Loss, file: string) => void
  readonly sequencer: Sequencer
  readonly onWritten: (bytes: number, frames: number) => void
  readonly onFsync: () => void
  readonly onFailure: (reason: string) => void
}

/** Of the segment whose first entry has this position. */
export const segmentName = (first: number) => `${String(first).padStart(20, '0')}.seg`

export class PartitionLog {
  readonly #options: PartitionOptions
  #segments: Segment[] = []
  #file: DiskFile | undefined
  #fileBytes = 0
  /** Of the file's bytes, those that are on the platter for sure. */
  #flushedBytes = 0
  #syncing: Promise<void> | undefined
  /** Whether a failed write was cut off and the file was not flushed since. */
  #isCut = false
  #next = 0
  #queue: Waiting[] = []
  #flushing: Promise<void> | undefined
  /** Behind the end lies what was refused and could not be cut off. */
  #isTorn = false
  #failure: string | undefined

  private constructor(options: PartitionOptions) {
    this.#options = options
  }

  /** Position of the first entry that is there. */
  get begins(): number {
    return this.#segments[0]?.first ?? 0
  }

  get next(): number {
    return this.#next
  }

  /** Opens and recovers; `onSequence` hears the highest sequence found. */
  static async open(
    options: PartitionOptions,
    onSequence: (sequence: number) => void,
  ): Promise<PartitionLog> {
    const log = new PartitionLog(options)
    await options.disk.makeDirectory(options.directory)
    // A process that was killed may have made a segment whose name is not on the platter.
    await options.disk.flushDirectory(options.directory)
    const names = (await options.disk.list(options.directory)).filter((n) => n.endsWith('.seg'))
    log.#segments = names.map((name) => ({ name, first: Number(name.slice(0, 20)) }))
    log.#next = Math.min(log.#segments[0]?.first ?? 0, options.begins)
    for (let i = 0; i < log.#segments.length; i++) {
      await log.#recover(i, i === log.#segments.length - 1, onSequence)
    }
    return log
  }

  append(payload: Uint8Array, count: number): Promise<Receipt> {
    if (this.#failure) return Promise.reject(this.#refusal(this.#failure))
    return new Promise((resolve, reject) => {
      this.#queue.push({ payload, count, resolve, reject })
      this.#flushing ??= this.#drain()
    })
  }

  /** Flushed frames from position `from` on, oldest first. */
  async *read(from: number): AsyncIterable<Frame> {
    const { disk, directory } = this.#options
    const until = this.#next
    const segments = [...this.#segments]
    for (const [i, segment] of segments.entries()) {
      const following = segments[i + 1]
      // Below, or dropped while this read was under way.
      if (following && following.first <= from) continue
      if (!this.#segments.includes(segment)) continue
      const bytes = await disk.readAll(join(directory, segment.name))
      for (let at = 0; at < bytes.length; ) {
        const decoded = decodeFrame(bytes, at)
        if (!decoded.frame) break
        if (decoded.frame.first >= until) return
        if (decoded.frame.first + decoded.frame.count > from) yield decoded.frame
        at = decoded.end
      }
    }
  }

  /** Names of the oldest segments, all wholly below `position`; `keepBytes` and more stay. */
  needless(position: number, keepBytes: number): Promise<readonly string[]> {
    const { disk, directory } = this.#options
    return needlessSegments(disk, directory, this.#segments, { position, keepBytes })
  }

  /** Where the log begins when those are gone. */
  firstWithout(names: readonly string[]): number {
    return this.#segments[names.length]?.first ?? this.#next
  }

  /** Removes segments that `needless` gave, oldest first. */
  async drop(names: readonly string[]): Promise<void> {
    const { disk, directory } = this.#options
    for (const name of names) {
      await disk.remove(join(directory, name))
      this.#segments.shift()
    }
    await disk.flushDirectory(directory)
  }

  async close(): Promise<void> {
    await this.#flushing
    await this.#syncing
    await this.#file?.close()
    this.#file = undefined
  }

  async #recover(index: number, last: boolean, onSequence: (n: number) => void): Promise<void> {
    const { disk, directory } = this.#options
    const { name, first } = this.#segments[index]!
    const path = join(directory, name)
    if (first !== this.#next) {
      this.#skip(first, path, 0, `it begins at position ${first}, but ${this.#next} comes next`)
    }
    let bytes = await disk.readAll(path)
    let at = 0
    let proven = 0
    while (at < bytes.length) {
      const decoded = decodeFrame(bytes, at)
      if (!decoded.frame) {
        if (last && !wasFlushed(bytes, at)) break
        bytes = await this.#cutOut(path, bytes, at, decoded.problem)
        continue
      }
      const { frame } = decoded
      if (frame.first !== this.#next || frame.partition !== this.#options.partition) {
        const reason = `a frame of position ${frame.first} stands where ${this.#next} belongs`
        if (frame.partition !== this.#options.partition) throw this.#damaged(path, at, reason)
        this.#skip(frame.first, path, at, reason)
      }
      this.#next += frame.count
      onSequence(frame.sequence)
      proven = Math.max(proven, flushedBefore(bytes, at))
      at = decoded.end
    }
    if (!last) return
    this.#file = await disk.open(path, 'append')
    this.#fileBytes = at
    if (at < bytes.length) await this.#file.truncate(at)
    // A process that was killed may have left frames that only the system's memory has. Where a
    // flush of them failed, the system holds them for flushed: only what is written anew is.
    if (proven < at) await this.#file.write(bytes.subarray(proven, at), proven)
    await this.#file.flush()
    this.#flushedBytes = at
  }

  #damaged(file: string, offset: number, reason: string) {
    return pinwheelError('LOG_DAMAGED', { file, offset, reason })
  }

  /** Goes on at position `first`, if what lies before it may be missing. */
  #skip(first: number, path: string, offset: number, reason: string): void {
    const { losses, partition, acceptLoss, onLoss } = this.#options
    const loss = { partition, from: this.#next, to: first }
    if (!isAccepted(losses, loss)) {
      if (!acceptLoss || first < this.#next) throw this.#damaged(path, offset, reason)
      onLoss(loss, path)
    }
    this.#next = first
  }

  /** The segment without what cannot be read from `at` to the next whole frame. */
  async #cutOut(path: string, bytes: Uint8Array, at: number, problem: string) {
    const { disk, acceptLoss } = this.#options
    if (!acceptLoss) throw this.#damaged(path, at, problem)
    const kept = Buffer.concat([bytes.subarray(0, at), bytes.subarray(nextFrame(bytes, at))])
    await disk.replace(`${path}.damaged`, bytes)
    await disk.replace(path, kept)
    return kept
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0)
      try {
        await this.#flush(batch)
      } catch (error) {
        for (const waiting of batch) waiting.reject(error)
      }
    }
    this.#flushing = undefined
  }

  async #flush(batch: readonly Waiting[]): Promise<void> {
    if (this.#failure) throw this.#refusal(this.#failure)
    const { sequencer, partition } = this.#options
    const frames: Frame[] = []
    let next = this.#next
    for (const { payload, count } of batch) {
      frames.push({ partition, sequence: sequencer.take(), first: next, count, payload })
      next += count
    }
    try {
      const length = batch.reduce((sum, { payload }) => sum + frameBytes(payload.length), 0)
      if (this.#isTorn) await this.#cutBack()
      const file = await this.#segmentFor(length)
      await this.#write(file, together(frames, this.#fileBytes - this.#flushedBytes))
      this.#fileBytes += length
      this.#next = next
      this.#options.onWritten(length, frames.length)
      if (this.#options.acknowledge === 'written') this.#syncing ??= this.#sync(file)
      else this.#flushedBytes = this.#fileBytes
    } catch (error) {
      for (const { sequence } of frames) sequencer.failed(sequence)
      throw error
    }
    for (const [i, frame] of frames.entries()) {
      const { first, count } = frame
      // Told only when handed on, so that what was acknowledged has reached those who follow the
      // log.
      sequencer.flushed(frame).then(() => {
        batch[i]!.resolve({ partition, first, last: first + count - 1 })
      }, batch[i]!.reject)
    }
  }

  async #write(file: DiskFile, bytes: Uint8Array): Promise<void> {
    try {
      await file.write(bytes, this.#fileBytes)
    } catch (error) {
      // Nothing of this was acknowledged: cut it off, so that a later write finds a clean end.
      this.#isTorn = true
      this.#isCut = true
      await this.#cutBack().catch(() => {})
      throw this.#refusal(reasonOf(error), error)
    }
    if (this.#options.acknowledge === 'written') return
    try {
      await this.#flushFile(file)
    } catch (error) {
      this.#fail(reasonOf(error))
      throw this.#refusal(reasonOf(error), error)
    }
  }

  async #cutBack(): Promise<void> {
    try {
      await this.#file?.truncate(this.#fileBytes)
      this.#isTorn = false
    } catch (error) {
      throw this.#refusal(reasonOf(error), error)
    }
  }

  async #flushFile(file: DiskFile): Promise<void> {
    await file.flush()
    this.#isCut = false
    this.#options.onFsync()
  }

  /** Flushes until nothing is left to flush. */
  async #sync(file: DiskFile): Promise<void> {
    try {
      while (this.#flushedBytes < this.#fileBytes) {
        const end = this.#fileBytes
        await this.#flushFile(file)
        this.#flushedBytes = end
      }
    } catch (error) {
      this.#fail(reasonOf(error))
    }
    this.#syncing = undefined
  }

  async #segmentFor(bytes: number): Promise<DiskFile> {
    const { disk, directory, segmentBytes } = this.#options
    if (this.#file && this.#fileBytes + bytes <= segmentBytes) return this.#file
    // Nothing in it but frames without entries, if anything: the next would have the same name.
    if (this.#file && this.#segments.at(-1)!.first === this.#next) return this.#file
    const name = segmentName(this.#next)
    // Only the last segment may end in what was not flushed.
    await this.#syncing
    if (this.#failure) throw this.#refusal(this.#failure)
    if (this.#file && this.#isCut) {
      // Else what was cut off may be back after a power loss, in a segment that is not the last.
      try {
        await this.#flushFile(this.#file)
      } catch (error) {
        this.#fail(reasonOf(error))
        throw this.#refusal(reasonOf(error), error)
      }
    }
    let file: DiskFile
    try {
      file = await disk.open(join(directory, name), 'create')
    } catch (error) {
      throw this.#refusal(reasonOf(error), error)
    }
    try {
      await disk.flushDirectory(directory)
    } catch (error) {
      // As final as any failed flush: the name may be there or not.
      await file.close()
      this.#fail(reasonOf(error))
      throw this.#refusal(reasonOf(error), error)
    }
    await this.#file?.close()
    this.#file = file
    this.#fileBytes = 0
    this.#flushedBytes = 0
    this.#segments.push({ name, first: this.#next })
    return file
  }

  #fail(reason: string): void {
    this.#failure = reason
    this.#options.onFailure(reason)
  }

  #refusal(reason: string, cause?: unknown) {
    return pinwheelError('LOG_WRITE_FAILED', { reason }, cause)
  }
}

/** Frames as they are written at once, behind so many bytes that are not flushed. */
function together(frames: readonly Frame[], unflushed: number): Uint8Array {
  const parts: Uint8Array[] = []
  let behind = unflushed
  for (const frame of frames) {
    const bytes = encodeFrame(frame, behind)
    parts.push(bytes)
    behind += bytes.length
  }
  return Buffer.concat(parts)
}

function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error)
}
