/**
 * The weights of layers, with their moments and gradients: four lists in a kernel's memory, in
 * which each tensor has its part. Memory: 16 bytes a weight.
 */
import { assert, type Random } from '../../../base/index.ts'
import { KernelMemory, padded } from './kernel-memory.ts'
import type { Step } from './optimiser.ts'
import { type Dims, sizeOf } from './tape.ts'

export type ParameterShape = {
  readonly name: string
  readonly dims: Dims
  /** The deviation of normal numbers about 0, or one number for all. */
  readonly start: { readonly deviation: number } | { readonly all: number }
  /** Whether weights are drawn to zero: those of products are, offsets and gains are not. */
  readonly decays: boolean
}

export type Parameter = { readonly values: Float32Array; readonly gradient: Float32Array }

export class DenseParameters {
  readonly #memory: KernelMemory
  readonly #lists: Readonly<Record<'weights' | 'means' | 'squares' | 'gradients', Float32Array>>
  readonly #decaying: number
  readonly #parts = new Map<string, Parameter>()

  constructor(shapes: readonly ParameterShape[], random: Random) {
    // Those that decay come first, so that a step is two calls.
    const ordered = [...shapes].sort((a, b) => Number(b.decays) - Number(a.decays))
    const room = (list: readonly ParameterShape[]) =>
      list.reduce((sum, { dims }) => sum + padded(sizeOf(dims)), 0)
    const length = room(ordered)
    this.#decaying = room(ordered.filter(({ decays }) => decays))
    this.#memory = new KernelMemory('the layers', [length, length, length, length])
    const list = () => this.#memory.floats(length)
    this.#lists = { weights: list(), means: list(), squares: list(), gradients: list() }
    let from = 0
    for (const { name, dims, start } of ordered) {
      const size = sizeOf(dims)
      const values = this.#lists.weights.subarray(from, from + size)
      const gradient = this.#lists.gradients.subarray(from, from + size)
      // By name: a layer starts alike whatever other layers there are.
      const own = random.split(name)
      if ('all' in start) values.fill(start.all)
      else for (let i = 0; i < size; i++) values[i] = start.deviation * own.normal()
      assert(!this.#parts.has(name), `a network names each parameter once, ${name} is there`)
      this.#parts.set(name, { values, gradient })
      from += padded(size)
    }
  }

  get(name: string): Parameter {
    const part = this.#parts.get(name)
    assert(part !== undefined, `${name} is a parameter of the network`)
    return part
  }

  /** What a checkpoint keeps. */
  get state(): Readonly<Record<'weights' | 'means' | 'squares', Float32Array>> {
    const { weights, means, squares } = this.#lists
    return { weights, means, squares }
  }

  step(step: Step): void {
    const all = this.#lists.weights.length
    this.#range(0, this.#decaying, step)
    this.#range(this.#decaying, all, { ...step, keep: 1 })
  }

  #range(from: number, to: number, { optimiser, rate, spread, keep }: Step): void {
    const { kernel } = this.#memory
    const at = (list: Float32Array) => list.byteOffset + 4 * from
    const { weights, means, squares, gradients } = this.#lists
    const [w, m, g] = [at(weights), at(means), at(gradients)]
    if (optimiser.kind === 'adam') {
      kernel.adam(w, m, at(squares), g, to - from, rate, spread, keep)
    } else kernel.sgd(w, m, g, to - from, rate, optimiser.momentum, keep)
  }
}
