/** Law: an old epoch is freed once no thread walks it. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { Random } from '../../base/index.ts'
import { buildGraph } from '../build.ts'
import { GraphDelta } from '../delta.ts'
import { wasmStore } from '../graph-store.ts'
import { GraphView } from '../graph-view.ts'
import { edgeList, randomEdges } from '../testing.ts'
import { patient } from './testing.ts'
import { WalkPool } from './walk-pool.ts'

const graph = edgeList(randomEdges(new Random(1), 5_000, 1_000, 200), 1_000, 200)
const query = { seeds: [{ pin: 1, weight: 1 }], options: { steps: 1_000 } }
const MEGABYTE = 1024 * 1024
const EPOCHS = 12
/** Of an epoch: the room for fresh edges, written to so that it is resident. */
const SIZE = 48

function viewOf(epoch: number): GraphView {
  const frozen = buildGraph(graph, wasmStore)
  const room = { pinCapacity: 1_000, boardCapacity: 200, edgeCapacity: (SIZE * MEGABYTE) / 24 }
  const delta = GraphDelta.create(frozen, room)
  expect(delta.pool.byteLength).toBeGreaterThan(SIZE * MEGABYTE)
  delta.pool.fill(1, 1)
  return new GraphView(frozen, delta, epoch)
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Resident megabytes, this thread's own garbage collected. */
function resident(): number {
  collect()
  return process.memoryUsage.rss() / MEGABYTE
}

/** Walks some epochs with every thread, one after another. */
async function walkEpochs(pool: WalkPool, keep?: GraphView[]): Promise<void> {
  for (let epoch = 1; epoch <= EPOCHS; epoch++) {
    const view = viewOf(epoch)
    keep?.push(view)
    pool.show(view)
    const walked = await Promise.all(Array.from({ length: 8 }, () => pool.walk(query)))
    for (const answer of walked) expect(answer.epoch).toBe(epoch)
  }
}

test('old epochs are freed', { timeout: 60_000 }, async () => {
  await using pool = new WalkPool(viewOf(0), { threads: 2 })
  const before = resident()
  await walkEpochs(pool)
  // The system takes pages back in the background.
  await expect.poll(resident, patient).toBeLessThan(before + (EPOCHS / 2) * SIZE)
})

test('the measurement sees epochs that somebody holds', { timeout: 60_000 }, async () => {
  await using pool = new WalkPool(viewOf(0), { threads: 2 })
  const before = resident()
  const held: GraphView[] = []
  await walkEpochs(pool, held)
  await pool.close()
  expect(resident()).toBeGreaterThan(before + (EPOCHS / 2) * SIZE)
  expect(held).toHaveLength(EPOCHS)
})
