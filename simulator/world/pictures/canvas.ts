/**
 * A small canvas of soft-edged shapes. Every shape is a signed distance (negative inside, pixels)
 * over a box; a pixel is covered by 1/2 - distance, clamped, which smooths edges without
 * oversampling. Coordinates are shares of the width, y downwards, so that a scene is written once
 * for all heights.
 */

export type Colour = readonly [red: number, green: number, blue: number]
type Box = { x0: number; y0: number; x1: number; y1: number }
type Distance = (x: number, y: number) => number

export class Canvas {
  readonly width: number
  readonly height: number
  /** Height as a share of the width. */
  readonly tall: number
  readonly rgb: Uint8Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.tall = height / width
    this.rgb = new Uint8Array(width * height * 3)
  }

  /** A part of it as a canvas of its own, mirrored left to right where asked. */
  part(frame: {
    readonly left: number
    readonly top: number
    readonly width: number
    readonly height: number
    readonly isMirrored: boolean
  }): Canvas {
    const { left, top, width, height, isMirrored } = frame
    const part = new Canvas(width, height)
    let to = 0
    for (let y = top; y < top + height; y++) {
      for (let x = 0; x < width; x++) {
        const from = (y * this.width + left + (isMirrored ? width - 1 - x : x)) * 3
        part.rgb[to++] = this.rgb[from]!
        part.rgb[to++] = this.rgb[from + 1]!
        part.rgb[to++] = this.rgb[from + 2]!
      }
    }
    return part
  }

  /** Fills all of it from `top` to `bottom`. */
  gradient(top: Colour, bottom: Colour): void {
    const { width, height, rgb } = this
    let at = 0
    for (let y = 0; y < height; y++) {
      const share = y / (height - 1)
      const r = top[0] + (bottom[0] - top[0]) * share
      const g = top[1] + (bottom[1] - top[1]) * share
      const b = top[2] + (bottom[2] - top[2]) * share
      for (let x = 0; x < width; x++) {
        rgb[at++] = r
        rgb[at++] = g
        rgb[at++] = b
      }
    }
  }

  disc(x: number, y: number, radius: number, colour: Colour, alpha = 1): void {
    this.ellipse(x, y, radius, radius, colour, alpha)
  }

  ellipse(x: number, y: number, rx: number, ry: number, colour: Colour, alpha = 1): void {
    const w = this.width
    const scale = Math.min(rx, ry) * w
    // Near the edge the implicit form times the short radius is close to the true distance.
    this.#paint(box(x, y, rx, ry), colour, alpha, (px, py) => {
      const u = (px / w - x) / rx
      const v = (py / w - y) / ry
      return (Math.sqrt(u * u + v * v) - 1) * scale
    })
  }

  ring(x: number, y: number, radius: number, thick: number, colour: Colour, alpha = 1): void {
    const w = this.width
    const outer = radius + thick / 2
    this.#paint(box(x, y, outer, outer), colour, alpha, (px, py) => {
      const distance = length(px - x * w, py - y * w)
      return Math.abs(distance - radius * w) - (thick * w) / 2
    })
  }

  /** A rectangle around (x, y) with half sides (hx, hy) and rounded corners. */
  rect(
    x: number,
    y: number,
    hx: number,
    hy: number,
    colour: Colour,
    { round = 0, turn = 0, alpha = 1 }: { round?: number; turn?: number; alpha?: number } = {},
  ): void {
    const w = this.width
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)]
    const reach = turn === 0 ? [hx, hy] : [hx + hy, hx + hy]
    this.#paint(box(x, y, reach[0]!, reach[1]!), colour, alpha, (px, py) => {
      const dx = px - x * w
      const dy = py - y * w
      const ux = Math.abs(dx * cos + dy * sin) - (hx - round) * w
      const uy = Math.abs(dy * cos - dx * sin) - (hy - round) * w
      const outside = length(Math.max(ux, 0), Math.max(uy, 0))
      return outside + Math.min(Math.max(ux, uy), 0) - round * w
    })
  }

  /** A stroke with round ends. */
  line(
    x0: number,
    y0: number,
    x1: number,
    y1: number,
    thick: number,
    colour: Colour,
    alpha = 1,
  ): void {
    const w = this.width
    const [dx, dy] = [(x1 - x0) * w, (y1 - y0) * w]
    const squared = dx * dx + dy * dy || 1
    const half = thick / 2
    const [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2]
    const around = box(cx, cy, Math.abs(x1 - x0) / 2 + half, Math.abs(y1 - y0) / 2 + half)
    this.#paint(around, colour, alpha, (px, py) => {
      const [ax, ay] = [px - x0 * w, py - y0 * w]
      const along = Math.min(1, Math.max(0, (ax * dx + ay * dy) / squared))
      return length(ax - along * dx, ay - along * dy) - half * w
    })
  }

  /** A convex polygon, corners clockwise on the screen. */
  polygon(corners: readonly (readonly [number, number])[], colour: Colour, alpha = 1): void {
    const w = this.width
    const xs = corners.map(([x]) => x)
    const ys = corners.map(([, y]) => y)
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
    const edges = corners.map(([x, y], i) => {
      const [nx, ny] = corners[(i + 1) % corners.length]!
      const long = length(nx - x, ny - y) || 1
      return { x: x * w, y: y * w, dx: (nx - x) / long, dy: (ny - y) / long }
    })
    const around = box((x0 + x1) / 2, (y0 + y1) / 2, (x1 - x0) / 2, (y1 - y0) / 2)
    this.#paint(around, colour, alpha, (px, py) => {
      let distance = -1e9
      for (const edge of edges) {
        const side = (px - edge.x) * edge.dy - (py - edge.y) * edge.dx
        if (side > distance) distance = side
      }
      return distance
    })
  }

  /** Everything below the height y = line(x), both shares of the width. */
  below(line: (x: number) => number, colour: Colour, alpha = 1): void {
    this.between(line, () => this.tall + 1, colour, alpha)
  }

  /** Everything between two heights that depend on x. */
  between(
    upper: (x: number) => number,
    lower: (x: number) => number,
    colour: Colour,
    alpha = 1,
  ): void {
    const { width: w, height } = this
    for (let x = 0; x < w; x++) {
      const top = upper((x + 0.5) / w) * w
      const bottom = lower((x + 0.5) / w) * w
      const last = Math.min(height - 1, Math.ceil(bottom))
      for (let y = Math.max(0, Math.floor(top)); y <= last; y++) {
        const cover = Math.min(1, y + 1 - top) - Math.max(0, y + 1 - bottom)
        if (cover > 0) this.#blend((y * w + x) * 3, colour, Math.min(1, cover) * alpha)
      }
    }
  }

  /**
   * A solid of revolution seen from the side: `half(t)` is its half width at share t of the way.
   */
  profile(
    x: number,
    y0: number,
    y1: number,
    half: (t: number) => number,
    colour: Colour,
    alpha = 1,
  ): void {
    const w = this.width
    let widest = 0
    for (let t = 0; t <= 1; t += 0.05) widest = Math.max(widest, half(t))
    const around = box(x, (y0 + y1) / 2, widest, (y1 - y0) / 2)
    this.#paint(around, colour, alpha, (px, py) => {
      const t = (py / w - y0) / (y1 - y0)
      const side = Math.abs(px - x * w) - half(Math.min(1, Math.max(0, t))) * w
      return Math.max(side, y0 * w - py, py - y1 * w)
    })
  }

  /** A pointed leaf from a base, `long` from end to end, at angle `turn` (0 = up). */
  leaf(x: number, y: number, long: number, turn: number, fat: number, colour: Colour): void {
    const w = this.width
    const [sin, cos] = [Math.sin(turn), -Math.cos(turn)]
    const [hx, hy] = [Math.abs(sin * long) / 2 + fat, Math.abs(cos * long) / 2 + fat]
    const around = box(x + (sin * long) / 2, y + (cos * long) / 2, hx, hy)
    this.#paint(around, colour, 1, (px, py) => {
      const [dx, dy] = [px / w - x, py / w - y]
      const along = (dx * sin + dy * cos) / long
      if (along < 0 || along > 1) return 1
      const across = Math.abs(dx * cos - dy * sin)
      return (across - fat * Math.sin(Math.PI * along ** 0.8)) * w
    })
  }

  #paint(area: Box, colour: Colour, alpha: number, distance: Distance): void {
    const { width: w, height } = this
    const x0 = Math.max(0, Math.floor(area.x0 * w) - 1)
    const x1 = Math.min(w - 1, Math.ceil(area.x1 * w) + 1)
    const y0 = Math.max(0, Math.floor(area.y0 * w) - 1)
    const y1 = Math.min(height - 1, Math.ceil(area.y1 * w) + 1)
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const cover = 0.5 - distance(x + 0.5, y + 0.5)
        if (cover > 0) this.#blend((y * w + x) * 3, colour, Math.min(1, cover) * alpha)
      }
    }
  }

  #blend(at: number, colour: Colour, alpha: number): void {
    const rgb = this.rgb
    if (alpha === 1) {
      rgb[at] = colour[0]
      rgb[at + 1] = colour[1]
      rgb[at + 2] = colour[2]
      return
    }
    rgb[at]! += (colour[0] - rgb[at]!) * alpha
    rgb[at + 1]! += (colour[1] - rgb[at + 1]!) * alpha
    rgb[at + 2]! += (colour[2] - rgb[at + 2]!) * alpha
  }
}

function box(x: number, y: number, hx: number, hy: number): Box {
  return { x0: x - hx, x1: x + hx, y0: y - hy, y1: y + hy }
}

/** Math.hypot guards against overflow and takes several times as long. */
function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}
