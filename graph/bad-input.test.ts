/** What nobody should hand in: refused by name, or with a result that is defined. */
import { crc32 } from 'node:zlib'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { NONE } from '../base/index.ts'
import { buildGraph } from './build.ts'
import { GraphDelta } from './delta.ts'
import type { EdgeList } from './edge-source.ts'
import { type GraphStore, heapStore, sectionNames, sharedStore, wasmStore } from './graph-store.ts'
import { GraphView } from './graph-view.ts'
import type { PinBoardGraph } from './pin-board-graph.ts'
import { graphFromBytes, graphToBytes } from './snapshot.ts'
import { edgeList, viewOf } from './testing.ts'
import { threeStep } from './three-step.ts'
import { WalkScratch } from './walk/scratch.ts'
import { walk } from './walk/walk.ts'

const stores: readonly (readonly [string, GraphStore])[] = [
  ['WASM memory', wasmStore],
  ['the heap', heapStore],
]
const named = (code: string, words = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(words) })

describe('edges', () => {
  const three = { edgeCount: 3, pinCount: 5, boardCount: 5 }
  const good = Uint32Array.of(1, 2, 3)
  const unchecked = (array: unknown) => array as Uint32Array

  test.each([
    ['an unknown number', Uint32Array.of(1, 5, 3), 'pin 5'],
    [
      'a negative one, read as unsigned',
      new Uint32Array(Int32Array.of(1, -1, 3).buffer),
      'pin 42949',
    ],
    ['the number that stands for none', Uint32Array.of(1, NONE, 3), 'pin 42949'],
    ['a signed array', unchecked(Int32Array.of(1, -1, 3)), 'Uint32Array'],
    ['an array of fractions', unchecked(Float64Array.of(1, 2.5, 3)), 'Uint32Array'],
    ['a plain array', unchecked([1, 2, 3]), 'Uint32Array'],
  ])('%s is refused at either end', (_, bad, words) => {
    const build = (pins: Uint32Array, boards: Uint32Array) => () =>
      buildGraph({ pins, boards, ...three })
    expect(build(bad, good)).toThrow(named('GRAPH_INPUT', words))
    expect(build(good, bad)).toThrow(named('GRAPH_INPUT', words.replace('pin ', 'board ')))
    expect(build(good, good)().edgeCount).toBe(3)
  })

  test.each([
    { edgeCount: 4 },
    { edgeCount: -1 },
    { edgeCount: 1.5 },
    { edgeCount: Number.NaN },
    { edgeCount: 2 ** 40 },
    { pinCount: -1 },
    { pinCount: 2 ** 32 },
    { boardCount: Number.NaN },
    { codes: { topics: new Uint16Array(4), languages: new Uint16Array(5) } },
  ])('counts that cannot be: %j', (wrong) => {
    const list: EdgeList = { pins: good, boards: good, ...three, ...wrong }
    expect(() => buildGraph(list)).toThrow(named('GRAPH_INPUT'))
  })

  test('a stream with more or fewer edges than announced', () => {
    const chunk = { pins: good, boards: good, count: 3 }
    for (const chunks of [[], [chunk, chunk]]) {
      expect(() => buildGraph({ ...three, chunks: () => chunks })).toThrow(named('GRAPH_INPUT'))
    }
  })
})

