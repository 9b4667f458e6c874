/**
 * A disk as one process sees it: everything takes time, and what the process asked for when it died
 * has happened or has not. What failed or took long is the disk's doing, not this wrapper's.
 */
import type { Disk, DiskFile } from '../../actors/index.ts'
import type { Random } from '../../base/index.ts'
import type { SimulatedDisk } from './simulated-disk.ts'
import type { SimulatedProcess } from './virtual-time.ts'

/** Of one operation, before the jitter of the scheduler. */
const OPERATION_MS = 0.05
const FLUSH_MS = 1

export class ProcessDisk implements Disk {
  readonly #disk: SimulatedDisk
  readonly #process: SimulatedProcess
  readonly #random: Random

  constructor(disk: SimulatedDisk, process: SimulatedProcess, random: Random) {
    this.#disk = disk
    this.#process = process
    this.#random = random
  }

  makeDirectory(path: string): Promise<void> {
    return this.#take(OPERATION_MS, () => this.#disk.makeDirectory(path))
  }
  list(path: string): Promise<string[]> {
    return this.#take(OPERATION_MS, () => this.#disk.list(path))
  }
  size(path: string): Promise<number> {
    return this.#take(OPERATION_MS, () => this.#disk.size(path))
  }
  readAll(path: string): Promise<Uint8Array> {
    return this.#take(OPERATION_MS, () => this.#disk.readAll(path))
  }
  replace(path: string, bytes: Uint8Array): Promise<void> {
    return this.#take(FLUSH_MS, () => this.#disk.replace(path, bytes))
  }
  remove(path: string): Promise<void> {
    return this.#take(OPERATION_MS, () => this.#disk.remove(path))
  }
  flushDirectory(path: string): Promise<void> {
    return this.#take(FLUSH_MS, () => this.#disk.flushDirectory(path))
  }

  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile> {
    const file = await this.#take(OPERATION_MS, () => this.#disk.open(path, mode))
    return {
      write: (bytes, at) => this.#take(OPERATION_MS, () => file.write(bytes, at)),
      read: (into, at) => this.#take(OPERATION_MS, () => file.read(into, at)),
      flush: () => this.#take(FLUSH_MS, () => file.flush()),
      truncate: (bytes) => this.#take(OPERATION_MS, () => file.truncate(bytes)),
      close: () => file.close(),
    }
  }

  /** The operation happens now or at the end of its time: nobody may rely on either. */
  #take<T>(ms: number, operation: () => Promise<T>): Promise<T> {
    const time = ms * this.#disk.slowness
    const done = this.#random.below(2) === 0 ? operation() : undefined
    // Heard when its time is over, if anybody is there then.
    done?.catch(() => {})
    return new Promise((resolve, reject) => {
      this.#process.after(time, () => (done ?? operation()).then(resolve, reject))
    })
  }
}
