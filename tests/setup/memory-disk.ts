/** A small file system in memory, for tests of disks that are full or read-only. */
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { mayMount, mountMemory, unmount } from '../../simulator/faults/process/tight-disk.ts'

export { mountMemory, unmount }

/** From now on the file system at `folder` may only be read; no file may be open for writing. */
export function makeReadOnly(folder: string): void {
  execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' })
}

/** For `describeWith`. */
export const memoryDisk = {
  server: 'mount',
  found: mayMount(tmpdir()) || undefined,
  hint: 'only root may mount a disk',
} as const