describe.each(stores)('a graph in %s', (_, store) => {
  const scratch = new WalkScratch(64)
  const one = [{ pin: 3, weight: 1 }]

  test('without edges, without pins: nothing is found', () => {
    for (const size of [0, 64]) {
      const view = viewOf([], size, size, store)
      expect(view.frozen.edgeCount).toBe(0)
      expect(walk(view, one, [], scratch).pins).toHaveLength(0)
      expect(threeStep(view, one, [], scratch).pins).toHaveLength(0)
      expect(graphFromBytes(graphToBytes(view.frozen), 'it', store).edgeCount).toBe(0)
    }
  })

  test('a pin without boards, or beyond the graph, walks nowhere and hinders nobody', () => {
    const view = viewOf(
      [
        [3, 1],
        [4, 1],
      ],
      64,
      64,
      store,
    )
    for (const pin of [9, 63, 64, 2 ** 31, NONE]) {
      const alone = walk(view, [{ pin, weight: 1 }], [], scratch, { steps: 100 })
      expect([alone.pins.length, alone.steps]).toEqual([0, 0])
      const both = walk(view, [{ pin, weight: 1 }, ...one], [pin], scratch, { steps: 100 })
      expect([[...both.pins], both.steps]).toEqual([[4], 100])
    }
  })

  test('a pin whose boards were all removed walks nowhere', () => {
    const view = viewOf(
      [
        [3, 1],
        [4, 1],
        [3, 2],
        [5, 2],
      ],
      64,
      64,
      store,
    )
    view.delta.remove(3, 1)
    view.delta.remove(3, 2)
    expect(walk(view, one, [], scratch, { steps: 100 }).pins).toHaveLength(0)
  })

  test('a seed on a board of a million pins', () => {
    const pinCount = 1_000_000
    const pins = Uint32Array.from({ length: pinCount + 2 }, (_, i) => Math.max(0, i - 2))
    const boards = Uint32Array.from(pins, (_, i) => (i < 2 ? 1 + i : 0))
    const graph = buildGraph(
      { pins, boards, edgeCount: pinCount + 2, pinCount, boardCount: 3 },
      store,
    )
    expect(graph.edgeCount).toBe(pinCount + 2)
    const room = { pinCapacity: pinCount, boardCapacity: 3, edgeCapacity: 4 }
    const view = new GraphView(graph, GraphDelta.create(graph, room), 1)
    const wide = new WalkScratch(pinCount)
    const found = walk(view, [{ pin: 9, weight: 1 }], [], wide, { steps: 20_000, top: 250 })
    expect([found.pins.length, found.steps]).toEqual([250, 20_000])
    const three = threeStep(view, [{ pin: 9, weight: 1 }], [], wide, { top: 20 })
    expect(three.pins).toHaveLength(20)
  })

  test('no seeds, ten thousand seeds, one more', () => {
    const pairs = Array.from({ length: 10_000 }, (_, pin) => [pin, pin >> 2] as const)
    const view = viewOf(pairs, 10_001, 2_500, store)
    const wide = new WalkScratch(10_001)
    const seeds = pairs.map(([pin]) => ({ pin, weight: 1 }))
    expect(walk(view, [], [], wide).pins).toHaveLength(0)
    // Every seed gets a step, though fewer were asked for.
    const found = walk(view, seeds, [], wide, { steps: 1 })
    expect([found.pins.length, found.steps]).toEqual([0, 10_000])
    expect(walk(view, seeds.slice(1), [], wide, { steps: 50_000 }).pins).toEqual(Uint32Array.of(0))
    const more = [...seeds, { pin: 10_000, weight: 1 }]
    expect(() => walk(view, more, [], wide)).toThrow(named('WALK_OPTIONS', '10000 seeds'))
  })

  test.each([
    { steps: 0 },
    { steps: -1 },
    { steps: Number.NaN },
    { steps: Number.POSITIVE_INFINITY },
    { steps: 1e10 },
    { earlyStopVisits: 65_536 },
    { checkEvery: 0 },
    { seed: -1 },
    { seed: 0.5 },
    { bias: { topic: 1, strength: Number.NaN } },
    { bias: { topic: 1, strength: 1.1 } },
  ])('walk option %o is refused', (option) => {
    const view = viewOf(
      [
        [3, 1],
        [4, 1],
      ],
      64,
      64,
      store,
    )
    const [name] = Object.keys(option)
    expect(() => walk(view, one, [], scratch, option)).toThrow(named('WALK_OPTIONS', name))
  })

  test.each([Number.NaN, 0, -1, Number.POSITIVE_INFINITY])('weight %d is refused', (weight) => {
    const view = viewOf(
      [
        [3, 1],
        [4, 1],
      ],
      64,
      64,
      store,
    )
    expect(() => walk(view, [{ pin: 3, weight }], [], scratch)).toThrow(
      named('WALK_OPTIONS', 'weight'),
    )
  })

  test('weights as far apart as numbers go', () => {
    const view = viewOf(
      [
        [3, 1],
        [4, 1],
        [5, 2],
        [6, 2],
      ],
      64,
      64,
      store,
    )
    const seeds = [
      { pin: 3, weight: Number.MAX_VALUE },
      { pin: 5, weight: Number.MIN_VALUE },
    ]
    expect(walk(view, seeds, [], scratch, { steps: 1_000 }).pins[0]).toBe(4)
  })
})

