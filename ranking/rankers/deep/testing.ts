/** A deep ranker that learned nothing, for tests and benches: what it costs does not hang on it. */
import { Random } from '../../../base/index.ts'
import { deepFeatureNames } from '../../features/feature-matrix.ts'
import { factorDefaults } from '../../pin-factors/index.ts'
import { deepBytes } from './deep-file.ts'
import type { DeepShape } from './deep-network.ts'

const LAST_DEVIATION = 50

/** Of a ranker that is read, sent and asked in no time. */
export const smallShape: Omit<DeepShape, 'features'> = Object.freeze({
  width: 8,
  userRows: 64,
  pinRows: 64,
  hidden: [16, 8],
  dropout: 0,
  deviation: 0.05,
  idDropout: 0,
  idSpeed: 1,
  positions: 1,
})

/** Of the features that are served; with factors of these pins, the most saved first. */
export function randomDeepBytes(
  shape: Omit<DeepShape, 'features'>,
  seed: number,
  ofFactors: readonly string[] = [],
): Uint8Array {
  const { width, userRows, pinRows, hidden } = shape
  const random = new Random(seed)
  const list = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => deviation * (random.unit() - 0.5))
  const first = hidden[0]!
  const sizes = [...hidden, 1]
  const { dimensions, unobserved, ridge, frequency } = factorDefaults
  const factors = {
    numbers: { dimensions, unobserved, ridge, frequency },
    pins: ofFactors,
    vectors: list(ofFactors.length * dimensions, 0.2),
    diagonal: list(dimensions, 0.1).map(Math.abs),
  }
  return deepBytes({
    head: { features: deepFeatureNames, width, userRows, pinRows, hidden, ranges: hidden.slice(1) },
    users: list(userRows * width, 0.1),
    pins: list(pinRows * width, 0.1),
    ofUser: list(width * first, 0.2),
    ofPin: list(width * first, 0.2),
    ofFeatures: list(deepFeatureNames.length * first, 0.2),
    biases: list(first, 0.1),
    ...(ofFactors.length > 0 && { factors }),
    // The last deviates more: log-odds as far apart as those of one that learned.
    above: sizes
      .slice(1)
      .flatMap((next, i) => [
        list(sizes[i]! * next, next === 1 ? LAST_DEVIATION : 0.2),
        list(next, 0.1),
      ]),
  })
}
