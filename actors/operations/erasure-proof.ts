/** That a user is gone, by looking: entries by owner, names in snapshots, and the bare bytes. */
import { join } from 'node:path'
import { type Disk, listIfThere } from '../log/index.ts'
import { listSnapshots } from '../snapshots/snapshots.ts'
import { ErasedIds, erasureOf } from './erasures.ts'
import { countTheirs } from './log-redaction.ts'
import { theirNumbers } from './snapshot-erasure.ts'

/** Shorter ids are found everywhere by chance. */
const SEARCHED_BYTES_MIN = 6
const PIECE_BYTES = 4 << 20

export type Proof = {
  /** Neither is above 0 when the user is gone. */
  readonly entries: number
  readonly snapshotsThatNameThem: number
  /**
   * Files in which the bytes of the id stand all the same: within a longer id, or in what others
   * wrote. Undefined for an id too short to look for.
   */
  readonly traces: readonly { readonly file: string; readonly count: number }[] | undefined
}

export async function prove(disk: Disk, directory: string, user: string): Promise<Proof> {
  const ids = new ErasedIds([erasureOf(user, 0)])
  let snapshotsThatNameThem = 0
  for (const { folder, manifest } of await listSnapshots(disk, directory)) {
    if (!manifest) continue
    if ((await theirNumbers(disk, folder, manifest, ids)).size > 0) snapshotsThatNameThem++
  }
  const entries = await countTheirs(disk, directory, ids)
  const traces = await search(disk, directory, Buffer.from(user))
  return { entries, snapshotsThatNameThem, traces }
}

async function search(disk: Disk, directory: string, needle: Buffer): Promise<Proof['traces']> {
  if (needle.length < SEARCHED_BYTES_MIN) return undefined
  const traces: { file: string; count: number }[] = []
  // One for all files: most are far smaller, and fresh pages cost more than reading them.
  const piece = Buffer.alloc(PIECE_BYTES)
  for (const folder of ['', 'log', 'log/*', 'state', 'snapshots/*', 'models']) {
    for (const file of await filesOf(disk, directory, folder)) {
      const count = await countIn(disk, join(directory, file), { needle, piece })
      if (count > 0) traces.push({ file, count })
    }
  }
  return traces
}

/** Files of a folder of the directory; `*` stands for every folder there. */
async function filesOf(disk: Disk, directory: string, folder: string): Promise<string[]> {
  if (folder.endsWith('/*')) {
    const parent = folder.slice(0, -2)
    const inside = await listIfThere(disk, join(directory, parent))
    const folders = inside.filter((name) => /^p?\d+$/.test(name)).map((name) => join(parent, name))
    const files = await Promise.all(folders.map((name) => filesOf(disk, directory, name)))
    return files.flat()
  }
  const names = await listIfThere(disk, join(directory, folder))
  return names.filter((name) => name.includes('.')).map((name) => join(folder, name))
}

async function countIn(
  disk: Disk,
  path: string,
  { needle, piece }: { readonly needle: Buffer; readonly piece: Buffer },
): Promise<number> {
  const file = await disk.open(path, 'read')
  let [count, at, kept] = [0, 0, 0]
  try {
    for (;;) {
      const read = await file.read(piece.subarray(kept), at)
      if (read === 0) return count
      at += read
      const bytes = piece.subarray(0, kept + read)
      for (let hit = bytes.indexOf(needle); hit >= 0; hit = bytes.indexOf(needle, hit + 1)) count++
      // What may begin here and end in the next piece is looked at again.
      kept = Math.min(bytes.length, needle.length - 1)
      bytes.copy(piece, 0, bytes.length - kept)
    }
  } finally {
    await file.close()
  }
}
