/**
 * How alike pins are, from 0 to 1, 1 with itself. By pin vectors where every pin has one:
 * (1 + cosine) / 2. Else by what the catalogue says: the cosine of the sets of tags, the topic
 * among them, |A ∩ B| / √(|A| · |B|); a pin without any is like none.
 *
 * Both are inner products of unit vectors, so that a determinant of them is never negative.
 */
import { NONE } from '../../base/index.ts'
import { type FeatureReader, TAGS_KEPT } from '../features/feature-table.ts'

export interface Similarity {
  /** Writes the similarity of `item` to every item. */
  to(item: number, out: Float64Array): void
}

/** Vectors of pins, as an index of embeddings has them. */
export interface PinVectors {
  readonly dimensions: number
  /** Of any length but 0; undefined where the pin has none. */
  of(pin: number): Float32Array | undefined
}

export function similarityOf(
  pins: Uint32Array,
  features: FeatureReader,
  vectors?: PinVectors,
): Similarity {
  return (vectors && byVectors(pins, vectors)) ?? byTags(pins, features)
}

/** Undefined when some pin has no vector, or one without a direction. */
export function byVectors(
  pins: Uint32Array,
  { dimensions, of }: PinVectors,
): Similarity | undefined {
  const units = new Float64Array(pins.length * dimensions)
  for (const [i, pin] of pins.entries()) {
    const vector = of(pin)
    if (!vector) return
    let squares = 0
    for (let d = 0; d < dimensions; d++) squares += vector[d]! ** 2
    const length = Math.sqrt(squares)
    if (!(length > 0) || length === Number.POSITIVE_INFINITY) return
    for (let d = 0; d < dimensions; d++) units[i * dimensions + d] = vector[d]! / length
  }
  return {
    to(item, out) {
      const from = item * dimensions
      for (let i = 0; i < pins.length; i++) {
        let cosine = 0
        for (let d = 0; d < dimensions; d++) cosine += units[from + d]! * units[i * dimensions + d]!
        out[i] = i === item ? 1 : Math.min(1, Math.max(0, (1 + cosine) / 2))
      }
    },
  }
}

export function byTags(pins: Uint32Array, features: FeatureReader): Similarity {
  // Flat and numbered anew, since every pick reads all of them.
  const numbers = new Map<number, number>()
  const starts = new Uint32Array(pins.length + 1)
  const flat: number[] = []
  for (const [i, pin] of pins.entries()) {
    const set = new Set<number>([features.topic(pin)])
    for (let slot = 0; slot < TAGS_KEPT; slot++) set.add(features.tag(pin, slot))
    set.delete(NONE)
    for (const tag of set) {
      const number = numbers.get(tag) ?? numbers.size
      numbers.set(tag, number)
      flat.push(number)
    }
    starts[i + 1] = flat.length
  }
  const tags = Uint32Array.from(flat)
  const own = new Uint8Array(numbers.size)
  const mark = (item: number, value: 0 | 1) => {
    for (let at = starts[item]!; at < starts[item + 1]!; at++) own[tags[at]!] = value
  }
  return {
    to(item, out) {
      mark(item, 1)
      const size = starts[item + 1]! - starts[item]!
      for (let i = 0; i < pins.length; i++) {
        const from = starts[i]!
        const to = starts[i + 1]!
        let both = 0
        for (let at = from; at < to; at++) both += own[tags[at]!]!
        out[i] = both === 0 ? 0 : both / Math.sqrt(size * (to - from))
      }
      mark(item, 0)
      out[item] = 1
    },
  }
}
