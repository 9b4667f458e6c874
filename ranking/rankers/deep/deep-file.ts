/**
 * What a deep ranker has learned, as one run of bytes: the tables of embeddings and, of the first
 * layer, the parts that user, pin and features meet, and the layers above it as an ONNX graph.
 */
import { pinwheelError } from '../../../base/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { decodeLists, encodeLists } from '../../training/engine/index.ts'

const MAGIC = 'PWDEEP1\n'

export type DeepHead = {
  /** Names of the features, in order. */
  readonly features: readonly string[]
  readonly width: number
  readonly userRows: number
  readonly pinRows: number
  /** Sizes of the layers below the score. */
  readonly hidden: readonly number[]
}

export type DeepWeights = {
  readonly head: DeepHead
  /** [userRows, width] and [pinRows, width]. */
  readonly users: Float32Array
  readonly pins: Float32Array
  /** Of the first layer: [width, hidden[0]] twice, [features, hidden[0]], [hidden[0]]. */
  readonly ofUser: Float32Array
  readonly ofPin: Float32Array
  readonly ofFeatures: Float32Array
  readonly biases: Float32Array
  /** Of each layer above, the score's last: weights [inputs, outputs], then biases. */
  readonly above: readonly Float32Array[]
}

export function deepBytes(weights: DeepWeights): Uint8Array {
  const { head, users, pins, ofUser, ofPin, ofFeatures, biases, above } = weights
  const lists = [users, pins, ofUser, ofPin, ofFeatures, biases, ...above]
  return Buffer.concat([...encodeLists(MAGIC, { head, lists })])
}

/** MODEL_UNFIT when the bytes are damaged, or have numbers that are none. */
export function deepWeights(bytes: Uint8Array): DeepWeights {
  const name = modelVersion(bytes)
  try {
    const { head, lists } = decodeLists<DeepHead>(MAGIC, bytes)
    const bad = lists.findIndex((list) => list.some((value) => !Number.isFinite(value)))
    if (bad >= 0) throw new RangeError(`its list ${bad} has a weight that is not a finite number`)
    const [users, pins, ofUser, ofPin, ofFeatures, biases, ...above] = lists
    return {
      head,
      users: users!,
      pins: pins!,
      ofUser: ofUser!,
      ofPin: ofPin!,
      ofFeatures: ofFeatures!,
      biases: biases!,
      above,
    }
  } catch (error) {
    throw pinwheelError('MODEL_UNFIT', { name, reason: (error as Error).message }, error)
  }
}
