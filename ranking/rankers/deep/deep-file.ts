/**
 * What a deep ranker has learned, as one run of bytes: the tables of embeddings and, of the first
 * layer, the parts that user, pin and features meet, the layers above it, and the factors of pins
 * that its rows were made with.
 */
import { idProblem, pinwheelError } from '../../../base/index.ts'
import type { FactorNumbers, PinFactors } from '../../pin-factors/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { decodeLists, encodeLists } from '../../training/engine/index.ts'

const MAGIC = 'PWDEEP2\n'

export type DeepHead = {
  /** Names of the features, in order. */
  readonly features: readonly string[]
  readonly width: number
  readonly userRows: number
  readonly pinRows: number
  /** Sizes of the layers below the score. */
  readonly hidden: readonly number[]
  /**
   * The greatest that each layer gave in training, but for the one below the score: with them it is
   * served in whole numbers of 8 bits.
   */
  readonly ranges?: readonly number[]
}

/** Of the file: beside what serves it names the pins of the factors. */
type FileHead = DeepHead & { readonly factors?: Pick<PinFactors, 'numbers' | 'pins'> }

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
  /** Absent where nobody had saved anything. */
  readonly factors?: PinFactors
}

export function deepBytes(weights: DeepWeights): Uint8Array {
  const { users, pins, ofUser, ofPin, ofFeatures, biases, above, factors } = weights
  const ofFactors = factors ? [factors.vectors, factors.diagonal] : []
  const lists = [users, pins, ofUser, ofPin, ofFeatures, biases, ...ofFactors, ...above]
  const told = factors && { numbers: factors.numbers, pins: factors.pins }
  const head: FileHead = { ...weights.head, ...(told && { factors: told }) }
  return Buffer.concat([...encodeLists(MAGIC, { head, lists })])
}

/** MODEL_UNFIT when the bytes are damaged, or have numbers that are none. */
export function deepWeights(bytes: Uint8Array): DeepWeights {
  const name = modelVersion(bytes)
  try {
    const { head: told, lists } = decodeLists<FileHead>(MAGIC, bytes)
    const { factors: ofFactors, ...head } = told
    const bad = lists.findIndex((list) => list.some((value) => !Number.isFinite(value)))
    if (bad >= 0) throw new RangeError(`its list ${bad} has a weight that is not a finite number`)
    const { ranges, hidden } = head
    if (ranges && (ranges.length !== hidden.length - 1 || !ranges.every((range) => range > 0))) {
      throw new RangeError(`its layers' ranges are ${ranges.join(', ')}`)
    }
    const [users, pins, ofUser, ofPin, ofFeatures, biases, ...rest] = lists
    const factors = ofFactors && checkedFactors(ofFactors, rest.splice(0, 2))
    return {
      head,
      users: users!,
      pins: pins!,
      ofUser: ofUser!,
      ofPin: ofPin!,
      ofFeatures: ofFeatures!,
      biases: biases!,
      above: rest,
      ...(factors && { factors }),
    }
  } catch (error) {
    throw pinwheelError('MODEL_UNFIT', { name, reason: (error as Error).message }, error)
  }
}

/** Throws RangeError, saying what is wrong with them. */
function checkedFactors(
  { numbers, pins }: Pick<PinFactors, 'numbers' | 'pins'>,
  [vectors, diagonal]: readonly Float32Array[],
): PinFactors {
  const { dimensions: d, unobserved, ridge, frequency } = Object(numbers) as FactorNumbers
  const isTold = d > 0 && d % 8 === 0 && unobserved > 0 && ridge > 0 && frequency >= 0
  if (!isTold) throw new RangeError(`the numbers of its factors are ${JSON.stringify(numbers)}`)
  if (!Array.isArray(pins) || pins.length === 0 || new Set(pins).size !== pins.length) {
    throw new RangeError('its factors do not name pins, each once')
  }
  const none = pins.findIndex((pin: unknown) => typeof pin !== 'string' || idProblem(pin))
  if (none >= 0) throw new RangeError(`pin ${none} of its factors is no id`)
  if (vectors?.length !== pins.length * d || diagonal?.length !== d) {
    throw new RangeError(`its factors are not ${pins.length} of ${d} numbers`)
  }
  if (diagonal.some((value) => value < 0)) {
    throw new RangeError('the diagonal of its factors is below 0')
  }
  return { numbers, pins, vectors, diagonal }
}
