/** Users as ranking would know them now, folded from a log by the code that serves. */
import { bySpace, type Clock, type DeclaredKinds, Interner, type Names } from '../../base/index.ts'
import { FeatureTable, type UserContext } from '../../ranking/index.ts'
import { Engine } from '../engine.ts'
import { Feeder } from '../projections/feeder.ts'
import type { FrameSource } from './interactions-from-log.ts'

export type FoldedUsers = {
  readonly names: Names
  readonly entries: number
  /** UserIndex of all that have an actor. */
  readonly users: readonly number[]
  /** Of one of them. */
  readonly contextOf: (user: number) => UserContext
}

export type FoldOptions = {
  readonly clock: Clock
  readonly kinds: DeclaredKinds
  /** Room for pins and boards; what is not touched takes no memory. */
  readonly pinsMax: number
  readonly boardsMax: number
  readonly onProgress?: (entries: number) => void
}

/** All users' state is in memory at the end, as a host has it that moves nothing out. */
export async function contextsFromLog(
  log: FrameSource,
  options: FoldOptions,
): Promise<FoldedUsers> {
  const { clock, kinds, pinsMax, boardsMax, onProgress } = options
  const names: Names = bySpace(() => new Interner())
  const features = FeatureTable.create(pinsMax)
  const writesGraph = false
  const engine = new Engine({
    names,
    features,
    clock,
    boardCapacity: boardsMax,
    writesGraph,
    kinds,
  })
  const { partitions } = log
  const feeder = new Feeder({ names, partitions, emit: (block) => engine.deliver(block) })
  for await (const frame of log.read()) {
    feeder.feed(frame)
    onProgress?.(feeder.entries)
  }
  feeder.flush()
  return {
    names,
    entries: feeder.entries,
    users: [...engine.users.keys()],
    contextOf: (user) => engine.contextOf(user),
  }
}
