/** A small file system in memory that can be filled to the last byte: mounting takes root. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Mounts one of `megabytes` on `folder`. */
export function mountMemory(folder: string, megabytes = 1): void {
  const size = `size=${megabytes}m`
  execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'ignore' })
}

export function unmount(folder: string): void {
  execFileSync('umount', [folder])
}

/** Tried in a folder of its own below `scratch`. */
export function mayMount(scratch: string): boolean {
  const folder = mkdtempSync(join(scratch, 'pinwheel-mount-'))
  try {
    mountMemory(folder)
    unmount(folder)
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const BLOCK = new Uint8Array(64 * 1024)

/** Takes all the room that is left on the disk of `folder`; the result gives it back. */
export function fill(folder: string): () => void {
  const path = join(folder, 'ballast')
  const file = openSync(path, 'w')
  try {
    for (let size = BLOCK.length; size > 0; size = writes(file, size) ? size : size >> 1);
  } finally {
    closeSync(file)
  }
  return () => rmSync(path)
}

/** False when the disk has no room for it. */
function writes(file: number, bytes: number): boolean {
  try {
    return writeSync(file, BLOCK, 0, bytes) > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
