/**
 * Scenes of things people see: views, mountains, towns, buildings, science, devices, music,
 * animals.
 */
import { blend } from './palette.ts'
import { between, hills, type Scene } from './scene.ts'

export const photograph: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.main)
  const horizon = c.tall * between(random, 0.55, 0.66)
  const x = between(random, 0.3, 0.7)
  const radius = between(random, 0.1, 0.17)
  c.disc(x, horizon - radius * 0.5, radius * 1.7, p.sun, 0.22)
  c.disc(x, horizon - radius * 0.5, radius, p.sun)
  if (variant % 2 === 1) c.between(hills(random, horizon - 0.05, 0.07), () => horizon, p.second)
  c.below(() => horizon, blend(p.second, p.dark, 0.35))
  for (let i = 0; i < 9; i++) {
    const y = horizon + 0.02 + i * 0.042
    const half = radius * (1 - i * 0.07) * between(random, 0.5, 1.1)
    c.line(x - half, y, x + half, y, 0.012, p.sun, 0.75 - i * 0.06)
  }
  if (variant % 3 === 0) {
    const [bx, by] = [1 - x, horizon + 0.1]
    c.polygon(
      [
        [bx, by - 0.28],
        [bx + 0.12, by - 0.03],
        [bx, by - 0.03],
      ],
      p.light,
    )
    c.polygon(
      [
        [bx - 0.14, by],
        [bx + 0.15, by],
        [bx + 0.1, by + 0.045],
        [bx - 0.09, by + 0.045],
      ],
      p.dark,
    )
  }
  const edge = 0.045
  c.rect(0.5, 0, 0.5, edge, p.light)
  c.rect(0.5, c.tall, 0.5, edge * 2.4, p.light)
  c.rect(0, c.tall / 2, edge, c.tall, p.light)
  c.rect(1, c.tall / 2, edge, c.tall, p.light)
}

export const mountains: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  c.disc(between(random, 0.22, 0.78), c.tall * between(random, 0.2, 0.32), 0.11, p.sun)
  const peak = between(random, 0.3, 0.7)
  const steep = between(random, 0.9, 1.3)
  const top = c.tall * 0.3
  const ridge = (x: number) =>
    top + steep * Math.abs(x - peak) + 0.03 * Math.sin(31 * x) + 0.02 * Math.sin(67 * x + 1)
  const far = hills(random, c.tall * 0.56, 0.1)
  c.below(far, p.soft)
  c.below(ridge, p.main)
  c.between(ridge, (x) => Math.max(ridge(x), top + 0.13 + 0.04 * Math.sin(43 * x)), p.light)
  c.between(
    (x) => (x > peak ? ridge(x) : c.tall),
    () => c.tall,
    p.dark,
    0.13,
  )
  for (let i = 0; i < 3; i++) {
    const near = hills(random, c.tall * (0.68 + i * 0.1), 0.05)
    const colour = blend(p.second, p.dark, i * 0.33)
    c.below(near, colour)
    if (variant % 2 === 0) {
      for (let tree = 0; tree < 8; tree++) {
        const x = random.unit()
        const y = near(x) + 0.012
        for (const [lift, half] of [
          [0, 0.036],
          [0.035, 0.027],
          [0.066, 0.018],
        ] as const) {
          c.polygon(
            [
              [x, y - lift - 0.06],
              [x + half, y - lift],
              [x - half, y - lift],
            ],
            colour,
          )
        }
      }
    }
  }
  if (variant % 4 === 1) {
    const bend = 3 + 3 * random.unit()
    for (let y = c.tall * 0.74; y < c.tall; y += 0.006) {
      const depth = (y - c.tall * 0.74) / (c.tall * 0.26)
      c.disc(peak + 0.14 * Math.sin(bend * depth) * depth, y, 0.008 + 0.04 * depth, p.light)
    }
  }
}

