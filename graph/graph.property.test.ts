import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Random } from '../base/index.ts'
import { buildGraph } from './build.ts'
import { exactPageRank } from './pagerank.ts'
import { graphFromBytes, graphToBytes } from './snapshot.ts'
import { edgeList, randomEdges, viewOf, visibleEdges } from './testing.ts'
import { threeStep } from './three-step.ts'
import { TopK } from './top-k.ts'
import { WalkScratch } from './walk/scratch.ts'
import { walk } from './walk/walk.ts'

const PINS = 24
const BOARDS = 12
const edge = fc.tuple(fc.nat(PINS - 1), fc.nat(BOARDS - 1))
const someEdges = fc.uniqueArray(edge, { minLength: 1, maxLength: 80, selector: (e) => e.join() })

describe('the frozen graph', () => {
  test('does not depend on the order of its edges, nor on repeats', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), (edges, seed) => {
        const shuffled = new Random(seed).shuffle([...edges])
        const a = graphToBytes(buildGraph(edgeList(edges, PINS, BOARDS)))
        const b = graphToBytes(buildGraph(edgeList(shuffled, PINS, BOARDS)))
        expect(b).toEqual(a)
        expect(buildGraph(edgeList([...edges, ...edges], PINS, BOARDS)).edgeCount).toBe(
          edges.length,
        )
      }),
    )
  })

  test('holds every edge once in each direction', () => {
    fc.assert(
      fc.property(someEdges, (edges) => {
        const view = viewOf(edges, PINS, BOARDS)
        expect(visibleEdges(view, PINS)).toEqual(edges.map((e) => e.join('-')).sort())
        const back: string[] = []
        for (let b = 0; b < BOARDS; b++) {
          for (let r = 0; r < view.boardDegree(b); r++) back.push(`${view.pinOfBoard(b, r)}-${b}`)
        }
        expect(back.sort()).toEqual(visibleEdges(view, PINS))
      }),
    )
  })

  test('load(save(g)) = g, and any flipped byte or cut is refused', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(), fc.integer({ min: 1, max: 255 }), (edges, at, flip) => {
        const bytes = graphToBytes(buildGraph(edgeList(edges, PINS, BOARDS)))
        expect(graphToBytes(graphFromBytes(bytes, 'x'))).toEqual(bytes)
        const bad = Uint8Array.from(bytes)
        bad[at % bytes.length]! ^= flip
        expect(() => graphFromBytes(bad, 'the snapshot')).toThrow(/the snapshot/)
        expect(() => graphFromBytes(bytes.subarray(0, at % bytes.length), 'x')).toThrow(/damaged/)
      }),
      { numRuns: 300 },
    )
  })
})

describe('the delta', () => {
  test('frozen and fresh edges together are the rebuilt graph: edges and exact PageRank', () => {
    fc.assert(
      fc.property(
        someEdges,
        fc.nat(80),
        fc.array(fc.nat(79), { maxLength: 20 }),
        (edges, cut, gone) => {
          const frozen = edges.slice(0, cut)
          const fresh = edges.slice(cut)
          const removed = [...new Set(gone)].filter((i) => i < edges.length).map((i) => edges[i]!)
          const view = viewOf(frozen, PINS, BOARDS)
          for (const [pin, board] of fresh) view.delta.add(pin, board)
          for (const [pin, board] of removed) view.delta.remove(pin, board)
          // Half of the removals are taken back.
          const back = removed.filter((_, i) => i % 2 === 0)
          for (const [pin, board] of back) view.delta.add(pin, board)
          const kept = edges.filter((e) => !removed.includes(e) || back.includes(e))
          const rebuilt = viewOf(kept, PINS, BOARDS)
          expect(visibleEdges(view, PINS)).toEqual(visibleEdges(rebuilt, PINS))
          for (const [seed] of edges.slice(0, 3)) {
            const a = exactPageRank(view, seed, PINS)
            const b = exactPageRank(rebuilt, seed, PINS)
            for (let p = 0; p < PINS; p++) expect(a[p]).toBeCloseTo(b[p]!, 9)
          }
        },
      ),
    )
  })
})

describe('the walk', () => {
  const scratch = new WalkScratch(PINS)
  const seedsOf = (edges: readonly (readonly [number, number])[]) =>
    [...new Set(edges.map(([pin]) => pin))].slice(0, 3)

  test('returns reachable pins only, never a seed, an excluded or a hidden one', () => {
    fc.assert(
      fc.property(someEdges, fc.nat(PINS - 1), fc.nat(PINS - 1), (edges, excluded, hidden) => {
        const view = viewOf(edges, PINS, BOARDS)
        view.delta.hide(hidden, true)
        const seeds = seedsOf(edges).map((pin) => ({ pin, weight: 1 }))
        const reachable = new Set<number>()
        for (const { pin } of seeds) {
          for (const [p, share] of exactPageRank(view, pin, PINS).entries()) {
            if (share > 0) reachable.add(p)
          }
        }
        const found = walk(view, seeds, [excluded], scratch, { steps: 500, restart: 0.4 })
        for (const pin of found.pins) {
          expect(reachable.has(pin)).toBe(true)
          expect([excluded, hidden, ...seeds.map((s) => s.pin)]).not.toContain(pin)
        }
        const three = threeStep(view, seeds, [excluded], scratch)
        for (const pin of three.pins) expect([excluded, hidden]).not.toContain(pin)
      }),
    )
  })

  test('only the ratios of the weights matter', () => {
    fc.assert(
      fc.property(someEdges, fc.constantFrom(0.25, 4, 1024), (edges, scale) => {
        const view = viewOf(edges, PINS, BOARDS)
        const seeds = seedsOf(edges).map((pin, i) => ({ pin, weight: 1 + i }))
        const scaled = seeds.map(({ pin, weight }) => ({ pin, weight: weight * scale }))
        const a = walk(view, seeds, [], scratch, { steps: 400 })
        const b = walk(view, scaled, [], scratch, { steps: 400 })
        expect([...b.pins]).toEqual([...a.pins])
        expect([...b.scores]).toEqual([...a.scores])
      }),
    )
  })

  test('leaves its scratch memory clean', () => {
    fc.assert(
      fc.property(someEdges, fc.boolean(), (edges, booster) => {
        const view = viewOf(edges, PINS, BOARDS)
        const seeds = seedsOf(edges).map((pin) => ({ pin, weight: 1 }))
        const first = walk(view, seeds, [1, 2], scratch, { steps: 300, booster })
        threeStep(view, seeds, [3], scratch)
        const again = walk(view, seeds, [1, 2], scratch, { steps: 300, booster })
        expect(again).toEqual(first)
        const { joined, best, excluded } = scratch
        for (const array of [joined, best, excluded]) {
          expect(array.every((v) => v === 0)).toBe(true)
        }
      }),
    )
  })
})

test('TopK gives the k best, ties by smaller key', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.nat(20), (scores, k) => {
      const heap = new TopK(k)
      for (const [key, score] of scores.entries()) heap.offer(key, score)
      const expected = [...scores.keys()]
        .sort((a, b) => scores[b]! - scores[a]! || a - b)
        .slice(0, k)
      expect([...heap.sorted().keys]).toEqual(expected)
    }),
  )
})

test('random edges are distinct', () => {
  const edges = randomEdges(new Random(1), 500, PINS, BOARDS)
  expect(new Set(edges.map((e) => e.join())).size).toBe(edges.length)
})
