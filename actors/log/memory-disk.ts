/**
 * A disk in memory for tests: unflushed bytes are lost when the power fails, writes can be torn,
 * the disk can fill up, a flush can fail.
 */
import type { Disk, DiskFile } from './disk.ts'

type Content = { bytes: Uint8Array; flushed: Uint8Array }

export class MemoryDisk implements Disk {
  readonly files = new Map<string, Content>()
  readonly directories = new Set<string>()
  /** Bytes that may still be written. */
  room = Number.POSITIVE_INFINITY
  flushFails = false
  /** A planted bug: flushes that do nothing. */
  lies = false
  flushes = 0

  async makeDirectory(path: string): Promise<void> {
    this.directories.add(path)
  }
  async list(path: string): Promise<string[]> {
    const inside = [...this.files.keys(), ...this.directories].filter((p) =>
      p.startsWith(`${path}/`),
    )
    return [...new Set(inside.map((p) => p.slice(path.length + 1).split('/')[0]!))].sort()
  }
  async size(path: string): Promise<number> {
    return this.#get(path).bytes.length
  }
  async readAll(path: string): Promise<Uint8Array> {
    return this.#get(path).bytes.slice()
  }
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, { bytes: bytes.slice(), flushed: bytes.slice() })
  }
  async flushDirectory(): Promise<void> {}

  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile> {
    if (mode === 'create') {
      this.files.set(path, { bytes: new Uint8Array(0), flushed: new Uint8Array(0) })
    }
    const content = this.#get(path)
    return {
      write: async (bytes, at) => {
        const fit = bytes.subarray(0, Math.min(bytes.length, this.room))
        const grown = new Uint8Array(Math.max(content.bytes.length, at + fit.length))
        grown.set(content.bytes)
        grown.set(fit, at)
        content.bytes = grown
        this.room -= fit.length
        if (fit.length < bytes.length) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      },
      read: async (into, at) => {
        const found = content.bytes.subarray(at, at + into.length)
        into.set(found)
        return found.length
      },
      flush: async () => {
        this.flushes++
        if (this.flushFails) throw Object.assign(new Error('io'), { code: 'EIO' })
        if (!this.lies) content.flushed = content.bytes.slice()
      },
      truncate: async (bytes) => {
        this.room += content.bytes.length - bytes
        content.bytes = content.bytes.slice(0, bytes)
      },
      close: async () => {},
    }
  }

  /** Power loss: of what was not flushed, a prefix of `kept` bytes remains in each file. */
  loseUnflushed(kept: number): void {
    for (const content of this.files.values()) {
      const { bytes, flushed } = content
      const rest = Math.min(bytes.length, flushed.length + kept)
      content.bytes = bytes.slice(0, Math.max(flushed.length, rest))
      content.flushed = content.bytes.slice()
    }
  }

  #get(path: string): Content {
    const content = this.files.get(path)
    if (!content) throw Object.assign(new Error(path), { code: 'ENOENT' })
    return content
  }
}
