/**
 * Who is to be forgotten, in DIR/erasures.json: never the id, only its hashes, so that the list may
 * be kept for ever and carried about. It is no part of a backup: it must outlive all of them.
 */
import { createHash } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { type EpochMs, hashBytes, pinwheelError } from '../../base/index.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import type { Disk } from '../log/index.ts'

export const ERASURES = 'erasures.json'

export type Erasure = {
  /** SHA-256 of the id's UTF-8, hexadecimal. */
  readonly sha256: string
  /** `hashBytes` of it: tells nearly all others apart without the dear hash. */
  readonly hash: number
  /** When it was done, or asked for where it is not. */
  readonly at: EpochMs
  readonly isDone: boolean
}

/** The erasure of an id, still to be done. */
export function erasureOf(id: string, at: EpochMs): Erasure {
  const bytes = Buffer.from(id)
  return { sha256: sha256(bytes), hash: hashBytes(bytes, 0, bytes.length), at, isDone: false }
}

/** DIRECTORY_INVALID when the list is damaged. */
export async function readErasures(disk: Disk, directory: string): Promise<readonly Erasure[]> {
  return (await readChecked(disk, directory, ERASURES, (fact) => fact as Erasure[])) ?? []
}

/** A list by its own path. DATASET_MISSING, DIRECTORY_INVALID. */
export async function readErasuresFile(disk: Disk, path: string): Promise<readonly Erasure[]> {
  const read = (fact: unknown) => fact as Erasure[]
  const list = await readChecked(disk, dirname(path), basename(path), read)
  if (list) return list
  throw pinwheelError('DATASET_MISSING', { path, reason: 'it is not there' })
}

export function writeErasures(
  disk: Disk,
  directory: string,
  list: readonly Erasure[],
): Promise<void> {
  return writeChecked(disk, directory, ERASURES, list)
}

/** One list of both; `later` says what stands of those in both. */
export function merged(earlier: readonly Erasure[], later: readonly Erasure[]): Erasure[] {
  const all = new Map([...earlier, ...later].map((erasure) => [erasure.sha256, erasure]))
  return [...all.values()]
}

/** Tells whose ids are to be forgotten. O(bytes); SHA-256 only of one in 2^32. */
export class ErasedIds {
  readonly #hashes = new Map<number, Set<string>>()

  constructor(list: readonly Erasure[]) {
    for (const { hash, sha256 } of list) {
      const known = this.#hashes.get(hash)
      if (known) known.add(sha256)
      else this.#hashes.set(hash, new Set([sha256]))
    }
  }

  /** Whether bytes[start, end) are such an id. */
  has(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    if (end <= start) return false
    const known = this.#hashes.get(hashBytes(bytes, start, end))
    return known?.has(sha256(bytes.subarray(start, end))) ?? false
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