export const town: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  c.disc(between(random, 0.2, 0.8), c.tall * 0.2, 0.1, p.sun)
  c.below(hills(random, c.tall * 0.48, 0.08), p.soft)
  const quay = c.tall * 0.78
  const colours = [p.main, p.light, p.second, p.accent, p.soft]
  let x = -0.03
  for (let i = 0; x < 1; i++) {
    const half = between(random, 0.07, 0.1)
    const top = quay - between(random, 0.22, 0.44)
    const colour = colours[(i * 2 + variant) % 5]!
    const middle = x + half
    c.rect(middle, (top + quay) / 2, half, (quay - top) / 2, colour)
    if (variant % 3 === 0) {
      c.disc(middle, top, half * 0.8, colour)
      c.line(middle, top - half * 0.8, middle, top - half * 1.3, 0.012, p.dark)
    } else if (variant % 3 === 1) {
      c.polygon(
        [
          [middle, top - 0.1],
          [middle + half + 0.01, top],
          [middle - half - 0.01, top],
        ],
        blend(p.dark, colour, 0.3),
      )
    }
    for (let y = top + 0.05; y < quay - 0.06; y += 0.085) {
      for (const side of [-0.45, 0.45]) {
        c.rect(middle + side * half, y, 0.016, 0.024, p.dark, { round: 0.008, alpha: 0.75 })
      }
    }
    c.rect(middle, quay - 0.03, 0.02, 0.035, p.dark, { round: 0.018 })
    x += 2 * half + 0.004
  }
  c.below(() => quay, blend(p.main, p.dark, 0.35))
  for (let i = 0; i < 14; i++) {
    const y = quay + 0.03 + (c.tall - quay) * random.unit()
    const at = random.unit()
    c.line(at, y, at + 0.08 + 0.1 * random.unit(), y, 0.009, p.light, 0.45)
  }
}

export const building: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  c.disc(between(random, 0.15, 0.85), c.tall * 0.18, 0.09, p.sun, 0.9)
  const ground = c.tall * 0.88
  if (variant % 3 === 0) {
    const peak = c.tall * 0.3
    c.polygon(
      [
        [0.5, peak],
        [0.86, ground],
        [0.14, ground],
      ],
      p.main,
    )
    c.polygon(
      [
        [0.5, peak + 0.1],
        [0.72, ground],
        [0.28, ground],
      ],
      p.dark,
    )
    for (let i = 0; i < 3; i++) {
      const y = ground - 0.1 - i * 0.14
      const half = ((y - peak - 0.16) / (ground - peak)) * 0.26
      if (half > 0.02) c.rect(0.5, y, half, 0.045, i === 1 ? p.accent : p.light, { round: 0.006 })
    }
  } else {
    const floors = 3 + random.below(3)
    let left = 0.2
    let right = 0.82
    for (let floor = 0; floor < floors; floor++) {
      const low = ground - floor * 0.155
      const middle = (left + right) / 2
      const half = (right - left) / 2
      c.rect(middle, low - 0.075, half, 0.078, floor % 2 === 0 ? p.main : p.second)
      c.rect(middle, low - 0.148, half + 0.02, 0.011, p.light)
      const windows = Math.max(2, Math.round(half * 12))
      for (let i = 0; i < windows; i++) {
        const x = left + ((i + 0.5) * (right - left)) / windows
        const lit = random.unit() < 0.3
        c.rect(x, low - 0.07, 0.026, 0.042, lit ? p.accent : p.dark, {
          round: variant % 3 === 1 ? 0.024 : 0.003,
        })
      }
      left += 0.07 * random.unit()
      right -= 0.09 * random.unit()
    }
  }
  c.below(() => ground, p.soft)
  for (const x of [0.08, 0.93]) {
    c.line(x, ground, x, ground - 0.12, 0.014, p.dark)
    c.ellipse(x, ground - 0.17, 0.065, 0.1, blend(p.second, p.dark, 0.3))
  }
}

export const cosmos: Scene = ({ canvas: c, palette: p, random, variant }) => {
  const night = blend(p.dark, p.second, 0.12)
  c.gradient(blend(night, p.dark, 0.6), blend(night, p.main, 0.3))
  for (let i = 0; i < 50; i++) {
    c.disc(random.unit(), c.tall * random.unit(), between(random, 0.002, 0.006), p.light, 0.8)
  }
  const y = c.tall * between(random, 0.42, 0.56)
  if (variant % 3 === 1) {
    for (let i = 1; i < 150; i++) {
      const reach = 0.035 * Math.sqrt(i)
      const turn = i * 2.399963
      const colour = [p.light, p.accent, p.main][Math.floor(i / 13) % 3]!
      const [x, at] = [0.5 + reach * Math.cos(turn), y + reach * Math.sin(turn)]
      c.disc(x, at, 0.006 + 0.0011 * Math.sqrt(i), colour)
    }
    return
  }
  if (variant % 3 === 2) {
    c.disc(0.5, y, 0.075, p.accent)
    for (let orbit = 1; orbit <= 4; orbit++) {
      const radius = 0.06 + orbit * 0.095
      const turn = 7 * random.unit()
      c.ring(0.5, y, radius, 0.006, p.light, 0.5)
      const [x, at] = [0.5 + radius * Math.cos(turn), y + radius * Math.sin(turn)]
      c.disc(x, at, 0.018 + 0.012 * random.unit(), orbit % 2 === 0 ? p.main : p.light)
    }
    return
  }
  const radius = between(random, 0.2, 0.26)
  for (let i = 3; i >= 1; i--) c.disc(0.5, y, radius + i * 0.035, p.main, 0.1)
  c.disc(0.5, y, radius, p.main)
  for (let i = 0; i < 4; i++) {
    const at = y + radius * (-0.6 + i * 0.38)
    const half = Math.sqrt(Math.max(0, radius ** 2 - (at - y) ** 2)) - 0.025
    c.line(0.5 - half, at, 0.5 + half, at, 0.035, i % 2 === 0 ? p.second : p.soft, 0.6)
  }
  for (let t = -1; t <= 1; t += 0.012) {
    // The front half of a tilted ring.
    const [x, dip] = [0.5 + 0.43 * t, Math.sqrt(1 - t * t) * 0.09]
    c.disc(x, y + dip - 0.12 * t, 0.011, p.accent)
    if (Math.abs(t) > 0.62) c.disc(x, y - dip - 0.12 * t, 0.011, p.accent)
  }
  c.disc(0.83, y - radius - 0.12, 0.05, p.light)
}

