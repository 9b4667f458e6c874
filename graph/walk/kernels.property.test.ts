/** Both kernels give the same numbers, whatever the graph, the delta, the bias and the options. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NONE } from '../../base/index.ts'
import { buildGraph } from '../build.ts'
import { GraphDelta } from '../delta.ts'
import { type GraphStore, heapStore, wasmStore } from '../graph-store.ts'
import { GraphView } from '../graph-view.ts'
import { edgeList } from '../testing.ts'
import { biasRanges } from './bias.ts'
import { lockStep } from './lock-step.ts'
import { TwinKernel } from './twin.ts'
import type { WalkKernel } from './walk-kernel.ts'
import { WasmKernel } from './wasm-kernel.ts'

const PINS = 24
const BOARDS = 16
const edge = fc.tuple(fc.nat(PINS - 1), fc.nat(BOARDS - 1))
const edges = (minLength: number) =>
  fc.uniqueArray(edge, { minLength, maxLength: 90, selector: (e) => e.join() })

type World = {
  readonly frozen: readonly (readonly [number, number])[]
  readonly fresh: readonly (readonly [number, number])[]
  readonly removed: readonly (readonly [number, number])[]
  readonly topics: readonly number[]
}
const world = fc.record({
  frozen: edges(1),
  fresh: edges(0),
  removed: edges(0),
  topics: fc.array(fc.nat(2), { minLength: BOARDS, maxLength: BOARDS }),
})

function viewOf({ frozen, fresh, removed, topics }: World, store: GraphStore): GraphView {
  const codes = { topics: Uint16Array.from(topics), languages: new Uint16Array(BOARDS) }
  const graph = buildGraph({ ...edgeList(frozen, PINS, BOARDS), codes }, store)
  const room = { pinCapacity: PINS, boardCapacity: BOARDS, edgeCapacity: 256 }
  const delta = GraphDelta.create(graph, room)
  for (const [pin, board] of fresh) delta.add(pin, board)
  for (const [pin, board] of removed) delta.remove(pin, board)
  return new GraphView(graph, delta, 1)
}

const options = fc.record({
  restart: fc.constantFrom(0.1, 0.5, 0.9, 1),
  earlyStopPins: fc.constantFrom(0, 2),
  earlyStopVisits: fc.constantFrom(1, 20),
  checkEvery: fc.constantFrom(1, 100),
  seed: fc.nat(),
})
const walked = fc.record({
  steps: fc.integer({ min: 1, max: 3000 }),
  seeds: fc.uniqueArray(fc.nat(PINS - 1), { minLength: 1, maxLength: 5 }),
  strength: fc.constantFrom(0, 0.5, 1),
})

/** Everything a walk leaves behind. */
function trace(
  kernel: WalkKernel,
  view: GraphView,
  { steps, seeds, strength }: { steps: number; seeds: readonly number[]; strength: number },
  given: Omit<Parameters<typeof lockStep>[3], 'bias'>,
) {
  const homes = seeds
    .map((pin) => view.frozen.nodeOfPin[pin]!)
    .filter((node) => node !== NONE)
    .map((node, i) => ({ node, steps: steps + i }))
  const bias = biasRanges(view.frozen, { topic: 1, strength })
  const stepped = lockStep(kernel, view, homes, { ...given, ...(bias && { bias }) })
  const slots = [...kernel.slots()]
  return [true, false].map((boosted) => {
    const { rows, pins, sums, best } = kernel.join(boosted)
    const joined = { pins: [...pins.subarray(0, rows)], sums: [...sums.subarray(0, rows)] }
    return { stepped, slots, rows, ...joined, best: [...best.subarray(0, rows)] }
  })
}

describe('the two kernels', () => {
  const wasm = new WasmKernel(3)
  const twin = new TwinKernel()

  test('agree slot by slot', () => {
    fc.assert(
      fc.property(world, walked, options, (given, walk, rest) => {
        const inWasm = viewOf(given, wasmStore)
        const onHeap = viewOf(given, heapStore)
        expect(trace(wasm, inWasm, walk, rest)).toEqual(trace(twin, onHeap, walk, rest))
      }),
      { numRuns: 300 },
    )
  })

  test('agree when every array lies in a memory of its own', () => {
    // As a graph beyond 4 GiB does.
    const apart: GraphStore = (lengths) => {
      const memory = wasmStore(lengths)
      const copy = (name: 'pinOffset' | 'pinBoards' | 'boardOffset' | 'boardPins') => {
        const only = { ...lengths, pinOffset: 0, pinBoards: 0, boardOffset: 0, boardPins: 0 }
        const other = wasmStore({ ...only, [name]: lengths[name] })
        return { array: other[name], wasm: other.wasm![name] }
      }
      const pinOffset = copy('pinOffset')
      const pinBoards = copy('pinBoards')
      const boardOffset = copy('boardOffset')
      const boardPins = copy('boardPins')
      return {
        ...memory,
        pinOffset: pinOffset.array,
        pinBoards: pinBoards.array,
        boardOffset: boardOffset.array,
        boardPins: boardPins.array,
        wasm: {
          pinOffset: pinOffset.wasm,
          pinBoards: pinBoards.wasm,
          boardOffset: boardOffset.wasm,
          boardPins: boardPins.wasm,
        },
      }
    }
    fc.assert(
      fc.property(world, walked, options, (given, walk, rest) => {
        const inWasm = viewOf(given, apart)
        const onHeap = viewOf(given, heapStore)
        expect(trace(wasm, inWasm, walk, rest)).toEqual(trace(twin, onHeap, walk, rest))
      }),
      { numRuns: 60 },
    )
  })

  test('agree on counts that are full and on tables that grow', () => {
    const tall = { frozen: [[0, 0]] as const, fresh: [], removed: [], topics: [] }
    const codes = { ...tall, topics: new Array(BOARDS).fill(0) }
    const rest = { restart: 1, earlyStopPins: 0, earlyStopVisits: 0, checkEvery: 1, seed: 1 }
    const walk = { steps: 200_000, seeds: [0], strength: 0 }
    const a = trace(wasm, viewOf(codes, wasmStore), walk, rest)
    const b = trace(twin, viewOf(codes, heapStore), walk, rest)
    expect(a).toEqual(b)
    expect(wasm.overflowed && twin.overflowed).toBe(true)
    expect(a[1]!.sums).toEqual([200_000])
  })

  test('a planted difference is seen', () => {
    const path = Array.from({ length: 12 }, (_, i) => [(i + 1) >> 1, i >> 1] as const)
    const given = { frozen: path, fresh: [], removed: [] }
    const codes = { ...given, topics: new Array(BOARDS).fill(0) }
    const rest = { restart: 0.5, earlyStopPins: 0, earlyStopVisits: 0, checkEvery: 1, seed: 1 }
    const walk = { steps: 500, seeds: [0], strength: 0 }
    const a = trace(wasm, viewOf(codes, wasmStore), walk, rest)
    const b = trace(twin, viewOf(codes, heapStore), walk, { ...rest, restart: 0.6 })
    expect(a).not.toEqual(b)
  })
})
