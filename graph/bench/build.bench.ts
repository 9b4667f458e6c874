/**
 * Building the frozen graph from edges in random order on one core: both directions, straight into
 * the memory that the kernel reads. Edges lie in arrays; making them is not counted.
 */
import type { Clock } from '../../base/index.ts'
import { buildGraph, type PinBoardGraph, wasmStore } from '../index.ts'
import { evenWorld } from './worlds.ts'

const sizes = {
  small: { pins: 20_000, boards: 4_000, edges: 200_000, turns: 1 },
  large: { pins: 2_000_000, boards: 400_000, edges: 20_000_000, turns: 5 },
} as const
const SEED = 1

export const bench = {
  name: 'graph/build',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const options = sizes[size]
    const stream = evenWorld(options, SEED)
    const pins = new Uint32Array(options.edges)
    const boards = new Uint32Array(options.edges)
    let at = 0
    for (const chunk of stream.chunks()) {
      pins.set(chunk.pins.subarray(0, chunk.count), at)
      boards.set(chunk.boards.subarray(0, chunk.count), at)
      at += chunk.count
    }
    const { chunks: _, ...counts } = stream
    const seconds: number[] = []
    let graph: PinBoardGraph | undefined
    for (let turn = 0; turn < options.turns; turn++) {
      const began = clock.monotonic()
      graph = buildGraph({ ...counts, pins, boards }, wasmStore)
      seconds.push((clock.monotonic() - began) / 1000)
    }
    seconds.sort((a, b) => a - b)
    const perSecond = (s: number) => Math.round(options.edges / s)
    return {
      seed: SEED,
      options,
      edgesPerSecond: perSecond(seconds[0]!),
      medianEdgesPerSecond: perSecond(seconds[seconds.length >> 1]!),
      ...bytesPerEdge(graph!),
      digest: (checksum(graph!.boardPins) >>> 0).toString(16),
    }
  },
}

/** Of the arrays that a walk reads, and of all. */
export function bytesPerEdge(graph: PinBoardGraph) {
  const { pinOffset, pinBoards, boardOffset, boardPins, edgeCount } = graph
  const walked = [pinOffset, pinBoards, boardOffset, boardPins]
  const bytes = walked.reduce((sum, array) => sum + array.byteLength, 0)
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    bytesPerEdge: round(bytes / edgeCount),
    bytesPerEdgeWithNumbers: round(graph.byteLength / edgeCount),
  }
}

function checksum(array: Uint32Array): number {
  let sum = 0
  for (let i = 0; i < array.length; i++) sum = (Math.imul(sum, 31) + array[i]!) | 0
  return sum
}
