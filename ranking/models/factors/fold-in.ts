/**
 * Folds users in whom no fit has seen, or who have changed since: the factors that explain a
 * history best with the items as they are. With n saves, z = H w / temperature and N items it
 * minimises over the ball |w| <= 1
 *
 *   1/n Σ_saved [ln(e^z_i + negatives / N Σ_all e^z_j) - z_i]
 *
 * which is the fit's loss (`softmax-factors.ts`) with the drawn items' sum at its mean; no number is
 * drawn. It is convex, so what has no slope along the ball is the argmin.
 *
 * By spectral projected gradients: a step as long as the last one's curvature says, put back on the
 * ball, taken if the loss falls below the worst of the last few (Birgin, Martínez and Raydan,
 * "Nonmonotone spectral projected gradient methods on convex sets", SIAM J. Optim. 2000). All users
 * go in step, each by its own numbers, and leave when done: one does not hang on the others.
 *
 * Negatives are from the fold of Pinterest, of users left out of the fit: 1,000 do a little better
 * than the fit's own 128 or than 10,000, and so does the fit's temperature than .2.
 *
 * A step of a user: 4 × items × dimensions flops and `items` exponentials.
 */
import type { Gemm, Matrix } from '../../onnx/index.ts'
import type { Factors } from './softmax-factors.ts'

export type FoldInOptions = {
  readonly temperature: number
  readonly negatives: number
  /** Steps at most. */
  readonly steps: number
  /**
   * A user is done who moves less by a step against the gradient of temperature², which is what the
   * loss may curve, put back on the ball.
   */
  readonly tolerance: number
}
export const foldInDefaults: FoldInOptions = Object.freeze({
  temperature: 0.15,
  negatives: 1000,
  steps: 100,
  tolerance: 3e-5,
})

/** Losses that a step is held against. */
const REMEMBERED = 6
const SUFFICIENT = 1e-4
const STEP_MIN = 1e-4
const STEP_MAX = 1e4
/** Less of a step is lost in single precision. */
const SHARE_MIN = 1e-3

/** A user on the way. */
type Walker = {
  readonly index: number
  readonly history: Uint32Array
  readonly at: Float64Array
  readonly gradient: Float64Array
  /** Where it would go in a full step, and by how much the loss falls at first. */
  readonly way: Float64Array
  slope: number
  /** Of the way, what is tried. */
  share: number
  step: number
  losses: number[]
  steps: number
}

export class SoftmaxFoldIn {
  readonly #items: Matrix
  readonly #gemm: Gemm
  readonly #options: FoldInOptions

  constructor(
    { dimensions, items }: Pick<Factors, 'dimensions' | 'items'>,
    gemm: Gemm,
    options: Partial<FoldInOptions> = {},
  ) {
    this.#items = { rows: items.length / dimensions, columns: dimensions, values: items }
    this.#gemm = gemm
    this.#options = { ...foldInDefaults, ...options }
  }

  /** A row a history without repeats, not longer than 1; zeros for one without items. */
  async foldIn(histories: readonly Uint32Array[]): Promise<Matrix> {
    const { columns } = this.#items
    const values = new Float32Array(histories.length * columns)
    const all = histories
      .map((history, index) => this.#start(history, index))
      .filter(({ history }) => history.length > 0)
    await this.#look(all, (walker, loss, gradient) => {
      walker.gradient.set(gradient)
      walker.losses.push(loss)
      this.#aim(walker)
    })
    let going = all.filter((walker) => this.#isGoing(walker))
    while (going.length > 0) {
      await this.#look(going, (walker, loss, gradient) => this.#tried(walker, loss, gradient))
      going = going.filter((walker) => this.#isGoing(walker))
    }
    for (const { index, at } of all) values.set(at, index * columns)
    return { rows: histories.length, columns, values }
  }

  /** At the mean of the history's items, at length 1. */
  #start(history: Uint32Array, index: number): Walker {
    const { columns, values } = this.#items
    const at = new Float64Array(columns)
    for (const item of history) {
      for (let k = 0; k < columns; k++) at[k]! += values[item * columns + k]!
    }
    const length = Math.hypot(...at) || 1
    for (let k = 0; k < columns; k++) at[k]! /= length
    const gradient = new Float64Array(columns)
    const way = new Float64Array(columns)
    const start = { slope: 0, share: 0, step: this.#options.temperature ** 2, steps: 0 }
    return { index, history, at, gradient, way, losses: [], ...start }
  }

  /** Sets out along the projected gradient. */
  #aim(walker: Walker): void {
    const { at, gradient, way, step } = walker
    project(at, gradient, step, way)
    walker.slope = dot(gradient, way)
    walker.share = 1
  }

