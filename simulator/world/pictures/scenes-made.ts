/** Scenes of things people make: rooms, food, cakes, plants, crafts, clothes, art, play. */
import { blend } from './palette.ts'
import { between, type Scene } from './scene.ts'

export const interior: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  const floor = c.tall * between(random, 0.74, 0.8)
  c.below(() => floor, p.soft)
  c.below(() => floor + 0.012, blend(p.soft, p.second, 0.35))
  const x = between(random, 0.34, 0.66)
  if (variant % 3 !== 1) {
    const top = c.tall * 0.2
    const half = 0.17
    const low = floor - 0.27
    c.disc(x, top + half, half, p.light)
    c.rect(x, (top + half + low) / 2, half, (low - top - half) / 2, p.light)
    c.disc(x + 0.05, low - 0.1, 0.075, p.accent)
    c.line(x, top, x, low, 0.008, p.soft)
    c.line(x - half, top + half, x + half, top + half, 0.008, p.soft)
  } else {
    c.rect(x - 0.12, c.tall * 0.3, 0.11, 0.15, p.light)
    c.disc(x - 0.12, c.tall * 0.3, 0.06, p.accent)
    c.rect(x + 0.16, c.tall * 0.26, 0.09, 0.1, p.dark)
    c.rect(x + 0.16, c.tall * 0.26, 0.07, 0.08, p.main)
  }
  const seat = floor + 0.02
  c.rect(0.5, seat - 0.16, 0.31, 0.09, p.second, { round: 0.05 })
  c.rect(0.5, seat - 0.08, 0.33, 0.06, p.main, { round: 0.03 })
  c.rect(0.18, seat - 0.11, 0.045, 0.09, p.main, { round: 0.03 })
  c.rect(0.82, seat - 0.11, 0.045, 0.09, p.main, { round: 0.03 })
  c.rect(0.34 + 0.2 * random.unit(), seat - 0.18, 0.07, 0.06, p.accent, {
    round: 0.02,
    turn: 0.2,
  })
  for (const leg of [0.24, 0.76]) c.line(leg, seat - 0.02, leg, seat + 0.04, 0.018, p.dark)
  const lamp = random.unit() < 0.5 ? 0.12 : 0.88
  c.line(lamp, 0, lamp, c.tall * 0.22, 0.008, p.dark)
  c.profile(lamp, c.tall * 0.22, c.tall * 0.22 + 0.09, (t) => 0.02 + 0.08 * Math.sqrt(t), p.dark)
}

export const dish: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.soft, blend(p.soft, p.haze, 0.6))
  const stripes = 5 + random.below(3)
  for (let i = 0; i < stripes; i++) {
    const x = (i + 0.5) / stripes
    c.line(x, -0.1, x, c.tall + 0.1, 0.25 / stripes, p.haze, 0.7)
  }
  const y = c.tall * between(random, 0.46, 0.54)
  c.disc(0.515, y + 0.025, 0.37, p.dark, 0.16)
  c.disc(0.5, y, 0.37, p.light)
  c.ring(0.5, y, 0.3, 0.012, p.soft)
  if (variant % 2 === 0) {
    c.disc(0.5, y, 0.285, p.second)
    for (let i = 0; i < 7; i++) {
      const turn = i * 2.4 + random.unit()
      c.ring(
        0.5 + 0.12 * Math.cos(turn),
        y + 0.12 * Math.sin(turn),
        between(random, 0.05, 0.13),
        0.018,
        i % 2 === 0 ? p.main : p.light,
        0.85,
      )
    }
    for (let i = 0; i < 5; i++) {
      const turn = random.unit() * 7
      c.leaf(0.5, y, 0.2, turn, 0.035, i % 2 === 0 ? p.accent : p.dark)
    }
    c.disc(0.58, y - 0.08, 0.07, p.light)
    c.disc(0.58, y - 0.08, 0.04, p.accent)
    return
  }
  for (let i = 0; i < 16; i++) {
    const turn = i * 2.39996
    const reach = 0.062 * Math.sqrt(i)
    const [dx, dy] = [0.5 + reach * Math.cos(turn), y + reach * Math.sin(turn)]
    const colour = [p.main, p.second, p.accent, p.main][i % 4]!
    c.disc(dx, dy, between(random, 0.045, 0.07), colour)
    c.disc(dx - 0.012, dy - 0.014, 0.018, p.light, 0.5)
  }
  for (let i = 0; i < 4; i++) c.leaf(0.5, y, 0.17, i * 1.7, 0.03, p.dark)
}

