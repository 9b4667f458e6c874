/**
 * The print on a picture: small marks all over it, as on wallpaper or wrapping, one kind for each
 * topic of a family. Where they lie, how large and how strong they are is chance. Averages over
 * parts of a picture hardly tell one kind from another; whoever sees a mark does.
 */
import type { Random } from '../../../base/index.ts'
import type { Canvas, Colour } from './canvas.ts'
import { between } from './scene.ts'

type Spot = { readonly x: number; readonly y: number; readonly size: number }
type Mark = (canvas: Canvas, spot: Spot, colour: Colour, alpha: number) => void

/** Strokes from and to shares of the size around the spot. */
const strokes =
  (...lines: readonly (readonly [number, number, number, number])[]): Mark =>
  (canvas, { x, y, size }, colour, alpha) => {
    const thick = 0.3 * size
    for (const [x0, y0, x1, y1] of lines) {
      const at = [x + x0 * size, y + y0 * size, x + x1 * size, y + y1 * size] as const
      canvas.line(...at, thick, colour, alpha)
    }
  }

const marks: readonly Mark[] = [
  (canvas, { x, y, size }, colour, alpha) => canvas.disc(x, y, 0.62 * size, colour, alpha),
  (canvas, { x, y, size }, colour, alpha) =>
    canvas.ring(x, y, 0.85 * size, 0.3 * size, colour, alpha),
  strokes([-1.1, 0, 1.1, 0]),
  strokes([0, -1.1, 0, 1.1]),
  strokes([-0.8, -0.8, 0.8, 0.8]),
  strokes([-0.8, 0.8, 0.8, -0.8]),
  strokes([-0.9, 0, 0.9, 0], [0, -0.9, 0, 0.9]),
  strokes([-0.7, -0.7, 0.7, 0.7], [-0.7, 0.7, 0.7, -0.7]),
  strokes([-0.9, 0.45, 0, -0.45], [0, -0.45, 0.9, 0.45]),
  strokes([-0.9, -0.45, 0, 0.45], [0, 0.45, 0.9, -0.45]),
  strokes([-0.9, -0.5, 0.9, -0.5], [-0.9, 0.5, 0.9, 0.5]),
  strokes([-0.5, -0.9, -0.5, 0.9], [0.5, -0.9, 0.5, 0.9]),
]

/** How many kinds of print there are. */
export const PRINTS = marks.length

/** Prints marks of kind `variant` over all of a canvas. */
export function print(
  canvas: Canvas,
  {
    variant,
    colour,
    random,
  }: {
    readonly variant: number
    readonly colour: Colour
    readonly random: Random
  },
): void {
  const mark = marks[variant]!
  const size = between(random, 0.028, 0.036)
  const apart = size * between(random, 3.6, 4.4)
  const alpha = between(random, 0.29, 0.39)
  const [left, top] = [-apart * random.unit(), -apart * random.unit()]
  for (let row = 0; top + row * apart < canvas.tall + size; row++) {
    const y = top + row * apart
    // Every other row stands between those above it.
    for (let x = left + (row % 2) * 0.5 * apart; x < 1 + size; x += apart) {
      mark(canvas, { x, y, size }, colour, alpha)
    }
  }
}
