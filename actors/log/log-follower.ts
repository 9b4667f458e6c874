/**
 * Reads a log that another process may be writing: takes no lock, cuts nothing off, and goes on
 * later from where it stopped. At an incomplete frame it waits for the rest.
 *
 * Frames come in the order of their sequence, as every reader sees them. Partitions are flushed
 * side by side, so the file of one may show sequence 8 while 7 is on its way into another. A
 * missing sequence was given up (its write failed) when every partition has a later one, or when
 * nobody has the directory and the files were read again; else what lies behind it waits. Where
 * segments were dropped, those before a partition's first frame may be missing.
 *
 * Bytes are flushed before they are handed on: what a power failure could take back is not told.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'
import { readBegins } from './begins.ts'
import { directoryOwner } from './directory-lock.ts'
import { type Disk, realDisk } from './disk.ts'
import type { Frame } from './event-log.ts'
import { partitionDirectory, readPartitionCount } from './file-log.ts'
import { readLosses } from './losses.ts'
import { PartitionFollower } from './partition-follower.ts'

export type LogFollowerOptions = {
  readonly directory: string
  readonly disk?: Disk
  /** What is made of it is a fold of the whole log: LOG_DROPPED where it begins later. */
  readonly fromStart?: boolean
  /** Who has the directory, if anybody. */
  readonly owner?: () => string | undefined
}

export class LogFollower {
  readonly partitions: number
  readonly #parts: readonly PartitionFollower[]
  readonly #begins: readonly number[]
  readonly #owner: () => string | undefined
  /** The frame each partition offers next. */
  readonly #heads: (Frame | undefined)[]
  readonly #positions: number[]
  #sequence = 0
  /** Whatever has a sequence below it is in the files, was dropped, or was given up. */
  #settled = 0
  #fingerprint = 0

  private constructor(
    parts: readonly PartitionFollower[],
    begins: readonly number[],
    owner: () => string | undefined,
  ) {
    this.partitions = parts.length
    this.#parts = parts
    this.#owner = owner
    this.#heads = parts.map(() => undefined)
    this.#begins = begins
    this.#positions = [...begins]
  }

  /** DIRECTORY_INVALID when no log is there; LOG_DROPPED. */
  static async open(options: LogFollowerOptions): Promise<LogFollower> {
    const { directory, disk = realDisk } = options
    const root = join(directory, 'log')
    const partitions = await readPartitionCount(disk, root)
    if (partitions === undefined) {
      const reason = 'it has no log/meta.json'
      throw pinwheelError('DIRECTORY_INVALID', { directory, reason })
    }
    const losses = await readLosses(disk, root)
    const begins = await readBegins(disk, root, partitions)
    const parts = Array.from({ length: partitions }, (_, partition) => {
      const folder = partitionDirectory(root, partition)
      return new PartitionFollower(disk, folder, partition, { losses, begins: begins[partition]! })
    })
    const partition = begins.findIndex((first) => first > 0)
    if (options.fromStart && partition >= 0) {
      const first = begins[partition]!
      const reason = 'this needs the whole log. PINWHEEL_LOG_MB=0 keeps one whole'
      throw pinwheelError('LOG_DROPPED', { directory, partition, first, reason })
    }
    return new LogFollower(parts, begins, options.owner ?? (() => directoryOwner(directory)))
  }

  /** Where the next frame begins, and the CRC-32 of all payloads before it. */
  get cursor(): { readonly positions: readonly number[]; readonly fingerprint: number } {
    return { positions: [...this.#positions], fingerprint: this.#fingerprint }
  }

  /** The frames that came since, in order. LOG_DAMAGED when they cannot be trusted. */
  async *read(): AsyncIterable<Frame> {
    for (;;) {
      const frame = await this.#next()
      if (!frame) return
      this.#heads[frame.partition] = undefined
      this.#positions[frame.partition] = frame.first + frame.count
      this.#sequence = frame.sequence + 1
      this.#fingerprint = crc32(frame.payload, this.#fingerprint)
      yield frame
    }
  }

  /** Entries in the files that were not handed on. */
  async unread(): Promise<number> {
    const waiting = await Promise.all(this.#parts.map((part) => part.unread()))
    const held = this.#heads.map((head) => head?.count ?? 0)
    return [...waiting, ...held].reduce((sum, count) => sum + count, 0)
  }

  async #next(): Promise<Frame | undefined> {
    this.#fill()
    if (this.#least()?.sequence === this.#sequence) return this.#least()
    await this.#poll()
    const least = this.#least()
    if (!least || least.sequence <= Math.max(this.#sequence, this.#settled)) return least
    if (this.#heads.every((head) => head)) return least
    if (this.#owner() !== undefined) return undefined
    // Whoever was writing the missing one is gone by now: it is there, or will never be.
    await this.#poll()
    return this.#least()
  }

  async #poll(): Promise<void> {
    for (const [p, part] of this.#parts.entries()) if (!this.#heads[p]) await part.poll()
    this.#fill()
  }

  #fill(): void {
    for (const [p, part] of this.#parts.entries()) {
      this.#heads[p] ??= part.next()
      const head = this.#heads[p]
      // Segments are dropped when they are folded, so all that came before was settled then.
      if (!head || head.first === 0 || head.first !== this.#begins[p]) continue
      this.#settled = Math.max(this.#settled, head.sequence)
    }
  }

  #least(): Frame | undefined {
    let least: Frame | undefined
    for (const head of this.#heads) {
      if (head && (!least || head.sequence < least.sequence)) least = head
    }
    return least
  }
}