export const cake: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  const table = c.tall * 0.78
  c.below(() => table, p.soft)
  if (variant % 3 === 2) {
    for (let row = 0; row * 0.3 < c.tall + 0.3; row++) {
      for (let column = 0; column < 4; column++) {
        const [x, y] = [0.02 + column * 0.32 + (row % 2) * 0.16 - 0.1, 0.1 + row * 0.29]
        c.disc(x + 0.012, y + 0.015, 0.115, p.dark, 0.18)
        c.disc(x, y, 0.115, (row + column) % 3 === 0 ? p.second : p.main)
        c.ring(x, y, 0.085, 0.012, p.light, 0.5)
        for (let i = 0; i < 5; i++) {
          const turn = 7 * random.unit()
          const reach = 0.065 * random.unit()
          c.disc(x + reach * Math.cos(turn), y + reach * Math.sin(turn), 0.015, p.dark)
        }
      }
    }
    return
  }
  const tiers = 2 + random.below(2)
  c.ellipse(0.5, table + 0.02, 0.37, 0.045, p.light)
  c.profile(0.5, table + 0.02, table + 0.16, (t) => 0.05 + 0.1 * t * t, p.light)
  let bottom = table + 0.01
  for (let tier = 0; tier < tiers; tier++) {
    const half = 0.3 - tier * 0.075
    const high = 0.075
    const colour = tier % 2 === 0 ? p.main : p.second
    c.rect(0.5, bottom - high, half, high, colour, { round: 0.02 })
    c.rect(0.5, bottom - 2 * high + 0.02, half, 0.026, p.light, { round: 0.024 })
    const drips = 6 - tier
    for (let i = 0; i < drips; i++) {
      const x = 0.5 - half + ((i + 0.5) * 2 * half) / drips
      c.line(
        x,
        bottom - 2 * high + 0.02,
        x,
        bottom - high * between(random, 0.7, 1.4),
        0.04,
        p.light,
      )
    }
    bottom -= 2 * high - 0.008
  }
  for (let i = -1; i <= 1; i++) {
    const x = 0.5 + i * 0.09
    c.disc(x, bottom - 0.01, 0.035, p.accent)
    c.line(x, bottom - 0.035, x + 0.02, bottom - 0.085, 0.008, p.dark)
  }
}

export const plant: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  if (variant % 3 === 1) {
    c.disc(between(random, 0.25, 0.75), c.tall * 0.28, 0.15, p.accent, 0.9)
    c.below((x) => c.tall * 0.72 + 0.03 * Math.sin(5 * x), p.soft)
    for (let i = 0; i < 17; i++) {
      const x = (i + random.unit()) / 17
      const top = c.tall * between(random, 0.42, 0.72)
      c.line(x, c.tall, x + 0.02, top, 0.009, p.dark, 0.85)
      c.leaf(x, c.tall * 0.86, 0.15, between(random, -0.9, 0.9), 0.022, p.second)
      const colour = [p.main, p.accent, p.light][i % 3]!
      for (let petal = 0; petal < 5; petal++) {
        const turn = (petal * 2 * Math.PI) / 5
        c.disc(x + 0.02 + 0.026 * Math.cos(turn), top + 0.026 * Math.sin(turn), 0.021, colour)
      }
      c.disc(x + 0.02, top, 0.016, p.dark)
    }
    return
  }
  c.disc(0.5, c.tall * 0.42, 0.36, p.soft, 0.8)
  const table = c.tall * 0.86
  c.below(() => table, p.soft)
  const rim = table - 0.25
  const leaves = 9 + random.below(4)
  for (let i = 0; i < leaves; i++) {
    const turn = ((i + 0.5) / leaves - 0.5) * 2.7
    const length = Math.min(rim - 0.03, between(random, 0.3, 0.5))
    const colour = [p.main, p.second, blend(p.main, p.dark, 0.35)][i % 3]!
    c.leaf(0.5, rim + 0.03, length, turn, variant % 3 === 0 ? 0.065 : 0.04, colour)
    const [sin, cos] = [Math.sin(turn), Math.cos(turn)]
    c.line(
      0.5,
      rim + 0.03,
      0.5 + sin * length * 0.85,
      rim + 0.03 - cos * length * 0.85,
      0.006,
      p.light,
      0.5,
    )
  }
  c.profile(0.5, rim, table + 0.02, (t) => 0.155 - 0.05 * t, p.accent)
  c.rect(0.5, rim + 0.025, 0.17, 0.03, blend(p.accent, p.dark, 0.18), { round: 0.01 })
}

