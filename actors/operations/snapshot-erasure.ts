/**
 * Takes users out of base snapshots. Where the log is whole the snapshots are removed: the next
 * start folds the log, in which the users are not. Where it begins later they are all that is left
 * of what was dropped, and are written anew without the users' names and actors, and without the
 * edges, owners and names of their boards; numbers that they had stay taken. Sums over many users
 * stay, and the ids of boards of theirs that others saved to, without what was saved there: whose
 * an edge is, nobody wrote down.
 */
import { aloneOnItsPage, eachRef, errorCode, StoredStates } from '../../base/index.ts'
import type { Disk } from '../log/index.ts'
import { boardsOf, withoutBoards } from '../projections/edge-dump.ts'
import { IMPLICIT_BOARD } from '../projections/record-maker.ts'
import { actorsOf, withoutActors } from '../shard/shard-dump.ts'
import { withoutNames } from '../snapshots/names-section.ts'
import { readSection, type Section, writeSection } from '../snapshots/section.ts'
import { type Manifest, Snapshots } from '../snapshots/snapshots.ts'
import { userActor } from '../user-actor.ts'
import type { ErasedIds } from './erasures.ts'
import { readSnapshot } from './snapshot-copy.ts'

export type SnapshotErasure = { readonly removed: number; readonly rewritten: number }
type Chunk = Uint8Array

/** BASE_DAMAGED, LOG_NEWER. */
export async function eraseFromSnapshots(
  disk: Disk,
  directory: string,
  ids: ErasedIds,
  isLogWhole: boolean,
): Promise<SnapshotErasure> {
  const snapshots = await Snapshots.open(disk, directory)
  await discardDamaged(disk, snapshots, isLogWhole)
  const dirty = new Set<Manifest>()
  for (const manifest of snapshots.kept) {
    const folder = snapshots.folder(manifest.number)
    const numbers = await theirNumbers(disk, folder, manifest, ids)
    if (numbers.size > 0) dirty.add(manifest)
  }
  if (isLogWhole) {
    for (const { number } of dirty) await snapshots.discard(number)
    return { removed: dirty.size, rewritten: 0 }
  }
  const removed = await discardRewritten(snapshots, dirty)
  const inOrder = [...snapshots.kept].sort((a, b) => a.entries - b.entries)
  const first = inOrder.findIndex((manifest) => dirty.has(manifest))
  // Those behind it are written anew in any case: the newest must stay the last.
  const again = first < 0 ? [] : inOrder.slice(first)
  for (const manifest of again) await rewrite(disk, snapshots, manifest, ids)
  return { removed, rewritten: again.length }
}

/** Those that an erase which was ended has written anew, and not taken away. */
async function discardRewritten(snapshots: Snapshots, dirty: Set<Manifest>): Promise<number> {
  const clean = snapshots.kept.filter((manifest) => !dirty.has(manifest))
  const written = [...dirty].filter((manifest) =>
    clean.some(({ positions }) => positions.every((at, p) => at === manifest.positions[p])),
  )
  for (const manifest of written) {
    await snapshots.discard(manifest.number)
    dirty.delete(manifest)
  }
  return written.length
}

/** As a start would: what cannot be read goes, while something else serves. BASE_DAMAGED. */
async function discardDamaged(
  disk: Disk,
  snapshots: Snapshots,
  isLogWhole: boolean,
): Promise<void> {
  for (const manifest of snapshots.kept) {
    try {
      await readSnapshot(disk, snapshots.folder(manifest.number), manifest)
    } catch (error) {
      const isNeeded = !isLogWhole && snapshots.kept.length === 1
      if (isNeeded || errorCode(error) !== 'BASE_DAMAGED') throw error
      await snapshots.discard(manifest.number)
    }
  }
}

/** The numbers that a snapshot gives such users. BASE_DAMAGED. */
export async function theirNumbers(
  disk: Disk,
  folder: string,
  { names }: Manifest,
  ids: ErasedIds,
): Promise<ReadonlySet<number>> {
  const users = new Set<number>()
  const section = names.find(({ space }) => space === 'user')!.section
  const look = namesWithout((id, index) => {
    if (ids.has(id)) users.add(index)
    return false
  })
  for await (const chunk of readSection(disk, folder, section)) look(chunk)
  return users
}

async function rewrite(
  disk: Disk,
  snapshots: Snapshots,
  manifest: Manifest,
  ids: ErasedIds,
): Promise<void> {
  const from = snapshots.folder(manifest.number)
  const users = await theirNumbers(disk, from, manifest, ids)
  const boards = new Set<number>()
  for (const section of manifest.parts.filter(isEdges)) {
    for await (const chunk of readSection(disk, from, section)) boardsOf(chunk, users, boards)
  }
  const number = await snapshots.begin()
  const to = snapshots.folder(number)
  const shared = await boardsOfOthers(disk, from, manifest, { users, boards })
  const copy = (section: Section, change: (chunk: Chunk) => Chunk) => {
    const chunks = changed(readSection(disk, from, section), change)
    return writeSection(disk, to, { name: section.name, chunks }, async () => {})
  }
  const names: Manifest['names'][number][] = []
  for (const { space, count, section } of manifest.names) {
    const isGone = (id: Chunk, index: number): boolean => {
      if (space === 'user') return users.has(index)
      if (space !== 'board') return false
      // One that they only took pins from has no owner.
      if (id[0] === IMPLICIT_BOARD && ids.has(id, 1)) boards.add(index)
      return boards.has(index) && !shared.has(index)
    }
    names.push({ space, count, section: await copy(section, namesWithout(isGone)) })
  }
  const parts: Section[] = []
  for (const section of manifest.parts) {
    const change = (chunk: Chunk): Chunk => {
      if (isEdges(section)) return withoutBoards(chunk, boards)
      return isOfUsers(section) ? withoutActors(chunk, users) : chunk
    }
    parts.push(await copy(section, change))
  }
  await snapshots.finish({ ...manifest, number, names, parts })
  await snapshots.discard(manifest.number)
}

const isOfUsers = ({ name }: Section) => name.startsWith(`${userActor.name}.`)
const isEdges = ({ name }: Section) => name.startsWith('edges.')

/** Those of the boards that the states of other users refer to: their ids must stay. */
async function boardsOfOthers(
  disk: Disk,
  folder: string,
  { parts }: Manifest,
  { users, boards }: Readonly<Record<'users' | 'boards', ReadonlySet<number>>>,
): Promise<ReadonlySet<number>> {
  const shared = new Set<number>()
  if (boards.size === 0) return shared
  const handle = aloneOnItsPage(userActor.state)
  const states = new StoredStates()
  for (const section of parts.filter(isOfUsers)) {
    for await (const chunk of readSection(disk, folder, section)) {
      for (const [key, bytes] of actorsOf(chunk)) {
        if (users.has(key)) continue
        states.decode(handle, bytes, () => `number ${key}`)
        eachRef(handle, 'board', (board) => {
          if (boards.has(board)) shared.add(board)
        })
        handle.clear()
      }
    }
  }
  return shared
}

/** Goes over the chunks of a dictionary in order. */
function namesWithout(isGone: (id: Chunk, index: number) => boolean): (chunk: Chunk) => Chunk {
  let next = 0
  return (chunk) => {
    const made = withoutNames(chunk, next, isGone)
    next = made.next
    return made.chunk
  }
}

async function* changed(
  chunks: AsyncIterable<Chunk>,
  change: (chunk: Chunk) => Chunk,
): AsyncGenerator<Chunk, void> {
  for await (const chunk of chunks) yield change(chunk)
}
