/**
 * A made-up graph for measurements: boards of about 20 pins, pins by a skewed choice (a tenth of
 * them gets near half of the saves), every edge once. The same for the same seed.
 */
import { Random } from '../base/index.ts'
import type { NamedEdges } from './named-edges.ts'

const PINS_PER_BOARD = 20
const EDGES_PER_PIN = 8
/** Pin = pins · u^SKEW. */
const SKEW = 3

export function generatedEdges(options: {
  readonly edges: number
  readonly seed: number
}): NamedEdges {
  const { edges: edgeCount, seed } = options
  const random = new Random(seed).split('generated edges')
  const pinCount = Math.max(4 * PINS_PER_BOARD, Math.ceil(edgeCount / EDGES_PER_PIN))
  const pins = new Uint32Array(edgeCount)
  const boards = new Uint32Array(edgeCount)
  let board = 0
  for (let n = 0; n < edgeCount; board++) {
    const end = Math.min(edgeCount, n + 1 + random.below(2 * PINS_PER_BOARD - 1))
    const held = new Set<number>()
    while (n < end) {
      const pin = Math.floor(pinCount * random.unit() ** SKEW)
      if (held.has(pin)) continue
      held.add(pin)
      pins[n] = pin
      boards[n++] = board
    }
  }
  const named = (prefix: string, size: number) => ({ size, id: (n: number) => `${prefix}${n}` })
  return {
    edges: { pins, boards, edgeCount, pinCount, boardCount: board },
    pins: named('p', pinCount),
    boards: named('b', board),
  }
}
