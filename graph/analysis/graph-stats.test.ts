import { join } from 'node:path'
import { expect, test } from 'vitest'
import { edgesOf, loadDataset } from '../../ranking/index.ts'
import { describeWith } from '../../tests/setup/require.ts'
import { buildGraph } from '../build.ts'
import { edgeList } from '../testing.ts'
import { communityTopics } from './communities.ts'
import { graphStats } from './graph-stats.ts'

const square = [0, 1, 2, 3].flatMap((pin) => [0, 1].map((board) => [pin, board] as const))

test('counts and topics by hand, and the same seed the same figures', () => {
  const topics = { of: Uint32Array.of(0, 0, 1, 1, 0), count: 2 }
  const graph = buildGraph(edgeList([...square, [4, 5]], 5, 6))
  const stats = graphStats(graph, topics)
  expect(stats).toMatchObject({ pins: 5, boards: 3, edges: 9, density: 9 / 15 })
  expect(stats.pinsPerBoard).toMatchObject({ nodes: 3, median: 4, max: 4 })
  expect(stats.clustering).toMatchObject({ clustering: 1, fourCycles: 6, exact: true })
  // Boards of 2 + 2 pins have two topics each, the third has one.
  expect(stats.effectiveTopics.mean).toBeCloseTo(5 / 3, 12)
  expect(graphStats(graph, topics)).toEqual(stats)
  expect(graphStats(graph, topics, { shuffleEdgesMax: 8 }).shuffled).toBeUndefined()
})

test('an empty graph has figures, none of them NaN', () => {
  const stats = graphStats(buildGraph(edgeList([])), { of: new Uint32Array(0), count: 0 })
  expect(JSON.stringify(stats)).not.toContain('null')
  expect(stats).toMatchObject({ pins: 0, edges: 0 })
})

describeWith(
  {
    server: 'datasets',
    found: process.env['PINWHEEL_DATASETS'],
    hint: 'set PINWHEEL_DATASETS to their folder',
  },
  'on Pinterest',
  (folder) => {
    test('the figures that were published of it', { timeout: 120_000 }, async () => {
      const { train, items } = await loadDataset(join(folder, 'pinterest'), 'lightgcn')
      const graph = buildGraph(edgesOf(train, items))
      const stats = graphStats(graph, communityTopics(graph))
      expect(stats).toMatchObject({ pins: 9796, boards: 37501, edges: 790_006 })
      expect(stats.boardsPerPin.gini).toBeCloseTo(0.466, 3)
      expect(stats.boardsPerPin.topTenthShare).toBeCloseTo(0.317, 3)
      const ratio = stats.clustering.clustering / stats.shuffled!.clustering.clustering
      expect(ratio).toBeGreaterThan(8.4)
      expect(ratio).toBeLessThan(8.9)
    })
  },
)