export const craft: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  if (variant >= 1 && variant <= 5) {
    const size = 0.1
    for (let row = 0; row * size < c.tall; row++) {
      for (let column = 0; column < 10; column++) {
        const [x, y] = [(column + 0.5) * size, (row + 0.5) * size]
        const ring = Math.max(Math.abs(column - 4.5), Math.abs(row - 4.5 - variant)) + variant
        const colour = [p.main, p.soft, p.second, p.light, p.accent][Math.floor(ring) % 5]!
        c.rect(x, y, size / 2, size / 2, colour)
        const lean = (row + column) % 2 === 0 ? 1 : -1
        for (const d of [-0.02, 0.02]) {
          c.line(
            x - 0.026,
            y + d + lean * 0.018,
            x + 0.026,
            y + d - lean * 0.018,
            0.013,
            p.light,
            0.33,
          )
        }
      }
    }
    return
  }
  const table = c.tall * 0.82
  c.below(() => table, p.soft)
  const swell = between(random, 0.3, 0.6)
  const pot = (x: number, width: number, high: number, colour: typeof p.main) => {
    const half = (t: number) =>
      width * (0.45 + 0.55 * Math.sin(Math.PI * Math.min(1, (t * (1 - swell)) / 0.5 + 0.08)) ** 0.8)
    c.ellipse(x + 0.03, table + 0.03, width * 1.1, 0.028, p.dark, 0.18)
    c.profile(x, table + 0.03 - high, table + 0.03, half, colour)
    c.ellipse(x, table + 0.03 - high, half(0), 0.018, p.dark, 0.55)
    for (let i = 1; i <= 3; i++) {
      const t = 0.3 + i * 0.1
      const y = table + 0.03 - high * (1 - t)
      c.line(x - half(t) * 0.93, y, x + half(t) * 0.93, y, 0.011, p.light, 0.75)
    }
  }
  pot(0.7, 0.14, 0.34, p.second)
  pot(0.36, 0.19, Math.min(0.56, c.tall * 0.55), p.main)
  pot(0.62, 0.1, 0.16, p.accent)
}

export const garment: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  c.disc(0.5, c.tall * 0.5, 0.4, p.soft, 0.75)
  const top = c.tall * 0.2
  const bottom = c.tall * between(random, 0.82, 0.9)
  c.line(0.5, top - 0.08, 0.5, top, 0.012, p.dark)
  c.ring(0.515, top - 0.09, 0.022, 0.011, p.dark)
  c.line(0.5, top, 0.3, top + 0.07, 0.014, p.dark)
  c.line(0.5, top, 0.7, top + 0.07, 0.014, p.dark)
  const waist = top + (bottom - top) * 0.42
  const long = variant % 3 === 0
  const hem = long ? 0.31 : 0.2
  const sleeve = long ? 0.16 : 0.36
  const arm: [number, number][] = [
    [0.31, top + 0.07],
    [0.4, top + 0.12],
    [0.29, top + sleeve + 0.04],
    [0.2, top + sleeve],
  ]
  c.polygon(arm, p.second)
  c.polygon(arm.map(([x, y]): [number, number] => [1 - x, y]).reverse(), p.second)
  c.profile(0.5, top + 0.05, waist, (t) => 0.2 - 0.06 * t, p.main)
  c.profile(0.5, waist - 0.01, bottom, (t) => 0.14 + (hem - 0.14) * t, p.main)
  c.ellipse(0.5, top + 0.05, 0.075, 0.05, p.sky)
  c.rect(0.5, waist, 0.145, 0.016, p.accent)
  for (let i = 0; i < 26; i++) {
    const t = random.unit()
    const y = waist + 0.04 + (bottom - waist - 0.07) * t
    const x = 0.5 + (2 * random.unit() - 1) * (0.11 + (hem - 0.15) * t)
    if (variant % 2 === 0) c.disc(x, y, 0.013, p.light)
    else c.line(x, y, x, Math.min(bottom - 0.02, y + 0.07), 0.009, p.light, 0.7)
  }
}

