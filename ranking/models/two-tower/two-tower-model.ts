/** Scores by the two towers: cosines of what a user saved with every pin. */
import type { Gemm } from '../../onnx/index.ts'
import type { BatchModel, Scores, UserBatch } from '../batch-model.ts'
import type { TwoTower } from './two-tower.ts'

/** Anybody's history will do; one without saves scores 0 for everything. */
export class TwoTowerModel implements BatchModel {
  readonly #tower: TwoTower
  readonly #gemm: Gemm

  constructor(tower: TwoTower, gemm: Gemm) {
    this.#tower = tower
    this.#gemm = gemm
  }

  score({ histories }: UserBatch): Promise<Scores> {
    const a = this.#tower.userVectors(histories)
    return this.#gemm.multiply({ a, b: this.#tower.pins, transposeB: true })
  }
}
