/** The log's part of a backup: every frame verified and written again, up to one point. */
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import { directoryOwner } from '../log/directory-lock.ts'
import { partitionDirectory } from '../log/file-log.ts'
import { type Disk, LogFollower } from '../log/index.ts'
import type { Manifest } from '../snapshots/snapshots.ts'
import type { BackupOptions } from './backup.ts'
import type { BackupFacts } from './backup-facts.ts'
import { copyFolder } from './copying.ts'
import { FrameCopy } from './frame-copy.ts'
import { endOf } from './segment-scan.ts'

/** After so long, whoever was to write a frame that is missing has given it up. */
const PATIENCE_MS = 10_000
const PAUSE_MS = 20

export async function copyLog(
  options: BackupOptions,
  disk: Disk,
  base: Manifest | undefined,
): Promise<Pick<BackupFacts, 'positions' | 'entries' | 'fingerprint'>> {
  const { directory, to, clock, segmentBytes, onProgress } = options
  const [from, root] = [join(directory, 'log'), join(to, 'log')]
  const owner = options.owner ?? (() => directoryOwner(directory))
  let isPatient = true
  const log = await LogFollower.open({
    directory,
    disk,
    owner: () => (isPatient ? owner() : undefined),
  })
  // Later than the log was opened: what they say covers at least what will be read.
  await copyFolder(disk, from, root, (name) => name.endsWith('.json'))
  mustReach(directory, log.cursor.positions, base)
  const folders = Array.from({ length: log.partitions }, (_, p) => partitionDirectory(from, p))
  const target = await Promise.all(folders.map((folder) => endOf(disk, folder)))
  const copies: FrameCopy[] = []
  for (let p = 0; p < log.partitions; p++) {
    const folder = partitionDirectory(root, p)
    await disk.makeDirectory(folder)
    copies.push(new FrameCopy(disk, folder, segmentBytes))
  }
  const isThere = () => target.every((end, p) => log.cursor.positions[p]! >= end)
  let entries = 0
  try {
    for (let since = clock.monotonic(); !isThere(); ) {
      const before = entries
      for await (const frame of log.read()) {
        await copies[frame.partition]!.write(frame)
        entries += frame.count
        onProgress?.(entries)
        if (isThere()) break
      }
      if (entries > before) since = clock.monotonic()
      else if (!isPatient) throw shorter(from)
      else if (clock.monotonic() - since > PATIENCE_MS || owner() === undefined) isPatient = false
      else await clock.sleep(PAUSE_MS)
    }
    const { positions, fingerprint } = log.cursor
    for (const [p, copy] of copies.entries()) await copy.finish(positions[p]!)
    await disk.flushDirectory(root)
    return { positions, entries, fingerprint }
  } finally {
    for (const copy of copies) await copy.close()
  }
}

/** LOG_DROPPED where what the log no longer has is in no snapshot. */
function mustReach(directory: string, begins: readonly number[], base?: Manifest): void {
  const partition = begins.findIndex((first, p) => first > (base?.positions[p] ?? 0))
  if (partition < 0) return
  const first = begins[partition]!
  const reason = 'none of them is whole and reaches so far. Run `pinwheel doctor`'
  throw pinwheelError('LOG_DROPPED', { directory, partition, first, reason })
}

function shorter(file: string) {
  const reason = 'entries that were there are gone'
  return pinwheelError('LOG_DAMAGED', { file, offset: 0, reason })
}
