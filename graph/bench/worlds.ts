/** Generated edges for the benches, and a graph as `walk-native.cpp` reads it. */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { EdgeStream, PinBoardGraph } from '../index.ts'

export type World = { readonly pins: number; readonly boards: number; readonly edges: number }

/**
 * Edge i as a pure function of (seed, i): pins by a power law (share of the busiest tenth about 40
 * %), boards evenly. No structure but degrees: the worst case for caches.
 */
export function evenWorld({ pins, boards, edges }: World, seed: number): EdgeStream {
  return {
    pinCount: pins,
    boardCount: boards,
    edgeCount: edges,
    *chunks() {
      const chunk = { pins: new Uint32Array(CHUNK), boards: new Uint32Array(CHUNK), count: 0 }
      for (let from = 0; from < edges; from += CHUNK) {
        chunk.count = Math.min(CHUNK, edges - from)
        for (let i = 0; i < chunk.count; i++) {
          const u = mix(from + i, seed) / 2 ** 32
          const popular = Math.min(pins - 1, Math.floor(pins * u * u * Math.sqrt(u)))
          // Outside numbers are not in order of popularity.
          chunk.pins[i] = scatter(popular, pins)
          chunk.boards[i] = Math.floor((mix(from + i, seed + 1) / 2 ** 32) * boards)
        }
        yield chunk
      }
    },
  }
}
const CHUNK = 65_536

/** A hash of (i, seed) in 32 bits (murmur3's finaliser). */
function mix(i: number, seed: number): number {
  let h = Math.imul(i ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A permutation of [0, n): multiplication by a number that has no factor in common with n. */
function scatter(i: number, n: number): number {
  return (i * stride(n)) % n
}
const strides = new Map<number, number>()
function stride(n: number): number {
  const known = strides.get(n)
  if (known !== undefined) return known
  let s = Math.floor(n * 0.6180339887) | 1
  while (commonFactor(s, n) !== 1) s += 2
  strides.set(n, s)
  return s
}
function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b)
}

/** The graph's arrays as a "PBG1" file. */
export function writeForNative(graph: PinBoardGraph, path: string): void {
  const file = openSync(path, 'w')
  const head = Buffer.alloc(20)
  head.write('PBG1')
  head.writeUInt32LE(graph.pinNodes, 4)
  head.writeUInt32LE(graph.boardNodes, 8)
  head.writeBigUInt64LE(BigInt(graph.edgeCount), 12)
  const { pinNodes, boardNodes } = graph
  const offsets = (offset: Uint32Array, nodes: number) => offset.subarray(0, nodes + 1)
  const arrays = [
    offsets(graph.pinOffset, pinNodes),
    graph.pinBoards,
    offsets(graph.boardOffset, boardNodes),
    graph.boardPins,
  ]
  try {
    writeSync(file, head)
    for (const array of arrays) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      for (let at = 0; at < bytes.length; at += 1 << 26)
        writeAll(file, bytes.subarray(at, at + (1 << 26)))
    }
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}

/**
 * A world with topics: board b is about topic b mod T and takes nine in ten of its pins from there,
 * the others from anywhere; within a topic, as anywhere, pins follow a power law. Pin numbers tell
 * the topic: p mod T. So a walk has a neighbourhood to find, and lands on much the same pins twice.
 */
export type TopicalWorld = World & { readonly topics: number }

export function topicalWorld(world: TopicalWorld, seed: number): EdgeStream {
  const { pins, boards, edges, topics } = world
  const perBoard = edges / boards
  const perTopic = Math.floor(pins / topics)
  return {
    pinCount: pins,
    boardCount: boards,
    edgeCount: edges,
    *chunks() {
      const chunk = { pins: new Uint32Array(CHUNK), boards: new Uint32Array(CHUNK), count: 0 }
      for (let from = 0; from < edges; from += CHUNK) {
        chunk.count = Math.min(CHUNK, edges - from)
        for (let i = 0; i < chunk.count; i++) {
          const board = Math.floor((from + i) / perBoard)
          const about = board % topics
          const stray = mix(from + i, seed + 2)
          const topic = stray % 10 === 0 ? Math.floor(stray / 10) % topics : about
          const u = mix(from + i, seed) / 2 ** 32
          const rank = Math.floor(perTopic * u * u * Math.sqrt(u))
          chunk.pins[i] = topic + topics * scatter(rank, perTopic)
          chunk.boards[i] = board
        }
        yield chunk
      }
    },
  }
}

/** Three pins of a user with two interests: two of one topic, one of another, by popularity. */
export function userSeeds(
  { pins, topics }: TopicalWorld,
  user: number,
  seed: number,
): { readonly pin: number; readonly weight: number }[] {
  const perTopic = Math.floor(pins / topics)
  return [0, 0, 1].map((interest, i) => {
    const topic = mix(user * 2 + interest, seed + 3) % topics
    const u = mix(user * 3 + i, seed + 4) / 2 ** 32
    const rank = Math.floor(perTopic * u * u * Math.sqrt(u))
    return { pin: topic + topics * scatter(rank, perTopic), weight: 1 }
  })
}
