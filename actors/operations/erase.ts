/**
 * Forgets users in a data directory at rest: their entries in the log, their names, actors, boards
 * and edges in base snapshots, what is said of them beside, and states that left memory. It is
 * noted first who is to be forgotten; a process that ends in between leaves the rest to the next
 * start.
 */
import { join } from 'node:path'
import { type Clock, pinwheelError } from '../../base/index.ts'
import { listsFolder } from '../../ranking/index.ts'
import { StateLog } from '../hosts/embedded/state-log.ts'
import { readChecked, writeChecked } from '../log/checked-file.ts'
import { readPartitionCount } from '../log/file-log.ts'
import {
  type Disk,
  type FileLogOptions,
  listIfThere,
  lockDirectory,
  openFileLog,
  realDisk,
} from '../log/index.ts'
import type { DeadLetter } from '../shard/dead-letter.ts'
import { userActor } from '../user-actor.ts'
import { type Proof, prove } from './erasure-proof.ts'
import {
  ErasedIds,
  type Erasure,
  erasureOf,
  merged,
  readErasures,
  writeErasures,
} from './erasures.ts'
import { type Redaction, redactLog, removeLeftovers } from './log-redaction.ts'
import { eraseFromSnapshots, type SnapshotErasure } from './snapshot-erasure.ts'
import { finishSwap, heldData, isSwapping, setAside } from './swap.ts'

export type EraseOptions = {
  readonly user: string
  readonly directory: string
  readonly clock: Clock
  readonly disk?: Disk
}

export type Erased = Redaction & {
  readonly sha256: string
  readonly snapshots: SnapshotErasure
  readonly deadLetters: number
  /** Copies beside segments, of what was damaged, which went too. */
  readonly leftovers: number
}

export type EraseReport = Erased & {
  readonly proof: Proof
  /** Folders in the directory that an erase does not reach into. */
  readonly elsewhere: readonly string[]
}

/**
 * DIRECTORY_INVALID where no log is, DIRECTORY_LOCKED; LOG_DAMAGED, BASE_DAMAGED and the like: what
 * is left to do is then noted.
 */
export async function erase(options: EraseOptions): Promise<EraseReport> {
  const { user, directory, clock, disk = realDisk } = options
  await mustHold(disk, directory)
  const unlock = await lockDirectory(directory)
  try {
    await finishSwap(disk, directory)
    const erasure = erasureOf(user, clock.now())
    const list = merged(await readErasures(disk, directory), [erasure])
    await writeErasures(disk, directory, list)
    const pending = list.filter(({ isDone }) => !isDone)
    const done = await eraseUsers(disk, directory, pending)
    await markDone(disk, directory, clock)
    const proof = await prove(disk, directory, user)
    const elsewhere = await setAside(disk, directory)
    return { sha256: erasure.sha256, ...done, proof, elsewhere }
  } finally {
    unlock()
  }
}

/** A wrong path is not made a data directory. */
async function mustHold(disk: Disk, directory: string): Promise<void> {
  const isHeld = (await heldData(disk, directory)).includes('log')
  if (isHeld || (await isSwapping(disk, directory))) return
  throw pinwheelError('DIRECTORY_INVALID', { directory, reason: 'it has no log' })
}

/** Does what is noted as not done, for whoever has the directory. */
export async function finishErasures(
  disk: Disk,
  directory: string,
  clock: Clock,
  files: Partial<FileLogOptions> = {},
): Promise<void> {
  const list = await readErasures(disk, directory)
  const pending = list.filter(({ isDone }) => !isDone)
  if (pending.length === 0) return
  await eraseUsers(disk, directory, pending, files)
  await markDone(disk, directory, clock)
}

/** All that are noted are done now. */
async function markDone(disk: Disk, directory: string, clock: Clock): Promise<void> {
  const list = await readErasures(disk, directory)
  const at = clock.now()
  const done = list.map((one) => (one.isDone ? one : { ...one, at, isDone: true }))
  await writeErasures(disk, directory, done)
}

/** Takes the users of a list out of a directory that nobody else has. */
export async function eraseUsers(
  disk: Disk,
  directory: string,
  list: readonly Erasure[],
  files: Partial<FileLogOptions> = {},
): Promise<Omit<Erased, 'sha256'>> {
  const ids = new ErasedIds(list)
  const isLogWhole = await checkLog(disk, directory, files)
  const letters = await Letters.open(disk, directory, ids)
  const redaction = await redactLog(disk, directory, ids, (partition, position) =>
    letters.drop(partition, position),
  )
  const leftovers = await removeLeftovers(disk, directory)
  const snapshots = await eraseFromSnapshots(disk, directory, ids, isLogWhole)
  const deadLetters = await letters.write()
  await disk.remove(join(directory, 'derived'))
  // Lists made ahead are by whose they are; they are made again.
  await disk.remove(listsFolder(directory))
  return { ...redaction, leftovers, snapshots, deadLetters }
}

/** Opens and closes both logs, as a start would; whether that of events is whole. */
async function checkLog(
  disk: Disk,
  directory: string,
  files: Partial<FileLogOptions>,
): Promise<boolean> {
  const partitions = await readPartitionCount(disk, join(directory, 'log'))
  // Nothing was ever written here.
  if (partitions === undefined) return true
  const log = await openFileLog({ ...files, directory, partitions, disk })
  const isWhole = log.begins().every((first) => first === 0)
  await log.close()
  const isKept = (await listIfThere(disk, join(directory, 'state'))).length > 0
  if (isKept) await (await StateLog.open(directory, { disk })).close()
  return isWhole
}

/** Letters about users, and about entries of theirs, go. */
class Letters {
  static readonly #file = 'dead-letters.json'
  readonly #disk: Disk
  readonly #directory: string
  readonly #all: ReadonlySet<DeadLetter>
  readonly #kept: Set<DeadLetter>

  private constructor(disk: Disk, directory: string, all: readonly DeadLetter[]) {
    this.#disk = disk
    this.#directory = directory
    this.#all = new Set(all)
    this.#kept = new Set(all)
  }

  static async open(disk: Disk, directory: string, ids: ErasedIds): Promise<Letters> {
    const read = (fact: unknown) => fact as DeadLetter[]
    const all = (await readChecked(disk, directory, Letters.#file, read)) ?? []
    const letters = new Letters(disk, directory, all)
    for (const letter of all) {
      const isTheirs = letter.type === userActor.name && ids.has(Buffer.from(letter.id))
      if (isTheirs) letters.#kept.delete(letter)
    }
    return letters
  }

  drop(partition: number, position: number): void {
    for (const letter of this.#kept) {
      if (letter.partition === partition && letter.position === position) this.#kept.delete(letter)
    }
  }

  /** How many went. */
  async write(): Promise<number> {
    const gone = this.#all.size - this.#kept.size
    if (gone > 0) await writeChecked(this.#disk, this.#directory, Letters.#file, [...this.#kept])
    return gone
  }
}
