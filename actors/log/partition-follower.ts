/**
 * One partition as `LogFollower` reads it: `poll` looks for more in the files, `next` gives what it
 * found. Holds one chunk, not a segment.
 */
import { join } from 'node:path'
import { limits, pinwheelError } from '../../base/index.ts'
import { type Disk, listIfThere } from './disk.ts'
import type { Frame } from './event-log.ts'
import { decodeFrame, FRAME_HEADER_BYTES, wasFlushed } from './frame.ts'
import { isAccepted, type Loss } from './losses.ts'

/** Room for the largest frame, and for many small ones. */
const CHUNK_BYTES = 4 * (limits.frameBytesMax + FRAME_HEADER_BYTES)

type Place = {
  /** Name of the segment; undefined before the first is there. */
  readonly segment: string | undefined
  /** Where `#chunk` begins in it. */
  readonly offset: number
}

export class PartitionFollower {
  readonly #disk: Disk
  readonly #directory: string
  readonly #partition: number
  readonly #facts: { readonly losses: readonly Loss[]; readonly begins: number }
  #place: Place = { segment: undefined, offset: 0 }
  #chunk: Uint8Array = new Uint8Array(0)
  /** Bytes of the chunk that `next` gave. */
  #given = 0
  /** Position of the first entry that `next` did not give. */
  #position = 0

  constructor(
    disk: Disk,
    directory: string,
    partition: number,
    facts: { readonly losses: readonly Loss[]; readonly begins: number },
  ) {
    this.#disk = disk
    this.#facts = facts
    this.#directory = directory
    this.#partition = partition
  }

  /** The next frame that `poll` found. */
  next(): Frame | undefined {
    const decoded = decodeFrame(this.#chunk, this.#given)
    if (!decoded.frame) return undefined
    const { frame, end } = decoded
    const gap = { partition: this.#partition, from: this.#position, to: frame.first }
    if (isAccepted(this.#facts.losses, gap)) this.#position = frame.first
    if (frame.first !== this.#position || frame.partition !== this.#partition) {
      const reason = `position ${frame.first} stands where ${this.#position} belongs`
      throw this.#damaged(this.#given, reason)
    }
    this.#given = end
    this.#position += frame.count
    return frame
  }

  /** Reads on where the frames found so far end. LOG_DAMAGED. */
  async poll(): Promise<void> {
    const segments = await this.#segments()
    for (;;) {
      const { segment, offset } = this.#place
      const following = segments[segment === undefined ? 0 : segments.indexOf(segment) + 1]
      if (segment !== undefined) {
        await this.#read(segment, offset + this.#given)
        if (decodeFrame(this.#chunk, 0).frame) return
        this.#checkTail(following !== undefined)
      }
      if (following === undefined) return
      if (segment === undefined) {
        this.#position = Math.min(Number(following.slice(0, 20)), this.#facts.begins)
      }
      this.#place = { segment: following, offset: 0 }
      this.#chunk = new Uint8Array(0)
      this.#given = 0
    }
  }

  /** Entries in the files that `next` did not give. */
  async unread(): Promise<number> {
    const copy = new PartitionFollower(this.#disk, this.#directory, this.#partition, this.#facts)
    copy.#place = { ...this.#place, offset: this.#place.offset + this.#given }
    copy.#position = this.#position
    for (;;) {
      await copy.poll()
      const before = copy.#position
      while (copy.next());
      if (copy.#position === before) return before - this.#position
    }
  }

  /** What follows the last whole frame: nothing, or in the last segment the start of one. */
  #checkTail(isFinished: boolean): void {
    const decoded = decodeFrame(this.#chunk, 0)
    if (this.#chunk.length === 0 || decoded.frame) return
    if (isFinished || wasFlushed(this.#chunk, 0)) throw this.#damaged(0, decoded.problem)
  }

  async #segments(): Promise<string[]> {
    const names = await listIfThere(this.#disk, this.#directory)
    return names.filter((name) => name.endsWith('.seg'))
  }

  async #read(segment: string, offset: number): Promise<void> {
    const path = join(this.#directory, segment)
    const size = await this.#disk.size(path)
    this.#place = { segment, offset }
    this.#given = 0
    this.#chunk = new Uint8Array(Math.min(CHUNK_BYTES, Math.max(0, size - offset)))
    if (size < offset) throw this.#damaged(0, 'it is shorter than what was read of it')
    if (this.#chunk.length === 0) return
    const file = await this.#disk.open(path, 'read')
    try {
      const read = await file.read(this.#chunk, offset)
      this.#chunk = this.#chunk.subarray(0, read)
      await file.flush()
    } finally {
      await file.close()
    }
  }

  #damaged(at: number, reason: string) {
    const { segment = '', offset } = this.#place
    const file = join(this.#directory, segment)
    return pinwheelError('LOG_DAMAGED', { file, offset: offset + at, reason })
  }
}
