/**
 * The poster that stands in for a picture: colours by topic, so that a topic is known by its hue;
 * motif, turn and shape by the pin. A pure function of the two names.
 */

export type Art = {
  readonly background: string
  readonly shapes: readonly [string, string, string]
  readonly motif: 'blades' | 'arcs' | 'stripes' | 'dots'
  /** Degrees. */
  readonly turn: number
  /** Width over height. */
  readonly ratio: number
}

const motifs = ['blades', 'arcs', 'stripes', 'dots'] as const
const ratios = [4 / 5, 1, 3 / 4, 5 / 6] as const

export function artOf(pin: string, topic: string = pin): Art {
  const of = hash(pin)
  const hue = clearHue(hash(topic))
  const near = (hue + 30 + (of % 24)) % 360
  const far = (hue + 180 + (of % 40)) % 360
  return {
    background: `oklch(0.5 0.1 ${hue})`,
    shapes: [`oklch(0.62 0.13 ${near})`, `oklch(0.4 0.09 ${hue})`, `oklch(0.76 0.12 ${far})`],
    motif: motifs[of % motifs.length] ?? 'blades',
    turn: (of >>> 4) % 360,
    ratio: ratios[(of >>> 8) % ratios.length] ?? 1,
  }
}

/** The hue of an avatar. */
export function hueOf(name: string): number {
  return hash(name) % 360
}

/** One of the hues that stay clear when dark: between 60 and 120 degrees lies mud. */
function clearHue(of: number): number {
  const hue = of % 300
  return hue < 60 ? hue : hue + 60
}

/** FNV-1a and the final mix of Murmur3, so that p1 and p2 do not look alike. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
