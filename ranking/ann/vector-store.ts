/**
 * The vectors of one epoch: rows appended by one owner, read by many threads.
 *
 * A row is an id, the floats, and bytes with a scale of their own for the scan. A replaced or
 * deleted id leaves a dead row until the next rebuild. O(dimensions) a change.
 */
import { pinwheelError } from '../../base/index.ts'
import { padded, told, type VectorMemory } from './vector-memory.ts'

export type Metric = 'cosine' | 'dot'

/** Beyond it, products of two could leave the range of a float. */
const COMPONENT_MAX = 1e15
/** Of a row's bytes, and of a query's, which are shifted to be positive. */
const CODE_MAX = 127
const QUERY_CODE_MAX = 63
const QUERY_SHIFT = 64

export class VectorStore {
  readonly memory: VectorMemory

  constructor(memory: VectorMemory) {
    this.memory = memory
  }

  get rowCount(): number {
    return Atomics.load(this.memory.told, told.rowCount)
  }

  get baseRows(): number {
    return Atomics.load(this.memory.told, told.baseRows)
  }

  /** Ids held. */
  get size(): number {
    return Atomics.load(this.memory.told, told.held)
  }

  get deadCount(): number {
    return Atomics.load(this.memory.told, told.deadCount)
  }

  has(id: number): boolean {
    return this.rowOf(id) >= 0
  }

  /** The row of an id, or -1. */
  rowOf(id: number): number {
    return this.#isId(id) ? Atomics.load(this.memory.rowOf, id) - 1 : -1
  }

  /** A row's floats, in place. */
  floatsOf(row: number): Float32Array {
    const { floats, shape } = this.memory
    const at = row * padded(shape.dimensions)
    return floats.subarray(at, at + shape.dimensions)
  }

  /** Gives an id a vector that has been admitted, its first or another. CAPACITY. */
  set(id: number, admitted: Float32Array): void {
    const { rowOf, heldBits } = this.memory
    const row = this.append(id, admitted)
    const before = Atomics.exchange(rowOf, id, row + 1)
    if (before > 0) this.bury(before - 1)
    else {
      Atomics.or(heldBits, id >>> 5, 1 << (id & 31))
      Atomics.add(this.memory.told, told.held, 1)
    }
    Atomics.add(this.memory.told, told.version, 1)
  }

  /** Whether there was one. */
  delete(id: number): boolean {
    if (!this.#isId(id)) return false
    const { rowOf, heldBits } = this.memory
    const before = Atomics.exchange(rowOf, id, 0)
    if (before === 0) return false
    Atomics.and(heldBits, id >>> 5, ~(1 << (id & 31)))
    Atomics.sub(this.memory.told, told.held, 1)
    this.bury(before - 1)
    Atomics.add(this.memory.told, told.version, 1)
    return true
  }

  /** Writes a row behind the others, nobody's yet. CAPACITY. */
  append(id: number, admitted: Float32Array): number {
    const { ids, floats, codes, scales, sums, shape } = this.memory
    const row = this.rowCount
    if (row === shape.capacity) {
      const limit = shape.capacity
      throw pinwheelError('CAPACITY', {
        what: 'vectors',
        count: row + 1,
        limit,
        setting: 'capacity',
      })
    }
    const width = padded(shape.dimensions)
    ids[row] = id
    floats.set(admitted, row * width)
    const { scale, sum } = quantise(admitted, codes.subarray(row * width, (row + 1) * width))
    scales[row] = scale
    sums[row] = sum
    Atomics.store(this.memory.told, told.rowCount, row + 1)
    return row
  }

  #isId(id: number): boolean {
    return Number.isInteger(id) && id >= 0 && id < this.memory.shape.idLimit
  }

  /** Says that a row ceased to be an id's. */
  bury(row: number): void {
    const count = this.deadCount
    this.memory.dead[count] = row
    Atomics.store(this.memory.told, told.deadCount, count + 1)
  }
}

/**
 * A vector as it is kept and asked with: of unit length for the cosine. ANN_VECTOR with `what`.
 */
export function admitted(
  given: Float32Array | readonly number[],
  { dimensions, metric, what }: { dimensions: number; metric: Metric; what: string },
): Float32Array<ArrayBuffer> {
  const refuse = (reason: string) => pinwheelError('ANN_VECTOR', { what, reason })
  const { length } = given
  if (length !== dimensions) throw refuse(`it has ${length} numbers, not ${dimensions}`)
  const vector = new Float32Array(given)
  let square = 0
  for (let i = 0; i < length; i++) {
    const x = vector[i]!
    if (!(Math.abs(x) <= COMPONENT_MAX)) {
      throw refuse(`number ${i} is ${x}; they are finite, up to ${COMPONENT_MAX}`)
    }
    square += x * x
  }
  if (metric === 'dot') return vector
  if (square < 1e-60) throw refuse('it is zero, which has no direction')
  const scale = 1 / Math.sqrt(square)
  for (let i = 0; i < length; i++) vector[i]! *= scale
  return vector
}

/** Bytes of a row; a number is its byte times the scale, give or take half of that. */
export function quantise(
  vector: Float32Array,
  codes: Int8Array,
): { readonly scale: number; readonly sum: number } {
  const most = greatest(vector)
  const inverse = most > 0 ? CODE_MAX / most : 0
  let sum = 0
  if (Number.isFinite(inverse)) {
    for (let i = 0; i < vector.length; i++) {
      const code = Math.round(vector[i]! * inverse)
      codes[i] = code
      sum += code
    }
  }
  return { scale: most / CODE_MAX, sum }
}

/** Bytes of a query; beyond its numbers lies what zero becomes, as rows have zeros there. */
export function quantiseQuery(vector: Float32Array, codes: Uint8Array): void {
  const most = greatest(vector)
  const inverse = most > 0 ? QUERY_CODE_MAX / most : 0
  const factor = Number.isFinite(inverse) ? inverse : 0
  codes.fill(QUERY_SHIFT)
  for (let i = 0; i < vector.length; i++) {
    codes[i] = QUERY_SHIFT + Math.round(vector[i]! * factor)
  }
}

function greatest(vector: Float32Array): number {
  let most = 0
  for (let i = 0; i < vector.length; i++) most = Math.max(most, Math.abs(vector[i]!))
  return most
}