export const abstraction: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.light, p.light)
  const columns = 2 + (variant % 3)
  const size = 1 / columns
  const colours = [p.main, p.second, p.accent, p.soft, p.dark, p.haze]
  for (let row = 0; row * size < c.tall; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [(column + 0.5) * size, (row + 0.5) * size]
      const first = random.below(colours.length)
      const ground = colours[first]!
      const figure = colours[(first + 1 + random.below(colours.length - 1)) % colours.length]!
      c.rect(x, y, size / 2, size / 2, ground)
      const [left, up] = [x - size / 2, y - size / 2]
      const form = random.below(5)
      if (form === 0) c.disc(x, y, size * 0.36, figure)
      else if (form === 1) {
        c.ring(x, y, size * 0.3, size * 0.12, figure)
        c.disc(x, y, size * 0.1, p.light)
      } else if (form === 2) {
        c.polygon(
          [
            [left, up],
            [left + size, up],
            [left, up + size],
          ],
          figure,
        )
      } else if (form === 3) {
        for (let i = 0; i < 4; i++) {
          c.rect(x, up + size * (i * 0.25 + 0.125), size / 2, size * 0.055, figure)
        }
      } else {
        c.between(
          (at) => (Math.abs(at - x) < size / 2 ? y + size * 0.12 * Math.sin(9 * at) : 9),
          () => up + size,
          figure,
        )
      }
    }
  }
}

export const play: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  const ground = c.tall * 0.86
  const bands = [p.main, p.light, p.accent, p.soft, p.second]
  if (variant % 3 === 0) {
    c.below(() => ground, p.soft)
    for (const [i, colour] of bands.entries()) {
      c.disc(0.5, ground, 0.4 - i * 0.07, colour)
    }
    c.below(() => ground, blend(p.soft, p.second, 0.2))
    for (const x of [0.13, 0.87]) {
      for (const [dx, r] of [
        [-0.06, 0.05],
        [0, 0.07],
        [0.06, 0.05],
      ] as const) {
        c.disc(x + dx, ground - 0.01, r, p.light)
      }
    }
    return
  }
  if (variant % 3 === 1) {
    for (let i = 0; i < 7; i++) {
      const x = 0.12 + 0.76 * random.unit()
      const y = c.tall * (0.14 + i * 0.085)
      const colour = bands[(i * 2) % 5]!
      c.line(x, y, 0.5, c.tall + 0.05, 0.006, p.dark, 0.6)
      c.ellipse(x, y, 0.11, 0.13, colour)
      c.polygon(
        [
          [x, y + 0.12],
          [x + 0.022, y + 0.152],
          [x - 0.022, y + 0.152],
        ],
        colour,
      )
      c.ellipse(x - 0.04, y - 0.05, 0.02, 0.032, p.light, 0.6)
    }
    return
  }
  c.below(() => ground, p.soft)
  let y = ground
  for (let row = 0; row < 4 && y > 0.2; row++) {
    const half = 0.085
    const blocks = 4 - row
    for (let i = 0; i < blocks; i++) {
      const x = 0.5 + (i - (blocks - 1) / 2) * 0.2 + 0.02 * (random.unit() - 0.5)
      c.rect(x, y - half, half, half, bands[(row + 2 * i) % 5]!, { round: 0.018 })
      if ((row + i) % 2 === 0) c.disc(x, y - half, 0.04, p.dark, 0.75)
      else c.rect(x, y - half, 0.032, 0.032, p.dark, { turn: 0.785, alpha: 0.75 })
    }
    y -= 2 * half + 0.004
  }
}
