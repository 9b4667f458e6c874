/**
 * Scores of all pins by a fitted model: of one user, as their saves are now. Each thread has its
 * own, over memory that all share.
 */
import { NONE } from '../../base/index.ts'
import type { BatchModel, Scores } from '../models/batch-model.ts'
import { standardised, weighted } from '../models/blend.ts'
import { Gemm } from '../onnx/index.ts'
import { printOf } from './fitted.ts'
import { type FittedMemory, rowOfUser } from './fitted-memory.ts'
import { forms } from './forms.ts'

/** Whom it scores for: pins are this host's, oldest first. */
export type Saver = { readonly hash: number; readonly saved: readonly number[] }

/** Of one user: a score an item, in deviations above the mean of their items. */
export type FittedScores = {
  readonly values: Float32Array | Float64Array
  /** PinIndex by item, NONE for a pin of which this host has not heard. */
  readonly pinOf: Uint32Array
  /** Of a pin; undefined where the model does not know it. */
  scoreOf(pin: number): number | undefined
}

export class FittedModel {
  readonly version: string
  readonly pinOf: Uint32Array
  readonly #memory: FittedMemory
  readonly #parts: readonly { readonly model: BatchModel; readonly weight: number }[]

  /** `threads` of onnxruntime's own. MODEL_TOO_LARGE, KERNEL_MISSING. */
  constructor(memory: FittedMemory, threads = 1) {
    const gemm = new Gemm(threads)
    const sizes = { items: memory.items, users: memory.users.hashes.length }
    this.version = memory.version
    this.pinOf = memory.pinOf
    this.#memory = memory
    this.#parts = memory.parts.map((part) => {
      return { model: forms[part.form].open(part, sizes, gemm), weight: part.weight }
    })
  }

  /** Undefined for who saved nothing that it knows. */
  async score({ hash, saved }: Saver): Promise<FittedScores | undefined> {
    const { pinOf, itemOf } = this.#memory
    const history = this.itemsOf(saved)
    if (history.length === 0) return undefined
    const { values } = await this.scoreItems([hash], [history])
    const scoreOf = (pin: number) => {
      const item = itemOf[pin] ?? NONE
      return item === NONE ? undefined : values[item]
    }
    return { values, pinOf, scoreOf }
  }

  /** Items of those pins that it knows, each once. */
  itemsOf(pins: readonly number[]): Uint32Array {
    const { itemOf } = this.#memory
    const items = new Set(pins.map((pin) => itemOf[pin] ?? NONE))
    items.delete(NONE)
    return Uint32Array.from(items)
  }

  /** Of several users by their hashes; histories are items, oldest first and without repeats. */
  async scoreItems(hashes: readonly number[], histories: readonly Uint32Array[]): Promise<Scores> {
    const users = histories.map((history, i) => {
      return rowOfUser(this.#memory, hashes[i]!, printOf(history))
    })
    const all: Scores[] = []
    for (const { model } of this.#parts) {
      all.push(standardised(await model.score({ users, histories }), histories))
    }
    return all.length === 1
      ? all[0]!
      : weighted(
          all,
          this.#parts.map(({ weight }) => weight),
        )
  }
}
