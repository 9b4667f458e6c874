/**
 * A worker's part of a snapshot: its actors by type and, of one worker, the graph's edges; written
 * while it goes on folding, read before its first block by whoever has those actors then.
 */
import type { Clock } from '../../base/index.ts'
import type { Engine } from '../engine.ts'
import type { Disk } from '../log/index.ts'
import type { PinView } from '../pin-state.ts'
import { restoreFeatures } from '../projections/pin-features.ts'
import { restoreActors } from '../shard/shard-dump.ts'
import { readSection, type Section, writeSection } from '../snapshots/section.ts'
import { ownerOf } from './route.ts'

/** The part that is no type of actor. */
const EDGES = 'edges'

type Place = { readonly disk: Disk; readonly folder: string }
/** Which of how many a worker is. */
type Desk = { readonly desk: number; readonly workers: number }

/** Keeps what the engine has at this moment; `desk` sets the files of workers apart. */
export async function writeParts(
  { shards, graph }: Engine,
  { disk, folder, desk }: Place & { readonly desk: number },
  clock: Clock,
): Promise<Section[]> {
  const parts = shards.beginDump()
  if (graph) parts.push({ name: EDGES, chunks: graph.beginDump() })
  const sections: Section[] = []
  try {
    for (const { name, chunks } of parts) {
      const part = { name: `${name}.${desk}`, chunks }
      sections.push(await writeSection(disk, folder, part, () => clock.yield()))
    }
    return sections
  } finally {
    shards.endDump()
    graph?.endDump()
  }
}

/**
 * Gives the engine what is its own, whichever of how many workers wrote it. BASE_DAMAGED,
 * STATE_DAMAGED, STATE_NEWER.
 */
export async function readParts(
  engine: Engine,
  { disk, folder }: Place,
  sections: readonly Section[],
  desk: Desk,
): Promise<void> {
  for (const section of sections) {
    const part = section.name.slice(0, section.name.lastIndexOf('.'))
    const { graph, shards } = engine
    if (part === EDGES ? !graph : !shards.has(part)) continue
    for await (const chunk of readSection(disk, folder, section)) {
      if (part === EDGES) graph?.restore(chunk)
      else loadActors(engine, part, chunk, desk)
    }
  }
}

/** Begins anew what its predecessor has counted in memory that all threads see. */
export function takeOver(engine: Engine, desk: Desk): void {
  engine.isCareful = true
  const { features } = engine
  for (let pin = 0; pin < features.pinCount; pin++) {
    if (ownerOf(pin, desk.workers) === desk.desk) features.recount(pin)
  }
}

function loadActors(
  { shards, pins, features }: Engine,
  type: string,
  chunk: Uint8Array,
  { desk, workers }: Desk,
): void {
  const shard = shards.of(type)
  const isMine = (key: number) => ownerOf(key, workers) === desk
  restoreActors(shard.residents, chunk, isMine, (key, state) => {
    if (shard !== pins) return
    restoreFeatures(features, key, state as PinView)
  })
}
