/**
 * Entries that are gone and that the operator has agreed to do without (`--accept-data-loss`): gaps
 * in the positions of a partition, kept in log/losses.json so that every later reader knows them.
 */
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { pinwheelError } from '../../base/index.ts'
import type { Disk } from './disk.ts'

/** Positions [from, to) of a partition. */
export type Loss = { readonly partition: number; readonly from: number; readonly to: number }

const FILE = 'losses.json'

/** The losses that were agreed to. DIRECTORY_INVALID when the file is damaged. */
export async function readLosses(disk: Disk, root: string): Promise<readonly Loss[]> {
  const path = join(root, FILE)
  let text: string
  try {
    text = Buffer.from(await disk.readAll(path)).toString('utf8')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    return []
  }
  try {
    const { body, crc } = JSON.parse(text) as { body: string; crc: number }
    if (crc32(body) !== crc) throw new Error('its CRC differs')
    return JSON.parse(body) as Loss[]
  } catch (error) {
    const reason = `log/losses.json: ${error instanceof Error ? error.message : String(error)}`
    throw pinwheelError('DIRECTORY_INVALID', { directory: root, reason }, error)
  }
}

export async function writeLosses(
  disk: Disk,
  root: string,
  losses: readonly Loss[],
): Promise<void> {
  const body = JSON.stringify(losses)
  const bytes = Buffer.from(`${JSON.stringify({ body, crc: crc32(body) })}\n`)
  await disk.replace(join(root, FILE), bytes)
}

/** Where a partition goes on after a gap at `position`, if that gap was agreed to. */
export function afterLoss(losses: readonly Loss[], partition: number, position: number) {
  return losses.find((loss) => loss.partition === partition && loss.from === position)?.to
}
