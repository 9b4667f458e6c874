/** A deep ranker that learned nothing, for tests and benches: what it costs does not hang on it. */
import { Random } from '../../../base/index.ts'
import { featureNames } from '../../features/feature-matrix.ts'
import { deepBytes } from './deep-file.ts'
import type { DeepShape } from './deep-network.ts'

/** Of the features that are served. */
export function randomDeepBytes(shape: Omit<DeepShape, 'features'>, seed: number): Uint8Array {
  const { width, userRows, pinRows, hidden } = shape
  const random = new Random(seed)
  const list = (length: number, deviation: number) =>
    Float32Array.from({ length }, () => deviation * (random.unit() - 0.5))
  const first = hidden[0]!
  const sizes = [...hidden, 1]
  return deepBytes({
    head: { features: featureNames, width, userRows, pinRows, hidden },
    users: list(userRows * width, 0.1),
    pins: list(pinRows * width, 0.1),
    ofUser: list(width * first, 0.2),
    ofPin: list(width * first, 0.2),
    ofFeatures: list(featureNames.length * first, 0.2),
    biases: list(first, 0.1),
    above: sizes.slice(1).flatMap((next, i) => [list(sizes[i]! * next, 0.2), list(next, 0.1)]),
  })
}
