/**
 * Entries that are gone and that the operator has agreed to do without (`--accept-data-loss`): gaps
 * in the positions of a partition, kept in log/losses.json so that every later reader knows them.
 */
import { readChecked, writeChecked } from './checked-file.ts'
import type { Disk } from './disk.ts'

/** Positions [from, to) of a partition. */
export type Loss = { readonly partition: number; readonly from: number; readonly to: number }

const FILE = 'losses.json'

/** The losses that were agreed to. DIRECTORY_INVALID when the file is damaged. */
export async function readLosses(disk: Disk, root: string): Promise<readonly Loss[]> {
  return (await readChecked(disk, root, FILE, (fact) => fact as Loss[])) ?? []
}

export function writeLosses(disk: Disk, root: string, losses: readonly Loss[]): Promise<void> {
  return writeChecked(disk, root, FILE, losses)
}

/** Whether it was agreed that just these are missing. */
export function isAccepted(losses: readonly Loss[], { partition, from, to }: Loss): boolean {
  return losses.some((loss) => {
    return loss.partition === partition && loss.from === from && loss.to === to
  })
}