describe('snapshots', () => {
  const graph = () =>
    buildGraph(
      edgeList(
        [
          [3, 1],
          [4, 1],
          [4, 2],
        ],
        8,
        8,
      ),
    )
  const good = graphToBytes(graph())
  const HEAD = 24
  const TABLE = sectionNames.length * 8

  /** With words of the head, or of the table, changed and its CRC put right. */
  function forged(change: (words: DataView) => void): Uint8Array {
    const bytes = Uint8Array.from(good)
    change(new DataView(bytes.buffer))
    const table = bytes.subarray(HEAD, HEAD + TABLE)
    new Uint32Array(bytes.buffer, HEAD - 4, 1)[0] = crc32(table)
    return bytes
  }
  const read = (bytes: Uint8Array) => () => graphFromBytes(bytes, 'old.graph')

  test('of a later version, a former one, another byte order, other sections', () => {
    expect(read(good)().edgeCount).toBe(3)
    const version = (n: number) => forged((words) => words.setUint32(12, n, true))
    expect(read(version(3))).toThrow(named('SNAPSHOT_NEWER', 'old.graph has version 3'))
    expect(read(version(1))).toThrow(named('SNAPSHOT_DAMAGED', 'version 1 is not read'))
    const swapped = forged((words) => words.setUint32(8, 0x01020304, false))
    expect(read(swapped)).toThrow(named('SNAPSHOT_DAMAGED', 'byte order'))
    const fewer = forged((words) => words.setUint32(16, 4, true))
    expect(read(fewer)).toThrow(named('SNAPSHOT_DAMAGED', 'sections'))
  })

  test('cut off anywhere, or with something behind', () => {
    for (let size = 0; size < good.length; size++) {
      expect(read(good.subarray(0, size))).toThrow(named('SNAPSHOT_DAMAGED', 'old.graph'))
    }
    const longer = Uint8Array.from([...good, 0])
    expect(read(longer)).toThrow(named('SNAPSHOT_DAMAGED', 'its table promises'))
  })

  test('whose table promises more than memory holds: refused before any is asked for', () => {
    const greedy = forged((words) => words.setUint32(HEAD + 8, 0xffffffff, true))
    const store: GraphStore = () => expect.unreachable()
    expect(() => graphFromBytes(greedy, 'it', store)).toThrow(named('SNAPSHOT_DAMAGED', 'promises'))
  })

  test.each([
    ['an edge to nowhere', ({ pinBoards }: PinBoardGraph) => (pinBoards[0] = 7)],
    ['a removed edge', ({ boardPins }: PinBoardGraph) => (boardPins[0]! |= 0x80000000)],
    ['an offset that falls', ({ pinOffset }: PinBoardGraph) => (pinOffset[1] = 3)],
    ['a node number beyond', ({ nodeOfPin }: PinBoardGraph) => (nodeOfPin[0] = 5)],
    ['a host number beyond', ({ boardOfNode }: PinBoardGraph) => (boardOfNode[0] = 8)],
  ])('with %s though every CRC is right', (_, spoil) => {
    const spoilt = graph()
    spoil(spoilt)
    expect(read(graphToBytes(spoilt))).toThrow(named('SNAPSHOT_DAMAGED'))
  })
})

describe('memory that cannot be had', () => {
  const nothing = Object.fromEntries(
    sectionNames.map((name) => [name, 0]),
  ) as Parameters<GraphStore>[0]
  test.each([
    ['WASM memory', wasmStore],
    ['shared memory', sharedStore],
    ['the heap', heapStore],
  ])('in %s is refused by name', (_, store) => {
    for (const name of sectionNames) {
      const huge = () => store({ ...nothing, [name]: 2 ** 33 })
      expect(huge).toThrow(named('GRAPH_MEMORY', `${2 ** 35} bytes`))
    }
  })

  test('beside the store, while a graph is built, is refused by name', () => {
    const list = edgeList([
      [3, 1],
      [4, 1],
    ])
    const codes = { topics: new Uint16Array(64), languages: new Uint16Array(64) }
    const given = ArrayBuffer
    onTestFinished(() => void vi.unstubAllGlobals())
    /** Builds while the nth array is refused; returns how many are asked for. */
    const build = (nth: number) => {
      let asked = 0
      const Scarce = class extends given {
        constructor(bytes: number) {
          if (asked++ === nth) throw new RangeError('Array buffer allocation failed')
          super(bytes)
        }
      }
      vi.stubGlobal('ArrayBuffer', Scarce)
      buildGraph({ ...list, codes }, wasmStore)
      return asked
    }
    const all = build(-1)
    expect(all).toBeGreaterThan(5)
    for (let nth = 0; nth < all; nth++) {
      expect(() => build(nth)).toThrow(named('GRAPH_MEMORY', 'the system refused'))
    }
  })
})
