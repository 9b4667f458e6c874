/** A base snapshot copied to another directory, and the copy read. */
import { join } from 'node:path'
import { errorCode } from '../../base/index.ts'
import { writeChecked } from '../log/checked-file.ts'
import type { Disk } from '../log/index.ts'
import { readSection } from '../snapshots/section.ts'
import { listSnapshots, type Manifest, sectionsOf } from '../snapshots/snapshots.ts'
import { copyFile } from './copying.ts'

/** Copies the newest that is whole; undefined where none is. LOG_NEWER. */
export async function copySnapshot(
  disk: Disk,
  from: string,
  to: string,
): Promise<Manifest | undefined> {
  const root = join(to, 'snapshots')
  await disk.makeDirectory(root)
  for (const { folder, manifest, name } of (await listSnapshots(disk, from)).reverse()) {
    if (!manifest) continue
    const copy = join(root, name)
    try {
      await disk.makeDirectory(copy)
      for (const section of sectionsOf(manifest)) {
        await copyFile(disk, join(folder, section.name), join(copy, section.name))
      }
      await readSnapshot(disk, copy, manifest)
      await disk.flushDirectory(copy)
      await writeChecked(disk, copy, 'manifest.json', manifest)
      await disk.flushDirectory(root)
      return manifest
    } catch (error) {
      // Damaged, or taken away meanwhile by a server that made a newer one.
      const isGone = (error as { code?: string }).code === 'ENOENT'
      if (!isGone && errorCode(error) !== 'BASE_DAMAGED') throw error
      await disk.remove(copy)
    }
  }
  return undefined
}

/** Reads every chunk. BASE_DAMAGED. */
export async function readSnapshot(disk: Disk, folder: string, manifest: Manifest): Promise<void> {
  for (const section of sectionsOf(manifest)) {
    for await (const _ of readSection(disk, folder, section));
  }
}