export const device: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  const y = c.tall / 2
  if (variant % 3 === 0) {
    c.rect(0.5, y + 0.02, 0.45, 0.33, p.dark, { round: 0.05, alpha: 0.2 })
    c.rect(0.5, y, 0.45, 0.33, p.dark, { round: 0.05 })
    for (let row = 0; row < 4; row++) {
      for (let key = 0; key < 6; key++) {
        const [x, at] = [0.13 + key * 0.148, y - 0.225 + row * 0.15]
        const colour = random.unit() < 0.12 ? p.accent : row % 2 === 0 ? p.light : p.soft
        c.rect(x, at + 0.01, 0.063, 0.063, blend(colour, p.dark, 0.35), { round: 0.018 })
        c.rect(x, at - 0.004, 0.054, 0.054, colour, { round: 0.02 })
      }
    }
    return
  }
  if (variant % 3 === 1) {
    for (let i = 0; i < 9; i++) {
      let [x, at] = [0.06 + i * 0.11, c.tall + 0.02]
      const colour = [p.main, p.second, p.soft][i % 3]!
      for (let leg = 0; leg < 3; leg++) {
        const [nx, ny] = [x + [-0.11, 0, 0.11][random.below(3)]!, at - c.tall * 0.24]
        c.line(x, at, x, at - c.tall * 0.12, 0.016, colour)
        c.line(x, at - c.tall * 0.12, nx, ny, 0.016, colour)
        x = nx
        at = ny
      }
      c.disc(x, at, 0.036, i % 4 === 0 ? p.accent : colour)
      c.disc(x, at, 0.017, p.light)
    }
    c.rect(0.5, y, 0.17, 0.17, p.dark, { round: 0.02 })
    c.rect(0.5, y, 0.1, 0.1, p.main, { round: 0.012 })
    c.disc(0.44, y - 0.06, 0.014, p.light)
    return
  }
  c.rect(0.5, y - 0.02, 0.42, 0.32, p.dark, { round: 0.035 })
  c.rect(0.5, y - 0.02, 0.385, 0.285, p.light, { round: 0.015 })
  c.rect(0.5, y + 0.34, 0.14, 0.025, p.dark, { round: 0.02 })
  for (let i = 0; i < 8; i++) {
    const high = between(random, 0.04, 0.2)
    const colour = i % 3 === 0 ? p.accent : p.main
    c.rect(0.19 + i * 0.089, y + 0.2 - high, 0.03, high, colour, { round: 0.008 })
  }
}

export const music: Scene = ({ canvas: c, palette: p, random, variant }) => {
  c.gradient(p.sky, p.haze)
  const y = c.tall * 0.5
  if (variant % 3 === 1) {
    const bars = 15
    for (let i = 0; i < bars; i++) {
      const swell = Math.sin((Math.PI * (i + 0.5)) / bars)
      const half = c.tall * 0.36 * swell * between(random, 0.3, 1)
      const x = (i + 0.5) / bars
      c.line(x, y - half, x, y + half, 0.034, [p.main, p.second, p.accent][i % 3]!)
    }
    return
  }
  if (variant % 3 === 2) {
    for (let i = 0; i < 11; i++) {
      const base = c.tall * (0.16 + i * 0.075)
      const [rate, lag] = [between(random, 2, 4), 6 * random.unit()]
      const wave = (x: number) =>
        base - 0.13 * Math.exp(-12 * (x - 0.5) ** 2) * (1 + Math.sin(rate * 6 * x + lag))
      const end = (x: number) => wave(x) + 0.36
      c.between(wave, (x) => wave(x) + 0.013, i % 2 === 0 ? p.main : p.second)
      c.between((x) => wave(x) + 0.012, end, blend(p.haze, p.soft, i / 11))
    }
    return
  }
  c.rect(0.43, y, 0.36, 0.36, p.accent, { round: 0.012 })
  c.rect(0.43, y, 0.3, 0.3, p.soft)
  c.disc(0.6, y, 0.335, p.dark)
  for (let i = 0; i < 5; i++) c.ring(0.6, y, 0.15 + i * 0.038, 0.005, p.light, 0.22)
  c.disc(0.6, y, 0.115, p.main)
  c.ring(0.6, y, 0.08, 0.012, p.light, 0.7)
  c.disc(0.6, y, 0.017, p.light)
  c.rect(0.25, y, 0.18, 0.36, p.accent)
  for (let i = 0; i < 3; i++) {
    c.rect(0.25, y - 0.2 + i * 0.2, 0.11, between(random, 0.02, 0.07), p.light, { round: 0.015 })
  }
}

