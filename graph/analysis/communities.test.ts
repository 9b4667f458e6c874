import { describe, expect, test } from 'vitest'
import { NONE, Random } from '../../base/index.ts'
import { buildGraph } from '../build.ts'
import { type Edges, edgeList, randomEdges } from '../testing.ts'
import { centralityOf } from './centrality.ts'
import { communityTopics, findCommunities } from './communities.ts'
import { type PinProjection, projectPins } from './projection.ts'

/** Pins 0-19 on boards 0-19, pins 20-39 on boards 20-39, and one board of both. */
function twoBlocks(): Edges {
  const random = new Random(11)
  const block = (from: number) =>
    randomEdges(random, 160, 20, 20).map(([p, b]) => [p + from, b + from] as const)
  return [...block(0), ...block(20), [0, 40], [1, 40], [20, 40], [21, 40]]
}
const blocks = buildGraph(edgeList(twoBlocks()))

/** Newman's modularity of labels by its definition. */
function modularity({ pins, from, to, weight }: PinProjection, label: Uint32Array): number {
  const total = weight.reduce((a, b) => a + b, 0)
  const strength = new Float64Array(pins.length)
  let inside = 0
  for (let e = 0; e < weight.length; e++) {
    strength[from[e]!]! += weight[e]!
    strength[to[e]!]! += weight[e]!
    if (label[from[e]!] === label[to[e]!]) inside += weight[e]!
  }
  let expected = 0
  for (let a = 0; a < pins.length; a++) {
    for (let b = 0; b < pins.length; b++) {
      if (label[a] === label[b]) expected += strength[a]! * strength[b]!
    }
  }
  return inside / total - expected / (2 * total) ** 2
}

describe('the projection', () => {
  test('weighs a pair by 1 / (size - 1) of each board they share', () => {
    const edges = randomEdges(new Random(2), 120, 15, 12)
    const all = projectPins(buildGraph(edgeList(edges)), { neighboursMax: 99 })
    expect(all.truncated).toBe(false)
    const on = (pin: number) => edges.filter(([p]) => p === pin).map(([, b]) => b)
    const size = (board: number) => edges.filter(([, b]) => b === board).length
    let pairs = 0
    for (let a = 0; a < 15; a++) {
      for (let b = a + 1; b < 15; b++) {
        const shared = on(a).filter((board) => on(b).includes(board))
        if (shared.length === 0) continue
        pairs++
        const [x, y] = [all.pins.indexOf(a), all.pins.indexOf(b)].sort((m, n) => m - n)
        const at = all.from.findIndex((from, e) => from === x && all.to[e] === y)
        const weight = shared.reduce((sum, board) => sum + 1 / (size(board) - 1), 0)
        expect(all.weight[at]).toBeCloseTo(weight, 12)
      }
    }
    expect(all.weight.length).toBe(pairs)
  })
  test('its limits hold and are told', () => {
    const few = projectPins(blocks, { pinsMax: 10 })
    expect([few.pins.length, few.truncated]).toEqual([10, true])
    const one = projectPins(blocks, { neighboursMax: 1 })
    expect(one.weight.length).toBeLessThanOrEqual(40)
    expect(one.truncated).toBe(true)
    expect(projectPins(blocks, { boardPinsMax: 1 })).toMatchObject({ truncated: true })
    expect(projectPins(blocks, { boardPinsMax: 1 }).weight).toHaveLength(0)
  })
})

