/** The towers as one run of bytes; the vectors of the fit's pins come last, by their number. */
import { pinwheelError } from '../../../base/index.ts'
import { modelVersion } from '../../registry/model-version.ts'
import { decodeLists, encodeLists } from '../../training/engine/index.ts'
import { TwoTower, type TwoTowerWeights } from './two-tower.ts'

const MAGIC = 'PWTOWR1\n'

/** Equal towers give equal bytes. */
export function twoTowerBytes({ weights }: TwoTower): Uint8Array {
  const { shape, tags, turn, offset, pins } = weights
  const { slots, tagRows, width } = shape
  const lists = [tags, turn, offset, pins]
  return Buffer.concat([...encodeLists(MAGIC, { head: { slots, tagRows, width }, lists })])
}

/** MODEL_UNFIT when the bytes are damaged, or have numbers that are none. */
export function twoTowerOf(bytes: Uint8Array): TwoTower {
  try {
    const { head: shape, lists } = decodeLists<TwoTowerWeights['shape']>(MAGIC, bytes)
    const bad = lists.findIndex((list) => list.some((value) => !Number.isFinite(value)))
    if (bad >= 0) throw new RangeError(`its list ${bad} has a weight that is not a finite number`)
    const [tags, turn, offset, pins] = lists
    return new TwoTower({ shape, tags: tags!, turn: turn!, offset: offset!, pins: pins! })
  } catch (error) {
    const name = modelVersion(bytes)
    throw pinwheelError('MODEL_UNFIT', { name, reason: (error as Error).message }, error)
  }
}
