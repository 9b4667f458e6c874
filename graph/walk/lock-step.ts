/**
 * Drives a kernel: blocks of walkers, rounds until the steps are used up.
 *
 * Steps are cells of a grid, round by walker. Each seed owns as many as it was allocated; a walker
 * that restarts begins at the seed that owns its cell. So walkers of all seeds fill one block, a
 * seed begins walks in proportion to its steps, and no walk is cut short but those of the last
 * round: width is kept below a thirty-second of the steps, so those are few.
 */
import { Random } from '../../base/index.ts'
import type { GraphView } from '../graph-view.ts'
import { ALL_HOME, type Beginning, LANES, STATE_WORDS, type WalkKernel } from './walk-kernel.ts'

/** A pin node and the steps it owns; its label is its place. */
export type Home = { readonly node: number; readonly steps: number }

export type LockStepOptions = {
  /** In (0, 1]. */
  readonly restart: number
  /** A seed's walk ends early once this many pins ... */
  readonly earlyStopPins: number
  /** ... have this many visits; 0 never ends early. */
  readonly earlyStopVisits: number
  /** Steps between two looks at that. */
  readonly checkEvery: number
  readonly seed: number
  readonly bias?: Beginning['bias']
  /** Looked at between rounds: true ends the walk where it is. */
  readonly isOver?: (() => boolean) | undefined
}

export type Stepped = { readonly steps: number; readonly cutShort: boolean }

const WIDTH_MIN = 64
const ROUNDS_MIN = 32

/** Walkers in step: a power of two. */
export function widthFor(steps: number): number {
  const width = 2 ** Math.floor(Math.log2(Math.max(1, steps / ROUNDS_MIN)))
  return Math.min(LANES, Math.max(WIDTH_MIN, width))
}

/** Walks from the homes and counts; the kernel has the landings. */
export function lockStep(
  kernel: WalkKernel,
  view: GraphView,
  homes: readonly Home[],
  options: LockStepOptions,
): Stepped {
  const { earlyStopPins, earlyStopVisits, checkEvery, isOver } = options
  const total = homes.reduce((sum, { steps }) => sum + steps, 0)
  const { bias } = options
  const state = stateFrom(options.seed)
  const famous = earlyStopPins > 0 ? earlyStopVisits : 0
  // Room for what is likely: an early stop leaves half of the steps unmade, or more.
  const steps = famous > 0 ? total / 2 : total
  kernel.begin(view, { state, labels: homes.length, steps, ...(bias && { bias }) })
  const width = widthFor(total)
  const threshold = Math.max(0, Math.ceil(options.restart * 2 ** 32) - 1)
  const cells = new Cells(homes, kernel)
  let made = 0
  let checked = 0
  while (cells.left > 0) {
    const n = Math.min(width, cells.left)
    cells.deal(n)
    kernel.round(n, made === 0 ? ALL_HOME : threshold)
    kernel.count(n, famous)
    made += n
    if (famous > 0 && made - checked >= checkEvery) {
      checked = made
      cells.drop((label) => kernel.reached[label]! >= earlyStopPins)
    }
    if (isOver?.()) return { steps: made, cutShort: cells.left > 0 }
  }
  return { steps: made, cutShort: false }
}

/** Deals the cells of the seeds to walkers, in order. */
class Cells {
  readonly #steps: Uint32Array
  readonly #homes: readonly Home[]
  readonly #kernel: WalkKernel
  #at = 0
  /** The seed that has all lanes already. */
  #everywhere = -1
  left: number

  constructor(homes: readonly Home[], kernel: WalkKernel) {
    this.#homes = homes
    this.#kernel = kernel
    this.#steps = Uint32Array.from(homes, ({ steps }) => steps)
    this.left = this.#steps.reduce((sum, steps) => sum + steps, 0)
  }

  /** The next n cells become the homes of walkers 0 to n. */
  deal(n: number): void {
    const { home, homeLabel } = this.#kernel
    const steps = this.#steps
    this.left -= n
    for (let w = 0; w < n; ) {
      while (steps[this.#at] === 0) this.#at++
      const label = this.#at
      const some = Math.min(n - w, steps[label]!)
      steps[label]! -= some
      if (this.#everywhere !== label) {
        home.fill(this.#homes[label]!.node, w, w + some)
        homeLabel.fill(label, w, w + some)
        this.#everywhere = some === n ? label : -1
      }
      w += some
    }
  }

  /** Takes the cells away that are left to seeds which are done. */
  drop(isDone: (label: number) => boolean): void {
    for (let label = this.#at; label < this.#steps.length; label++) {
      // Seeds after the first that still has cells have not walked.
      if (label > this.#at && this.#steps[label] === this.#homes[label]!.steps) return
      if (!isDone(label)) continue
      this.left -= this.#steps[label]!
      this.#steps[label] = 0
    }
  }
}

function stateFrom(seed: number): Uint32Array {
  const random = new Random(seed).split('walk')
  const state = new Uint32Array(STATE_WORDS)
  for (let i = 0; i < STATE_WORDS; i++) state[i] = random.u32()
  // sfc32 counts from 1.
  state.fill(1, 12, 16)
  return state
}
