/**
 * Where the log begins: segments that base snapshots make needless may be dropped, oldest first.
 * Kept in log/begins.json, written before a segment goes, so that one that is missing for another
 * reason is still known as damage.
 */
import { readChecked, writeChecked } from './checked-file.ts'
import type { Disk } from './disk.ts'

const FILE = 'begins.json'

/** By partition, the highest position that the first segment may begin at. */
export async function readBegins(
  disk: Disk,
  root: string,
  partitions: number,
): Promise<readonly number[]> {
  const found = await readChecked(disk, root, FILE, (fact) => fact as number[])
  return Array.from({ length: partitions }, (_, p) => found?.[p] ?? 0)
}

export function writeBegins(disk: Disk, root: string, begins: readonly number[]): Promise<void> {
  return writeChecked(disk, root, FILE, begins)
}
