/**
 * Queries and answers in the cells of a pool.
 *
 * A query: eight words, its vectors, and the bits of its filter. An answer: its kind, how many ids
 * each of its queries has, then all ids, then all scores; or the bytes of an error.
 */
import { fromWire, type WireError } from '../../base/index.ts'
import type { IndexName } from './vector-index.ts'

export type CellQuery = {
  /** Behind one another; they have been admitted. */
  readonly vectors: Float32Array
  readonly count: number
  readonly k: number
  readonly ef: number
  readonly filter: Uint32Array | undefined
  /** Undefined: whichever is expected to be faster. */
  readonly index: IndexName | undefined
}

/** Of `count` queries, one behind the other: query i has [starts[i], starts[i + 1]). */
export type VectorAnswer = {
  readonly starts: Uint32Array
  readonly ids: Uint32Array
  /** Cosines or inner products, falling within a query. */
  readonly scores: Float32Array
  /** Queries that the graph answered. */
  readonly byGraph: number
}

const HEAD = 8
const indexes = [undefined, 'graph', 'scan'] as const
const FOUND = 1
const REFUSED = 2

export const queryWords = (vectorWords: number, filterWords: number) =>
  HEAD + vectorWords + filterWords
export const answerWords = (queries: number, results: number) => HEAD + queries + 2 * results

export function writeQuery(buffer: SharedArrayBuffer, at: number, query: CellQuery): void {
  const { vectors, count, k, ef, filter, index } = query
  const head = new Uint32Array(buffer, at, HEAD)
  head.set([count, k, ef, filter ? filter.length : 0, indexes.indexOf(index), vectors.length])
  new Float32Array(buffer, at + 4 * HEAD, vectors.length).set(vectors)
  if (filter) new Uint32Array(buffer, at + 4 * (HEAD + vectors.length), filter.length).set(filter)
}

/** Views that are good until the cell is used again. */
export function readQuery(buffer: SharedArrayBuffer, at: number): CellQuery {
  const [count, k, ef, words, index, length] = new Uint32Array(buffer, at, HEAD) as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return {
    vectors: new Float32Array(buffer, at + 4 * HEAD, length),
    count,
    k,
    ef,
    filter: words > 0 ? new Uint32Array(buffer, at + 4 * (HEAD + length), words) : undefined,
    index: indexes[index],
  }
}

/** Writes the answers to a batch, one query after the other. */
export class AnswerWriter {
  readonly #head: Uint32Array
  readonly #ends: Uint32Array
  readonly #ids: Uint32Array
  readonly #scores: Float32Array
  #queries = 0
  #results = 0
  #byGraph = 0

  constructor(buffer: SharedArrayBuffer, to: number, { count, k }: CellQuery) {
    this.#head = new Uint32Array(buffer, to, HEAD)
    this.#ends = new Uint32Array(buffer, to + 4 * HEAD, count)
    this.#ids = new Uint32Array(buffer, to + 4 * (HEAD + count), count * k)
    this.#scores = new Float32Array(buffer, to + 4 * (HEAD + count + count * k), count * k)
  }

  add(ids: Uint32Array, scores: Float32Array, index: IndexName): void {
    this.#ids.set(ids, this.#results)
    this.#scores.set(scores, this.#results)
    this.#results += ids.length
    this.#ends[this.#queries++] = this.#results
    if (index === 'graph') this.#byGraph++
  }

  end(): void {
    this.#head.set([FOUND, this.#queries, this.#byGraph])
  }
}

/** Errors of the table are short: values in their messages are clipped. */
export function writeRefusal(buffer: SharedArrayBuffer, to: number, error: WireError): void {
  const bytes = new TextEncoder().encode(JSON.stringify(error))
  new Uint32Array(buffer, to, HEAD).set([REFUSED, bytes.length])
  new Uint8Array(buffer, to + 4 * HEAD, bytes.length).set(bytes)
}

/** Reads an answer without the ids that `isHeld` denies; throws the error that it is. */
export function readAnswer(
  buffer: SharedArrayBuffer,
  from: number,
  { count, k, isHeld }: { count: number; k: number; isHeld: (id: number) => boolean },
): VectorAnswer {
  const [kind, words, byGraph] = new Uint32Array(buffer, from, HEAD) as unknown as number[]
  if (kind === REFUSED) {
    const bytes = new Uint8Array(buffer, from + 4 * HEAD, words).slice()
    throw fromWire(JSON.parse(new TextDecoder().decode(bytes)) as WireError)
  }
  const answered = words!
  const ends = new Uint32Array(buffer, from + 4 * HEAD, answered)
  const total = answered > 0 ? ends[answered - 1]! : 0
  const ids = new Uint32Array(new Uint32Array(buffer, from + 4 * (HEAD + count), total))
  const scoresAt = from + 4 * (HEAD + count + count * k)
  const scores = new Float32Array(new Float32Array(buffer, scoresAt, total))
  const starts = new Uint32Array(count + 1)
  let to = 0
  for (let query = 0, i = 0; query < answered; query++) {
    for (; i < ends[query]!; i++) {
      if (!isHeld(ids[i]!)) continue
      ids[to] = ids[i]!
      scores[to++] = scores[i]!
    }
    starts[query + 1] = to
  }
  return { starts, ids: ids.subarray(0, to), scores: scores.subarray(0, to), byGraph: byGraph! }
}
