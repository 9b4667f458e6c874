/**
 * Communities of pins: Louvain (Blondel et al., "Fast unfolding of communities in large networks",
 * 2008) over the projection of the graph on its pins. They stand in for topics where none are
 * given. Deterministic for a seed.
 */
import { UndirectedGraph } from 'graphology'
import louvain from 'graphology-communities-louvain'
import { NONE, Random } from '../../base/index.ts'
import type { PinTopics } from '../board-topics.ts'
import type { PinBoardGraph } from '../pin-board-graph.ts'
import { TopK } from '../top-k.ts'
import { type PinProjection, type ProjectionOptions, projectPins } from './projection.ts'

export type Community = {
  readonly size: number
  /** Host numbers of the pins most strongly joined within it. */
  readonly representatives: readonly number[]
}

export type Communities = {
  /** By falling size; of pins without any neighbour each is its own, and last. */
  readonly communities: readonly Community[]
  /** By place in the projection's pins: the community's place. */
  readonly of: Uint32Array
  readonly modularity: number
}

export type CommunityOptions = {
  readonly seed: number
  /** Above 1 finds smaller communities, below 1 larger ones. */
  readonly resolution: number
  readonly representatives: number
}
export const communityDefaults: CommunityOptions = Object.freeze({
  seed: 1,
  resolution: 1,
  representatives: 5,
})

export function findCommunities(
  projection: PinProjection,
  given: Partial<CommunityOptions> = {},
): Communities {
  const { seed, resolution, representatives } = { ...communityDefaults, ...given }
  const { pins, from, to, weight } = projection
  if (from.length === 0) return alone(pins)
  const graph = new UndirectedGraph()
  for (let i = 0; i < pins.length; i++) graph.addNode(i)
  for (let e = 0; e < from.length; e++) graph.addEdge(from[e], to[e], { weight: weight[e]! })
  const random = new Random(seed).split('louvain')
  const rng = () => random.unit()
  const found = louvain.detailed(graph, { rng, resolution, getEdgeWeight: 'weight' })
  const raw = Uint32Array.from(pins.keys(), (i) => found.communities[i]!)
  const { of, sizes } = bySize(raw)
  const strength = strengthWithin(projection, of)
  const best = sizes.map((size) => new TopK(Math.min(size, representatives)))
  for (let i = 0; i < pins.length; i++) best[of[i]!]!.offer(i, strength[i]!)
  const communities = sizes.map((size, c) => ({
    size,
    representatives: [...best[c]!.sorted().keys].map((place) => pins[place]!),
  }))
  return { communities, of, modularity: found.modularity }
}

/** Every pin by itself: no two share a board. */
function alone(pins: Uint32Array): Communities {
  const communities = Array.from(pins, (pin) => ({ size: 1, representatives: [pin] }))
  return { communities, of: Uint32Array.from(pins.keys()), modularity: 0 }
}

/** Numbers communities by falling size, ties by their first pin. */
function bySize(raw: Uint32Array): { of: Uint32Array; sizes: number[] } {
  const sizes = new Map<number, number>()
  for (const c of raw) sizes.set(c, (sizes.get(c) ?? 0) + 1)
  // The map is in the order of first pins, and sorting is stable.
  const order = [...sizes].sort((a, b) => b[1] - a[1])
  const place = new Map(order.map(([c], i) => [c, i]))
  return { of: raw.map((c) => place.get(c)!), sizes: order.map(([, size]) => size) }
}

function strengthWithin({ pins, from, to, weight }: PinProjection, of: Uint32Array): Float64Array {
  const strength = new Float64Array(pins.length)
  for (let e = 0; e < from.length; e++) {
    if (of[from[e]!] !== of[to[e]!]) continue
    strength[from[e]!]! += weight[e]!
    strength[to[e]!]! += weight[e]!
  }
  return strength
}

/**
 * A topic for every pin that has company: its community, or, beyond the projection's pins, the
 * community that is most frequent among the pins on its boards.
 */
export function communityTopics(
  graph: PinBoardGraph,
  given: Partial<CommunityOptions & ProjectionOptions> = {},
): PinTopics & { readonly modularity: number } {
  const projection = projectPins(graph, given)
  const { communities, of: placeOf, modularity } = findCommunities(projection, given)
  // A pin alone tells nothing; communities of one stand last.
  const count = communities.filter(({ size }) => size > 1).length
  const of = new Uint32Array(graph.nodeOfPin.length).fill(NONE)
  projection.pins.forEach((pin, i) => {
    if (placeOf[i]! < count) of[pin] = placeOf[i]!
  })
  extend(graph, projection.pins.length, of, count)
  return { of, count, modularity }
}

/** Labels pin nodes from `known` on by the majority on their boards, ties by number. */
function extend(graph: PinBoardGraph, known: number, of: Uint32Array, count: number): void {
  const { pinOffset, pinBoards, boardOffset, boardPins, pinOfNode } = graph
  const votes = new Uint32Array(count)
  for (let node = known; node < graph.pinNodes; node++) {
    votes.fill(0)
    for (let i = pinOffset[node]!; i < pinOffset[node + 1]!; i++) {
      const board = pinBoards[i]!
      for (let j = boardOffset[board]!; j < boardOffset[board + 1]!; j++) {
        const other = boardPins[j]!
        const topic = other < known ? of[pinOfNode[other]!]! : NONE
        if (topic !== NONE) votes[topic]!++
      }
    }
    const most = votes.reduce((best, n, topic) => (n > votes[best]! ? topic : best), 0)
    if (votes[most]! > 0) of[pinOfNode[node]!] = most
  }
}
