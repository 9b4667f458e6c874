/**
 * A pin's picture: a small generated poster. What it shows is its topic: the scene belongs to the
 * family; the motif within it and the print over it to the topic. Its colours are its look. So no
 * colour tells a topic, and averages over parts of a picture tell little of one. A few
 * milliseconds each; nothing is stored.
 */
import type { Random } from '../../../base/index.ts'
import { TOPICS_PER_FAMILY } from '../vocabulary.ts'
import { Canvas } from './canvas.ts'
import { paletteOf } from './palette.ts'
import { encodePng } from './png.ts'
import { print } from './print.ts'
import type { Scene } from './scene.ts'
import { abstraction, cake, craft, dish, garment, interior, plant, play } from './scenes-made.ts'
import {
  animal,
  building,
  cosmos,
  device,
  mountains,
  music,
  photograph,
  town,
} from './scenes-seen.ts'

/** In the order of the families. */
const scenes: readonly Scene[] = [
  interior,
  dish,
  cake,
  plant,
  craft,
  garment,
  abstraction,
  photograph,
  mountains,
  town,
  building,
  cosmos,
  device,
  music,
  play,
  animal,
]

export const PICTURE_WIDTH = 200
/** Heights as shares of the width: a wall of pins should not look like a grid. */
const SHAPES = [0.8, 1, 1.2, 1.35, 1.5, 1.65]

/** What a picture is drawn from. */
export type Subject = {
  readonly topic: number
  /** Four numbers around 0, of variance 1. */
  readonly look: ArrayLike<number>
  readonly random: Random
}

/** A scene is drawn larger than it is shown, by up to this: nothing stands twice in one place. */
const MORE = 0.2

/** The poster of a subject, `width` pixels wide: the same for the same. */
export function drawPicture({ topic, look, random }: Subject, width = PICTURE_WIDTH): Canvas {
  const variant = topic % TOPICS_PER_FAMILY
  const palette = paletteOf(look, random.split('colours'))
  const height = Math.round(width * SHAPES[random.below(SHAPES.length)]!)
  const [moreWide, moreHigh] = [width, height].map((side) => {
    return Math.floor(MORE * side * random.unit())
  }) as [number, number]
  const whole = new Canvas(width + moreWide, height + moreHigh)
  scenes[Math.floor(topic / TOPICS_PER_FAMILY)]!({ canvas: whole, palette, random, variant })
  const frame = random.split('frame')
  const canvas = whole.part({
    left: frame.below(moreWide + 1),
    top: frame.below(moreHigh + 1),
    width,
    height,
    isMirrored: frame.unit() < 0.5,
  })
  print(canvas, { variant, colour: palette.ink, random: frame })
  return canvas
}

/** As a PNG. */
export function picturePng(subject: Subject): Buffer {
  const { rgb, width, height } = drawPicture(subject)
  return encodePng(rgb, width, height)
}

/** A picture that shows nothing. */
export function blankPng(): Buffer {
  return encodePng(new Uint8Array(PICTURE_WIDTH ** 2 * 3).fill(0xdd), PICTURE_WIDTH, PICTURE_WIDTH)
}
