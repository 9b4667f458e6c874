/**
 * Frames written again as they are, positions and sequences too, into segments of a folder; nothing
 * counts until `finish`.
 */
import { join } from 'node:path'
import { encodeFrame } from '../log/frame.ts'
import { type Disk, type DiskFile, type Frame, fileLogDefaults } from '../log/index.ts'
import { segmentName } from '../log/partition-log.ts'

/** Frames are written together up to so many bytes. */
const PIECE_BYTES = 1 << 20

export class FrameCopy {
  readonly #disk: Disk
  readonly #folder: string
  readonly #segmentBytes: number
  #file: DiskFile | undefined
  #first = 0
  #written = 0
  #waiting: Uint8Array[] = []
  #waitingBytes = 0

  constructor(disk: Disk, folder: string, segmentBytes: number = fileLogDefaults.segmentBytes) {
    this.#disk = disk
    this.#folder = folder
    this.#segmentBytes = segmentBytes
  }

  async write(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame)
    const end = this.#written + this.#waitingBytes + bytes.length
    const isFull = end > this.#segmentBytes && frame.first > this.#first
    if (!this.#file || isFull) await this.#begin(frame.first)
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= PIECE_BYTES) await this.#pour()
  }

  /** Flushes all; a partition that has nothing still says at which `position` it goes on. */
  async finish(position: number): Promise<void> {
    if (!this.#file && position > 0) await this.#begin(position)
    await this.#end()
    await this.#disk.flushDirectory(this.#folder)
  }

  /** Lets go of what is open. */
  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }

  async #begin(first: number): Promise<void> {
    await this.#end()
    this.#file = await this.#disk.open(join(this.#folder, segmentName(first)), 'create')
    this.#first = first
    this.#written = 0
  }

  async #end(): Promise<void> {
    await this.#pour()
    await this.#file?.flush()
    await this.close()
  }

  async #pour(): Promise<void> {
    if (this.#waitingBytes === 0) return
    await this.#file?.write(Buffer.concat(this.#waiting), this.#written)
    this.#written += this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
  }
}
