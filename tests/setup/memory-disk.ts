/** A small file system in memory, for tests of disks that are full or read-only. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Mounts one on `folder`. */
export function mountMemory(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' })
}

/** From now on the file system at `folder` may only be read; no file may be open for writing. */
export function makeReadOnly(folder: string): void {
  execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' })
}

export function unmount(folder: string): void {
  execFileSync('umount', [folder])
}

function mayMount(): true | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-mount-'))
  try {
    mountMemory(folder)
    unmount(folder)
    return true
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** For `describeWith`. */
export const memoryDisk = {
  server: 'mount',
  found: mayMount(),
  hint: 'only root may mount a disk',
} as const
