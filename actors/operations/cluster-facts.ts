/** What the backup of a cluster says of itself, and whether its files are as they were. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type EpochMs, pinwheelError } from '../../base/index.ts'
import type { PartitionFacts, StreamExtent } from '../ingest/index.ts'
import { sequenceOf } from '../ingest/position.ts'
import type { Disk } from '../log/index.ts'
import { backupOther, readAnyFacts } from './backup-facts.ts'
import type { DocumentFacts } from './document-archive.ts'

export const parts = Object.freeze({
  documents: 'documents.dump',
  log: 'log.snapshot',
  dead: 'dead-letters.snapshot',
})

export type ClusterFacts = {
  readonly format: number
  readonly cluster: string
  readonly madeAt: EpochMs
  /** The cut: of the log it says what lies from its oldest message to its last one. */
  readonly log: StreamExtent & {
    readonly partitions: readonly PartitionFacts[]
    /** Of the stream, as of `StreamOptions`. */
    readonly begin?: number
  }
  readonly dead: StreamExtent
  readonly documents: DocumentFacts
  /** When the oldest entry came that hosts have still to read; null where they have read all. */
  readonly unread: EpochMs | null
  /** Number of the base snapshot of rankers that it has, if it has one. */
  readonly snapshot: number | null
  /** SHA-256 of every file, by its path. */
  readonly files: Readonly<Record<string, string>>
}

/** DIRECTORY_INVALID, LOG_NEWER, BACKUP_OTHER where it is none of a cluster. */
export async function readClusterFacts(disk: Disk, folder: string): Promise<ClusterFacts> {
  const facts = await readAnyFacts<ClusterFacts>(disk, folder)
  if ('cluster' in facts) return facts
  const next = 'Restore it with --data alone'
  throw backupOther(folder, { found: 'a data directory', expected: 'a cluster', next })
}

/** Whether a document has applied what lies behind the cut. */
export function isAhead({ newest }: DocumentFacts, { last }: StreamExtent): boolean {
  return newest.some((position) => sequenceOf(position) > last)
}

/** Whether a document knows more partitions than there are, from a time that the log has. */
export function isOfMore(
  { newest }: DocumentFacts,
  partitions: number,
  { first }: StreamExtent,
): boolean {
  return newest.slice(partitions).some((position) => sequenceOf(position) >= first)
}

/** The sequence at which hosts begin to read what documents do not have. */
export function firstUnread({ written }: DocumentFacts): number {
  return Math.max(1, Math.min(...written.map(sequenceOf)) + 1)
}

const PIECE_BYTES = 1 << 20

/** The SHA-256 of every file in a folder, by its path; `except` is passed over. */
export async function hashesOf(
  disk: Disk,
  folder: string,
  except?: string,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of await disk.list(folder)) {
    if (name === except) continue
    const path = join(folder, name)
    const inside = await hashesOf(disk, path).catch(notFolder)
    if (inside === undefined) found[name] = await hashOf(disk, path)
    else for (const [at, hash] of Object.entries(inside)) found[`${name}/${at}`] = hash
  }
  return found
}

function notFolder(error: unknown): undefined {
  if ((error as { code?: string }).code !== 'ENOTDIR') throw error
}

async function hashOf(disk: Disk, path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of piecesOf(disk, path)) hash.update(piece)
  return hash.digest('hex')
}

/** The bytes of a file, a piece at a time. */
export async function* piecesOf(
  disk: Disk,
  path: string,
  bytes = PIECE_BYTES,
): AsyncGenerator<Uint8Array> {
  const file = await disk.open(path, 'read')
  try {
    for (let at = 0; ; ) {
      const piece = new Uint8Array(bytes)
      const read = await file.read(piece, at)
      if (read === 0) return
      yield piece.subarray(0, read)
      at += read
    }
  } finally {
    await file.close()
  }
}

/** What differs first between what a backup says and what was found. */
export function difference(said: object, found: object): string | undefined {
  for (const [what, value] of Object.entries(found)) {
    const has = JSON.stringify(value)
    const wanted = JSON.stringify(said[what as keyof typeof said])
    if (has !== wanted) return `its ${what} is ${has} instead of ${wanted}`
  }
  return undefined
}

export const differs = (from: string, cluster: string, reason: string, cause?: unknown) =>
  pinwheelError('RESTORE_DIFFERS', { from, directory: `The cluster "${cluster}"`, reason }, cause)
