/** Vectors in clusters, exact answers, and searches that tests open. */
import { Random } from '../../base/index.ts'
import type { VectorAnswer } from './cells.ts'
import type { GivenOptions } from './options.ts'
import { VectorSearch } from './vector-search.ts'

export type Clustered = {
  readonly seed: number
  readonly count: number
  readonly dimensions: number
  readonly clusters: number
  /** Of vectors of one world; queries have another. */
  readonly stream?: string
}

/** How far a vector lies from its centre; the centre has length 1 or so. */
const SPREAD = 0.7

/**
 * Unit vectors: a centre drawn evenly among normal ones of length 1 or so, and normal noise of 0.7
 * of that. The same seed and clusters give the same centres, whatever the stream.
 */
export function clusteredVectors(given: Clustered): Float32Array[] {
  const { seed, count, dimensions, clusters, stream = 'vectors' } = given
  const world = new Random(seed)
  const unit = 1 / Math.sqrt(dimensions)
  const normal = (drawn: () => number) =>
    Float32Array.from({ length: dimensions }, () => drawn() * unit)
  const ofCentres = nearlyNormal(world.split('centres').u32())
  const centres = Array.from({ length: clusters }, () => normal(ofCentres))
  const random = world.split(stream)
  const ofNoise = nearlyNormal(random.u32())
  return Array.from({ length: count }, () => {
    const centre = centres[random.below(clusters)]!
    const vector = normal(ofNoise).map((noise, i) => centre[i]! + SPREAD * noise)
    const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))
    return vector.map((x) => x / length)
  })
}

/** Sums of four even numbers, of variance 1: near enough to normal, and millions are cheap. */
function nearlyNormal(seed: number): () => number {
  let state = seed | 1
  const unit = () => {
    // Xorshift (Marsaglia 2003).
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return () => (unit() + unit() + unit() + unit() - 2) * Math.sqrt(3)
}

export type Found = { readonly id: number; readonly score: number }

/** The best k of all, in double precision; equal scores by id. */
export function bruteForce(
  vectors: Iterable<readonly [number, Float32Array | readonly number[]]>,
  query: Float32Array | readonly number[],
  k: number,
): Found[] {
  const all = Array.from(vectors, ([id, vector]) => ({ id, score: dot(vector, query) }))
  return all.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, k)
}

function dot(a: Float32Array | readonly number[], b: Float32Array | readonly number[]): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** What query i was answered. */
export function foundOf({ starts, ids, scores }: VectorAnswer, i = 0): Found[] {
  const [from, to] = [starts[i]!, starts[i + 1]!]
  return Array.from(ids.subarray(from, to), (id, j) => ({ id, score: scores[from + j]! }))
}

/** Small, with a graph from the first vector on. */
export const smallSearch = (given: Partial<GivenOptions> = {}): Promise<VectorSearch> =>
  VectorSearch.open({
    dimensions: 8,
    capacity: 4_000,
    idLimit: 4_000,
    kMax: 1_000,
    scanMax: 0,
    rebuildAfter: 0,
    ...given,
  })

/** For what takes as long as the machine is busy. */
export const patient = Object.freeze({ interval: 2, timeout: 20_000 })