  #isGoing(walker: Walker): boolean {
    const { steps, tolerance, temperature } = this.#options
    if (walker.steps >= steps || walker.share < SHARE_MIN) return false
    const left = new Float64Array(walker.at.length)
    project(walker.at, walker.gradient, temperature ** 2, left)
    return dot(left, left) > tolerance * tolerance
  }

  /** Takes the step that was tried, or tries half of it. */
  #tried(walker: Walker, loss: number, gradient: Float64Array): void {
    const { at, way, slope, share, losses } = walker
    walker.steps++
    if (!(loss <= Math.max(...losses) + SUFFICIENT * share * slope)) {
      walker.share /= 2
      return
    }
    let curvature = 0
    for (let k = 0; k < at.length; k++) {
      at[k]! += share * way[k]!
      curvature += way[k]! * (gradient[k]! - walker.gradient[k]!)
    }
    const length = share * dot(way, way)
    walker.step = curvature > 0 ? clamp(length / curvature) : STEP_MAX
    walker.gradient.set(gradient)
    losses.push(loss)
    if (losses.length > REMEMBERED) losses.shift()
    this.#aim(walker)
  }

  /** The loss and its gradient where each walker tries to go. */
  async #look(
    walkers: readonly Walker[],
    seen: (walker: Walker, loss: number, gradient: Float64Array) => void,
  ): Promise<void> {
    const { temperature } = this.#options
    const { columns, rows: items } = this.#items
    const values = new Float32Array(walkers.length * columns)
    for (const [r, { at, way, share }] of walkers.entries()) {
      for (let k = 0; k < columns; k++) values[r * columns + k] = at[k]! + share * way[k]!
    }
    const tried = { rows: walkers.length, columns, values }
    const alpha = 1 / temperature
    const logits = await this.#gemm.multiply({ a: tried, b: this.#items, transposeB: true, alpha })
    const losses = walkers.map(({ history }, r) => {
      return this.#differentiate(logits.values.subarray(r * items, (r + 1) * items), history)
    })
    const gradients = await this.#gemm.multiply({ a: logits, b: this.#items, alpha })
    walkers.forEach((walker, r) => {
      const gradient = gradients.values.subarray(r * columns, (r + 1) * columns)
      seen(walker, losses[r]!, Float64Array.from(gradient))
    })
  }

  /** Turns logits into the loss's derivatives by them; returns the loss. */
  #differentiate(logits: Float32Array, history: Uint32Array): number {
    let most = Number.NEGATIVE_INFINITY
    for (const logit of logits) if (logit > most) most = logit
    const saved = Float64Array.from(history, (item) => logits[item]!)
    let sum = 0
    for (let j = 0; j < logits.length; j++) {
      const power = Math.exp(logits[j]! - most)
      logits[j] = power
      sum += power
    }
    const drawn = (this.#options.negatives / logits.length) * sum
    let loss = 0
    let others = 0
    const shares = saved.map((logit) => {
      const power = Math.exp(logit - most)
      loss += Math.log(power + drawn) - (logit - most)
      const share = drawn / (power + drawn) / history.length
      others += share
      return share
    })
    for (let j = 0; j < logits.length; j++) logits[j]! *= others / sum
    history.forEach((item, i) => {
      logits[item]! -= shares[i]!
    })
    return loss / history.length
  }
}

/** The way from `at` against the gradient, put back on the ball. */
function project(at: Float64Array, gradient: Float64Array, step: number, way: Float64Array): void {
  for (let k = 0; k < at.length; k++) way[k] = at[k]! - step * gradient[k]!
  const scale = 1 / Math.max(1, Math.sqrt(dot(way, way)))
  for (let k = 0; k < at.length; k++) way[k] = way[k]! * scale - at[k]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}

function clamp(step: number): number {
  return Math.min(STEP_MAX, Math.max(STEP_MIN, step))
}
