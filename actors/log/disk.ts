/**
 * The disk as the log needs it: a port, so that tests can lose unflushed bytes, tear writes and
 * fill up. `realDisk` is the file system.
 */
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder, pinwheelError } from '../../base/index.ts'

export interface DiskFile {
  /** Writes all bytes at `at`. */
  write(bytes: Uint8Array, at: number): Promise<void>
  read(into: Uint8Array, at: number): Promise<number>
  flush(): Promise<void>
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

export interface Disk {
  makeDirectory(path: string): Promise<void>
  /** Names in a directory, sorted. */
  list(path: string): Promise<string[]>
  open(path: string, mode: 'create' | 'append' | 'read'): Promise<DiskFile>
  size(path: string): Promise<number>
  readAll(path: string): Promise<Uint8Array>
  /** Takes away a file, or a folder with all that is in it; nothing when it is not there. */
  remove(path: string): Promise<void>
  /** Writes a small file whole: temporary name, flush, rename, flush of the directory. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  flushDirectory(path: string): Promise<void>
}

const takesNothing = ['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT']

/** What a start throws for `error`: DIRECTORY_UNWRITABLE where the disk lets nothing be written. */
export function startError(directory: string, error: unknown): unknown {
  const { code: reason } = error as { code?: unknown }
  if (typeof reason !== 'string' || !takesNothing.includes(reason)) return error
  return pinwheelError('DIRECTORY_UNWRITABLE', { directory, reason }, error)
}

/** Names in a directory, sorted; none where it is not there. */
export async function listIfThere(disk: Disk, path: string): Promise<string[]> {
  try {
    return await disk.list(path)
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }
}

class RealFile implements DiskFile {
  readonly #handle: FileHandle
  constructor(handle: FileHandle) {
    this.#handle = handle
  }
  async write(bytes: Uint8Array, at: number): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, at + done)
      done += bytesWritten
    }
  }
  async read(into: Uint8Array, at: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(into, 0, into.length, at)
    return bytesRead
  }
  flush(): Promise<void> {
    return this.#handle.datasync()
  }
  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes)
  }
  close(): Promise<void> {
    return this.#handle.close()
  }
}

export const realDisk: Disk = {
  async makeDirectory(path) {
    await makeFolder(path)
    await realDisk.flushDirectory(dirname(path))
  },
  async list(path) {
    return (await readdir(path)).sort()
  },
  async open(path, mode) {
    return new RealFile(
      await open(path, mode === 'create' ? 'wx+' : mode === 'append' ? 'r+' : 'r'),
    )
  },
  async size(path) {
    return (await stat(path)).size
  },
  async readAll(path) {
    return await readFile(path)
  },
  async remove(path) {
    await rm(path, { recursive: true, force: true })
  },
  async replace(path, bytes) {
    const file = await open(`${path}.new`, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await realDisk.flushDirectory(dirname(path))
  },
  async flushDirectory(path) {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
}
