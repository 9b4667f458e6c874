/**
 * The colours of a picture: a hue belongs to the family, is shifted by the topic, and the style
 * decides how light and how strong it may be. Colours are mixed in OKLCH, where equal steps look
 * equal (Ottosson, "A perceptual color space for image processing", 2020).
 */
import type { Random } from '../../../base/index.ts'
import type { styles } from '../vocabulary.ts'
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
}

type Tone = {
  readonly ground: number
  readonly figure: number
  readonly chroma: number
  /** Degrees from the main hue to the accent. */
  readonly apart: number
  readonly night?: true
}

const tones: Record<(typeof styles)[number], Tone> = {
  pastel: { ground: 0.94, figure: 0.79, chroma: 0.085, apart: 130 },
  airy: { ground: 0.965, figure: 0.7, chroma: 0.06, apart: 40 },
  nordic: { ground: 0.91, figure: 0.58, chroma: 0.045, apart: 165 },
  earthy: { ground: 0.88, figure: 0.55, chroma: 0.085, apart: 60 },
  retro: { ground: 0.9, figure: 0.64, chroma: 0.13, apart: 150 },
  bold: { ground: 0.86, figure: 0.6, chroma: 0.17, apart: 190 },
  neon: { ground: 0.27, figure: 0.72, chroma: 0.19, apart: 120, night: true },
  moody: { ground: 0.32, figure: 0.6, chroma: 0.07, apart: 50, night: true },
}

export function makePalette(style: (typeof styles)[number], hue: number, random: Random): Palette {
  const tone = tones[style]
  const drift = hue + 24 * (random.unit() - 0.5)
  const other = drift + (random.unit() < 0.5 ? tone.apart : -tone.apart)
  const near = drift + (random.unit() < 0.5 ? 38 : -38)
  const warm = style === 'earthy' || style === 'retro' ? 75 : near
  const night = tone.night === true
  return {
    sky: oklch(tone.ground, tone.chroma * 0.38, warm),
    haze: oklch(tone.ground - (night ? -0.08 : 0.05), tone.chroma * 0.5, drift),
    main: oklch(tone.figure, tone.chroma, drift),
    second: oklch(tone.figure - 0.13, tone.chroma * 0.9, near),
    soft: oklch((tone.ground + tone.figure) / 2, tone.chroma * 0.65, near),
    accent: oklch(tone.figure + 0.09, Math.min(0.19, tone.chroma * 1.35 + 0.02), other),
    sun: oklch(tone.figure + 0.12, tone.chroma * 0.9 + 0.03, 45 + 40 * random.unit()),
    dark: oklch(night ? 0.2 : 0.34, 0.045, drift),
    light: oklch(night ? 0.88 : 0.975, 0.022, warm),
  }
}

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