describe('communities', () => {
  const projection = projectPins(blocks)
  const found = findCommunities(projection)
  test('are the two planted blocks, with the modularity of its definition', () => {
    expect(found.communities.map(({ size }) => size)).toEqual([20, 20])
    for (const [place, pin] of projection.pins.entries()) {
      const friend = projection.pins.findIndex((p) => p < 20 === pin < 20)
      expect(found.of[place]).toBe(found.of[friend])
    }
    expect(found.modularity).toBeCloseTo(modularity(projection, found.of), 9)
    expect(found.modularity).toBeGreaterThan(0.4)
    // Labels by chance are far below: the figure tells blocks from none.
    const random = new Random(1)
    const chance = found.of.map(() => random.below(2))
    expect(modularity(projection, chance)).toBeLessThan(0.2)
  })
  test('are told by pins of their own', () => {
    found.communities.forEach(({ representatives }, c) => {
      expect(representatives).toHaveLength(5)
      for (const pin of representatives) expect(found.of[projection.pins.indexOf(pin)]).toBe(c)
    })
  })
  test('ties beyond a community do not bring a pin to its heart', () => {
    // Two cliques of six; pin 5 has weaker ties in its own, and some to all of the other.
    const pairs: [number, number, number][] = []
    for (let a = 0; a < 12; a++) {
      for (let b = a + 1; b < 12; b++) {
        if (a < 6 === b < 6) pairs.push([a, b, a === 5 || b === 5 ? 1.8 : 2])
        else if (a === 5) pairs.push([a, b, 0.5])
      }
    }
    const { communities } = findCommunities({
      pins: Uint32Array.from({ length: 12 }, (_, i) => i),
      from: Uint32Array.from(pairs, ([a]) => a),
      to: Uint32Array.from(pairs, ([, b]) => b),
      weight: Float64Array.from(pairs, ([, , weight]) => weight),
      truncated: false,
    })
    expect(communities.map(({ size }) => size)).toEqual([6, 6])
    expect(communities[0]!.representatives).toEqual([0, 1, 2, 3, 4])
  })
  test('are the same for a seed, whatever was asked before', () => {
    const edges = randomEdges(new Random(5), 900, 60, 60)
    const noise = projectPins(buildGraph(edgeList(edges)))
    expect(findCommunities(noise, { seed: 4 })).toEqual(findCommunities(noise, { seed: 4 }))
  })
  test('a finer resolution gives more of them', () => {
    const fine = findCommunities(projection, { resolution: 4 })
    expect(fine.communities.length).toBeGreaterThan(found.communities.length)
  })
  test('without any pair every pin is alone', () => {
    const alone = findCommunities(
      projectPins(
        buildGraph(
          edgeList([
            [3, 0],
            [4, 1],
          ]),
        ),
      ),
    )
    expect(alone.communities.map(({ representatives }) => representatives)).toEqual([[3], [4]])
    expect(communityTopics(buildGraph(edgeList([[3, 0]])))).toMatchObject({ count: 0 })
  })
  test('as topics they reach pins beyond the projection, and no pin alone', () => {
    const graph = buildGraph(edgeList([...twoBlocks(), [50, 50]]))
    const topics = communityTopics(graph, { pinsMax: 24 })
    expect(topics.count).toBe(2)
    const labels = new Set(topics.of.subarray(0, 20))
    expect(labels.size).toBe(1)
    expect(new Set(topics.of.subarray(20, 40)).size).toBe(1)
    expect(topics.of[20]).not.toBe(topics.of[0])
    expect(topics.of[50]).toBe(NONE)
  })
})

test('in a star the middle lies between all others; alone nothing does', () => {
  const nodes = [0, 1, 2, 3, 4].map((number) => {
    return { kind: number === 0 ? ('pin' as const) : ('board' as const), number, degree: 1, hop: 1 }
  })
  const edges = [1, 2, 3, 4].map((to) => [0, to] as const)
  const { pagerank, betweenness } = centralityOf({ nodes, edges, truncated: false })
  expect([...betweenness]).toEqual([1, 0, 0, 0, 0])
  expect(pagerank.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5)
  // x = .15 / 5 + .85 · 4y and y = .15 / 5 + .85 · x / 4.
  expect(pagerank[0]).toBeCloseTo((0.03 + 0.85 * 4 * 0.03) / (1 - 0.85 ** 2), 4)
  const alone = centralityOf({ nodes: nodes.slice(0, 1), edges: [], truncated: false })
  expect([...alone.betweenness, alone.pagerank[0]]).toEqual([0, 1])
})
