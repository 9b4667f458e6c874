import type { Random } from '../../../base/index.ts'
import type { Canvas } from './canvas.ts'
import type { Palette } from './palette.ts'

/** What a scene draws with. `variant` is the topic's place in its family: it chooses the motif. */
export type Stage = {
  readonly canvas: Canvas
  readonly palette: Palette
  readonly random: Random
  readonly variant: number
}
export type Scene = (stage: Stage) => void

/** A number between `low` and `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.unit()
}

/** A smooth line of hills: a few sines around `base`, `rise` high. */
export function hills(random: Random, base: number, rise: number): (x: number) => number {
  const phase = 7 * random.unit()
  const waves = 1 + 1.6 * random.unit()
  return (x) =>
    base -
    rise *
      (0.6 * Math.sin(2 * Math.PI * waves * x * 0.5 + phase) +
        0.28 * Math.sin(2 * Math.PI * waves * x * 1.3 + 2.3 * phase))
}
