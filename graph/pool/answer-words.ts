/** An answer in a cell: a result of a walk, or an error of the table. */
import { fromWire, type WireError } from '../../base/index.ts'
import type { WalkResult } from '../walk/walk.ts'
import { ANSWER_HEAD } from './query-words.ts'

/** The epoch walked beside what was found. */
export type PoolAnswer = WalkResult & { readonly epoch: number }

const FOUND = 1
const REFUSED = 2
/** Doubles of the head: kind, pins, parts (-1: none), steps, cutShort, epoch; bytes of an error. */
const at = { kind: 0, pins: 1, parts: 2, steps: 3, cutShort: 4, epoch: 5 } as const

export function writeAnswer(buffer: SharedArrayBuffer, to: number, answer: PoolAnswer): void {
  const { pins, scores, because, parts, steps, cutShort, epoch } = answer
  const count = pins.length
  const head = new Float64Array(buffer, to, ANSWER_HEAD / 2)
  head[at.kind] = FOUND
  head[at.pins] = count
  head[at.parts] = parts ? parts.seeds.length : -1
  head[at.steps] = steps
  head[at.cutShort] = cutShort ? 1 : 0
  head[at.epoch] = epoch
  new Float64Array(buffer, to + 4 * ANSWER_HEAD, count).set(scores)
  const words = new Uint32Array(buffer, to + 4 * ANSWER_HEAD + 8 * count)
  words.set(pins)
  words.set(because, count)
  if (!parts) return
  words.set(parts.starts, 2 * count)
  words.set(parts.seeds, 3 * count + 1)
  words.set(parts.visits, 3 * count + 1 + parts.seeds.length)
}

/** Errors of the table are short: values in their messages are clipped. */
export function writeRefusal(buffer: SharedArrayBuffer, to: number, error: WireError): void {
  const bytes = new TextEncoder().encode(JSON.stringify(error))
  const head = new Float64Array(buffer, to, ANSWER_HEAD / 2)
  head[at.kind] = REFUSED
  head[at.pins] = bytes.length
  new Uint8Array(buffer, to + 4 * ANSWER_HEAD, bytes.length).set(bytes)
}

/** Reads an answer into memory of its own; throws the error that it is. */
export function readAnswer(buffer: SharedArrayBuffer, from: number): PoolAnswer {
  const head = new Float64Array(buffer, from, ANSWER_HEAD / 2)
  const count = head[at.pins]!
  if (head[at.kind] === REFUSED) {
    const bytes = new Uint8Array(buffer, from + 4 * ANSWER_HEAD, count).slice()
    throw fromWire(JSON.parse(new TextDecoder().decode(bytes)) as WireError)
  }
  const partCount = head[at.parts]!
  const scores = new Float64Array(new Float64Array(buffer, from + 4 * ANSWER_HEAD, count))
  const words = new Uint32Array(buffer, from + 4 * ANSWER_HEAD + 8 * count)
  const copy = (first: number, length: number) =>
    new Uint32Array(words.subarray(first, first + length))
  return {
    pins: copy(0, count),
    scores,
    because: copy(count, count),
    steps: head[at.steps]!,
    cutShort: head[at.cutShort] === 1,
    epoch: head[at.epoch]!,
    ...(partCount >= 0 && {
      parts: {
        starts: copy(2 * count, count + 1),
        seeds: [...copy(3 * count + 1, partCount)],
        visits: [...copy(3 * count + 1 + partCount, partCount)],
      },
    }),
  }
}