const fish: Scene = ({ canvas: c, palette: p, random }) => {
  c.below((x) => c.tall * 0.12 + 0.015 * Math.sin(14 * x), p.soft, 0.6)
  for (let i = 0; i < 6; i++) {
    const [x, y] = [between(random, 0.2, 0.75), c.tall * (0.24 + i * 0.12)]
    const size = between(random, 0.07, 0.12)
    const way = random.unit() < 0.5 ? 1 : -1
    const colour = [p.main, p.accent, p.second][i % 3]!
    const tail = x - way * size * 1.1
    c.line(tail, y, tail - way * size * 0.7, y - size * 0.5, size * 0.3, colour)
    c.line(tail, y, tail - way * size * 0.7, y + size * 0.5, size * 0.3, colour)
    c.ellipse(x, y, size * 1.4, size * 0.75, colour)
    c.line(
      x - way * size * 0.2,
      y - size * 0.5,
      x - way * size * 0.2,
      y + size * 0.5,
      size * 0.2,
      p.light,
      0.6,
    )
    c.disc(x + way * size * 0.85, y - size * 0.12, size * 0.15, p.light)
    c.disc(x + way * size * 0.88, y - size * 0.12, size * 0.075, p.dark)
  }
  for (const x of [0.08, 0.17, 0.86, 0.94])
    c.leaf(x, c.tall, 0.34, between(random, -0.3, 0.3), 0.03, p.second)
}

export const animal: Scene = (stage) => {
  const { canvas: c, palette: p, random, variant } = stage
  c.gradient(p.sky, p.haze)
  if (variant % 3 === 1) return fish(stage)
  const ground = c.tall * 0.84
  c.disc(0.5, c.tall * 0.44, 0.38, p.soft, 0.8)
  c.below(hills(random, ground, 0.03), blend(p.second, p.haze, 0.35))
  const bird = variant % 3 === 2
  const head = c.tall * 0.4
  c.ellipse(0.5, ground - 0.1, bird ? 0.2 : 0.23, Math.max(0.2, (ground - head) * 0.62), p.main)
  c.ellipse(0.5, ground - 0.02, 0.13, 0.15, p.light, 0.7)
  if (bird) {
    c.leaf(0.35, head + 0.18, 0.34, 2.75, 0.07, p.second)
    c.leaf(0.65, head + 0.18, 0.34, 3.53, 0.07, p.second)
    for (const x of [0.44, 0.56]) c.line(x, ground + 0.03, x, ground + 0.1, 0.014, p.dark)
  } else {
    for (const side of [-1, 1]) {
      const ear = 0.5 + side * 0.115
      c.leaf(ear, head - 0.05, variant % 2 === 0 ? 0.18 : 0.26, side * 0.25, 0.06, p.main)
      c.leaf(ear, head - 0.06, 0.13, side * 0.25, 0.03, p.accent)
    }
  }
  c.disc(0.5, head, 0.185, p.main)
  c.ellipse(0.5, head + 0.07, 0.1, 0.075, p.light, 0.85)
  for (const x of [0.425, 0.575]) {
    c.disc(x, head - 0.015, bird ? 0.036 : 0.027, bird ? p.light : p.dark)
    c.disc(x, head - 0.015, 0.018, p.dark)
    c.disc(x + 0.007, head - 0.023, 0.007, p.light)
  }
  const beak = bird ? 0.04 : 0.022
  c.polygon(
    [
      [0.5 - beak, head + 0.035],
      [0.5 + beak, head + 0.035],
      [0.5, head + 0.035 + beak * 1.4],
    ],
    bird ? p.accent : p.dark,
  )
}
