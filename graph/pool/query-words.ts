/** A query in a cell: options, then seeds and excluded pins. */
import { type ErrorDetails, NONE, pinwheelError } from '../../base/index.ts'
import type { WalkSeed } from '../walk/allocate-steps.ts'
import { type WalkOptions, walkDefaults } from '../walk/walk.ts'

/** What crosses threads: everything but the function. */
export type PoolOptions = Omit<WalkOptions, 'isOver'>
export type PoolQuery = {
  readonly seeds: readonly WalkSeed[]
  readonly excluded?: Uint32Array | readonly number[]
  readonly options?: Partial<PoolOptions>
}

const numbers = [
  'steps',
  'restart',
  'top',
  'degreeExponent',
  'earlyStopPins',
  'earlyStopVisits',
  'checkEvery',
  'seed',
] as const
/** Then: booster, parts, strength, topic, language; counts of seeds and of excluded pins. */
const HEAD = numbers.length + 7
/** Not a topic or language. */
const ANY = -1

/**
 * The words that a query takes, and those its answer takes at most. WALK_QUERY_LARGE where either
 * does not fit.
 */
export function checkRoom(query: PoolQuery, queryWords: number, answerWords: number): void {
  const { seeds, excluded, options } = query
  const { top, steps, parts } = { ...walkDefaults, ...options }
  const refuse = (details: ErrorDetails) => pinwheelError('WALK_QUERY_LARGE', details)
  const asked = 2 * HEAD + 3 * seeds.length + (excluded?.length ?? 0)
  if (asked > queryWords) {
    throw refuse({ what: 'query', words: asked, limit: queryWords, setting: 'queryWords' })
  }
  const told = wordsOfAnswer(top, parts ? Math.min(top * seeds.length, steps) : -1)
  if (told > answerWords) {
    throw refuse({ what: 'answer', words: told, limit: answerWords, setting: 'answerWords' })
  }
}

/** Words before the pins of an answer. */
export const ANSWER_HEAD = 16

/** Words of an answer of so many pins and parts; -1: it has none. */
export function wordsOfAnswer(pins: number, parts: number): number {
  return ANSWER_HEAD + 4 * pins + (parts < 0 ? 0 : pins + 1 + 2 * parts)
}

/** Writes a query that has room. */
export function writeQuery(buffer: SharedArrayBuffer, at: number, query: PoolQuery): void {
  const { seeds, excluded = [] } = query
  const options: Partial<PoolOptions> & typeof walkDefaults = { ...walkDefaults, ...query.options }
  const { bias } = options
  const head = new Float64Array(buffer, at, HEAD)
  numbers.forEach((name, i) => {
    head[i] = options[name]
  })
  head.set(
    [
      options.booster ? 1 : 0,
      options.parts ? 1 : 0,
      // Nothing is preferred: no strength, which is none that a bias may have.
      bias ? bias.strength : Number.NEGATIVE_INFINITY,
      bias?.topic ?? ANY,
      bias?.language ?? ANY,
      seeds.length,
      excluded.length,
    ],
    numbers.length,
  )
  const weights = new Float64Array(buffer, at + 8 * HEAD, seeds.length)
  const pins = new Uint32Array(buffer, at + 8 * (HEAD + seeds.length), seeds.length)
  seeds.forEach(({ pin, weight }, i) => {
    weights[i] = weight
    pins[i] = pinOrNone(pin)
  })
  const left = new Uint32Array(buffer, pins.byteOffset + pins.byteLength, excluded.length)
  for (let i = 0; i < left.length; i++) left[i] = pinOrNone(excluded[i]!)
}

/** Reads it back. Its arrays are views that are good until the cell is used again. */
export function readQuery(buffer: SharedArrayBuffer, at: number): Required<PoolQuery> {
  const head = new Float64Array(buffer, at, HEAD)
  const options: Record<string, unknown> = {}
  numbers.forEach((name, i) => {
    options[name] = head[i]!
  })
  const [booster, parts, strength, topic, language, seedCount, excludedCount] = head.subarray(
    numbers.length,
  ) as unknown as [number, number, number, number, number, number, number]
  options['booster'] = booster === 1
  options['parts'] = parts === 1
  if (strength !== Number.NEGATIVE_INFINITY) {
    options['bias'] = {
      strength,
      ...(topic !== ANY && { topic }),
      ...(language !== ANY && { language }),
    }
  }
  const weights = new Float64Array(buffer, at + 8 * HEAD, seedCount)
  const pins = new Uint32Array(buffer, at + 8 * (HEAD + seedCount), seedCount)
  return {
    seeds: Array.from(pins, (pin, i) => ({ pin, weight: weights[i]! })),
    excluded: new Uint32Array(buffer, pins.byteOffset + pins.byteLength, excludedCount),
    options: options as PoolOptions,
  }
}

/** What is no number of a pin is nobody's. */
function pinOrNone(pin: number): number {
  return Number.isInteger(pin) && pin >= 0 && pin < NONE ? pin : NONE
}
