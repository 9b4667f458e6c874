/**
 * The colours of a picture: they are its look, whatever it shows. The four numbers of a look are
 * how light it is, where its main colour lies between green and red and between blue and yellow,
 * and whether light comes from above or from below. Chance moves each a little, and chooses the
 * colours beside the main one. Colours are mixed in OKLCH, where equal steps look equal (Ottosson,
 * "A perceptual color space for image processing", 2020).
 */
import type { Random } from '../../../base/index.ts'
import type { Colour } from './canvas.ts'

export type Palette = {
  /** Background, top and bottom. */
  readonly sky: Colour
  readonly haze: Colour
  /** Two colours of the subject, one of its neighbourhood, one that stands out. */
  readonly main: Colour
  readonly second: Colour
  readonly soft: Colour
  readonly accent: Colour
  /** A warm light: what a sun has whatever the rest. */
  readonly sun: Colour
  readonly dark: Colour
  readonly light: Colour
  /** What is printed over all of it: to be seen on the background. */
  readonly ink: Colour
}

/** Share of chance in each number of a look. */
const CHANCE = 0.25
/** Of the ground: as a look of 0 has it, by how much one unit moves it, and its bounds. */
const LIGHTNESS = { middle: 0.78, step: 0.18, least: 0.24, most: 0.965 } as const
/** A ground below this is a night, over which things shine. */
const NIGHT = 0.56
/** Above it ink is dark, below it light. */
const INK_DARK = 0.68
const CHROMA_STEP = 0.062
const CHROMA_MOST = 0.17
const FROM_ABOVE = 0.1

/** Of a look of four numbers around 0, of variance 1. */
export function paletteOf(look: ArrayLike<number>, random: Random): Palette {
  const [light, red, yellow, above] = Array.from(look, (x) => x + CHANCE * random.normal())
  const ground = bounded(LIGHTNESS.middle + LIGHTNESS.step * light!, LIGHTNESS)
  const chroma = Math.min(CHROMA_MOST, 0.015 + CHROMA_STEP * Math.hypot(red!, yellow!))
  const hue = (Math.atan2(yellow!, red!) * 180) / Math.PI
  const isNight = ground < NIGHT
  const figure = isNight ? ground + 0.34 : ground - 0.28
  const near = hue + (random.unit() < 0.5 ? 34 : -34)
  const other = hue + (random.unit() < 0.5 ? 1 : -1) * (110 + 80 * random.unit())
  const [top, low] = [FROM_ABOVE * above!, -FROM_ABOVE * above!]
  const dark = oklch(isNight ? 0.2 : 0.34, 0.045, hue)
  const paper = oklch(isNight ? 0.9 : 0.975, 0.022, near)
  return {
    sky: oklch(within(ground + top), chroma * 0.55, hue),
    haze: oklch(within(ground + low), chroma * 0.65, hue),
    main: oklch(figure, chroma, hue),
    second: oklch(figure - 0.12, chroma * 0.9, near),
    soft: oklch((ground + figure) / 2, chroma * 0.7, near),
    accent: oklch(figure + 0.1, Math.min(0.18, 0.06 + chroma), other),
    sun: oklch(Math.min(0.93, figure + 0.16), 0.05 + chroma * 0.6, 45 + 40 * random.unit()),
    dark,
    light: paper,
    ink: ground > INK_DARK ? dark : paper,
  }
}

const bounded = (x: number, { least, most }: { readonly least: number; readonly most: number }) =>
  Math.min(most, Math.max(least, x))
const within = (lightness: number) => Math.min(0.985, Math.max(0.16, lightness))
/** Lightness in [0, 1], chroma, hue in degrees, as sRGB bytes. */
export function oklch(lightness: number, chroma: number, hue: number): Colour {
  const a = chroma * Math.cos((hue * Math.PI) / 180)
  const b = chroma * Math.sin((hue * Math.PI) / 180)
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

function gamma(linear: number): number {
  const x = Math.min(1, Math.max(0, linear))
  return 255 * (x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055)
}

/** `share` of `b` in `a`. */
export function blend(a: Colour, b: Colour, share: number): Colour {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share]
}
