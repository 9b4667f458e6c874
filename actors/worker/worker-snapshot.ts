/**
 * A worker's part of a snapshot: its actors by type and, of one worker, the graph's edges; written
 * while it goes on folding, read before its first block by whoever has those actors then.
 */
import type { Clock } from '../../base/index.ts'
import type { Engine } from '../engine.ts'
import type { Disk } from '../log/index.ts'
import type { PinView } from '../pin-state.ts'
import { restoreFeatures } from '../projections/pin-features.ts'
import { actorsOf, restoreActors } from '../shard/shard-dump.ts'
import { readSection, type Section, writeSection } from '../snapshots/section.ts'
import { ownerOf } from './route.ts'

/** The parts that are no type of actor. */
const EDGES = 'edges'
const FEATURES = 'features'

type Place = { readonly disk: Disk; readonly folder: string }
/** Which of how many a worker is. */
type Desk = { readonly desk: number; readonly workers: number }

/** Keeps what the engine has at this moment; `desk` sets the files of workers apart. */
export async function writeParts(
  { shards, graph, columns }: Engine,
  { disk, folder }: Place,
  { desk, workers }: Desk,
  clock: Clock,
): Promise<Section[]> {
  const parts = shards.beginDump()
  const isMine = (pin: number) => ownerOf(pin, workers) === desk
  parts.push({ name: FEATURES, chunks: columns.beginDump(isMine) })
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
    columns.endDump()
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
  const { graph, shards, columns, pins } = engine
  const isMine = (key: number) => ownerOf(key, desk.workers) === desk.desk
  const partOf = ({ name }: Section) => name.slice(0, name.lastIndexOf('.'))
  const hasColumns = sections.some((section) => partOf(section) === FEATURES)
  for (const section of sections) {
    const part = partOf(section)
    if (part === EDGES ? !graph : part !== FEATURES && !shards.has(part)) continue
    for await (const chunk of readSection(disk, folder, section)) {
      if (part === EDGES) graph?.restore(chunk)
      else if (part === FEATURES) columns.restore(chunk, isMine)
      else {
        const shard = shards.of(part)
        restoreActors(shard.residents, chunk, isMine)
        if (shard === pins && !hasColumns) columnsOfStates(engine, chunk, isMine)
      }
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

/** Columns as the states of a chunk have them. */
function columnsOfStates(
  { pins: { residents }, features }: Engine,
  chunk: Uint8Array,
  isMine: (key: number) => boolean,
): void {
  for (const [key] of actorsOf(chunk)) {
    if (!isMine(key)) continue
    restoreFeatures(features, key, residents.look(residents.activate(key)) as PinView)
  }
  residents.makeRoom()
}
