/**
 * A pin's picture: a small generated poster whose motif belongs to the family, whose composition
 * and hue shift belong to the topic, and whose tones belong to the style, so that what looks alike
 * is alike. About a millisecond each; nothing is stored.
 */
import { styles, TOPICS_PER_FAMILY } from '../vocabulary.ts'
import type { World } from '../world.ts'
import { Canvas } from './canvas.ts'
import { makePalette } from './palette.ts'
import { encodePng } from './png.ts'
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

/** In the order of the families; the hue in degrees is that of the family's first topic. */
const motifs: readonly { readonly scene: Scene; readonly hue: number }[] = [
  { scene: interior, hue: 60 },
  { scene: dish, hue: 40 },
  { scene: cake, hue: 15 },
  { scene: plant, hue: 140 },
  { scene: craft, hue: 50 },
  { scene: garment, hue: 350 },
  { scene: abstraction, hue: 265 },
  { scene: photograph, hue: 230 },
  { scene: mountains, hue: 165 },
  { scene: town, hue: 205 },
  { scene: building, hue: 240 },
  { scene: cosmos, hue: 285 },
  { scene: device, hue: 255 },
  { scene: music, hue: 320 },
  { scene: play, hue: 90 },
  { scene: animal, hue: 70 },
]
const HUE_SHIFT = 9

export const PICTURE_WIDTH = 200
/** Heights as shares of the width: a wall of pins should not look like a grid. */
const SHAPES = [0.8, 1, 1.2, 1.35, 1.5, 1.65]

/** The picture of `pin` as a PNG; the same bytes whenever asked. */
export function pinPicture(world: World, pin: number): Buffer {
  const topic = world.pins.topic[pin]!
  const random = world.random.split('picture').split(pin)
  const family = Math.floor(topic / TOPICS_PER_FAMILY)
  const variant = topic % TOPICS_PER_FAMILY
  const { scene, hue } = motifs[family]!
  const style = styles[world.pins.style[pin]!]!
  const palette = makePalette(style, hue + variant * HUE_SHIFT, random)
  const shape = SHAPES[random.below(SHAPES.length)]!
  const canvas = new Canvas(PICTURE_WIDTH, Math.round(PICTURE_WIDTH * shape))
  scene({ canvas, palette, random, variant })
  return encodePng(canvas.rgb, canvas.width, canvas.height)
}
