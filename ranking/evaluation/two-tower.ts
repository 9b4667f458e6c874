/** The two-tower model in evaluation, with its grid: where the data says something of its items. */
import { pinwheelError } from '../../base/index.ts'
import { fitTwoTower, TwoTowerModel } from '../models/two-tower/index.ts'
import type { EvaluatedModel } from './models.ts'

export const twoTower: EvaluatedModel = {
  grid: [
    { temperature: 0.07, idDropout: 0.5 },
    { temperature: 0.07, idDropout: 1 },
  ],
  foldUsers: 8_000,
  open: (rows, pins, { gemm, clock, threads, seed, tags }) => {
    return async (settings) => {
      if (!tags) {
        const reason = 'the data says nothing of its items: no tags, no attributes'
        throw pinwheelError('FACTORS_DATA', { reason })
      }
      const options = { ...settings, threads, seed }
      const { tower } = await fitTwoTower({ rows, pins, tags }, options, { clock })
      return new TwoTowerModel(tower, gemm)
    }
  },
}
