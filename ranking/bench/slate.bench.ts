/**
 * What a slate costs, and what difference is bought for how much relevance: 20 of 500 and 50 of
 * 1,000 candidates by MMR and DPP, over tags and over vectors, against the order of scores with the
 * same rules, each the whole selector; then a sweep of lambda.
 *
 * The world: topics of falling size, pins with tags of their topic (three of four) and of any, a
 * vector near that of the topic; a user to whom a few topics matter. Intra-list distance is the
 * mean of 1 - similarity over pairs of a slate, relevance its sum as a share of that of the best.
 */
import { type Clock, hash32, Random } from '../../base/index.ts'
import type { Ranking } from '../pipeline/stage.ts'
import { cappedSlate } from '../slate/capped.ts'
import type { SlateRules } from '../slate/rules.ts'
import { type PinVectors, similarityOf } from '../slate/similarity.ts'
import { rankingOf, rulesWith, type TestPin } from '../slate/testing.ts'

const sizes = {
  small: { shapes: [[10, 100]], runs: 3, worlds: 2, lambdas: [0.7] },
  large: {
    shapes: [
      [20, 500],
      [50, 1_000],
    ],
    runs: 200,
    worlds: 40,
    lambdas: [1, 0.95, 0.9, 0.8, 0.7, 0.5, 0.3, 0.1, 0],
  },
} as const
const SEED = 1
const TOPICS = 12
const DIMENSIONS = 64
const methods = ['off', 'mmr', 'dpp'] as const
const kinships = ['tags', 'vectors'] as const

type World = { readonly pins: readonly TestPin[]; readonly vectors: PinVectors }

function world(count: number, random: Random): World {
  const centres = Array.from({ length: TOPICS }, () => direction(random))
  const liking = Array.from({ length: TOPICS }, () => random.unit() ** 3)
  const vectors: Float32Array[] = []
  const pins = Array.from({ length: count }, (): TestPin => {
    const topic = Math.floor(TOPICS * random.unit() ** 2)
    const noise = direction(random)
    vectors.push(Float32Array.from(centres[topic]!, (x, d) => x + 0.8 * noise[d]!))
    const tags = new Set<number>()
    while (tags.size < 4) {
      const ofTopic = random.unit() < 0.75
      tags.add(ofTopic ? 100 + topic * 10 + random.below(8) : 300 + random.below(60))
    }
    return { score: 0.6 * liking[topic]! + 0.4 * random.unit(), topic, tags: [...tags] }
  })
  return { pins, vectors: { dimensions: DIMENSIONS, of: (pin) => vectors[pin] } }
}

function direction(random: Random): Float64Array {
  const vector = Float64Array.from({ length: DIMENSIONS }, () => random.normal())
  const length = Math.hypot(...vector)
  return vector.map((x) => x / length)
}

type Asked = { readonly limit: number; readonly kinship: (typeof kinships)[number] }

function prepared({ pins, vectors }: World, { limit, kinship }: Asked, rules: SlateRules) {
  const ranking = rankingOf(pins, rules, { limit })
  if (kinship === 'tags') return ranking
  return { ...ranking, services: { ...ranking.services, vectors: () => vectors } }
}

/** Caps would hide what the diversifier does. */
const diverse = (method: SlateRules['diversity']['method'], lambda: number) => {
  return rulesWith({
    caps: { hard: {}, soft: {} },
    diversity: { method, lambda, pool: 1_000 },
  })
}

function measureList({ slate, candidates, services }: Ranking) {
  const pins = Uint32Array.from(slate, (index) => candidates.pins[index]!)
  const similarity = similarityOf(pins, services.features, services.vectors?.())
  const row = new Float64Array(pins.length)
  let distance = 0
  for (let i = 0; i < pins.length; i++) {
    similarity.to(i, row)
    for (let j = 0; j < i; j++) distance += 1 - row[j]!
  }
  const relevance = slate.reduce((sum, index) => sum + candidates.final[index]!, 0)
  return { distance: distance / ((pins.length * (pins.length - 1)) / 2), relevance }
}

function sweep(
  [limit, count]: readonly [number, number],
  worlds: number,
  lambdas: readonly number[],
) {
  const rows: Record<string, number | string>[] = []
  for (const kinship of kinships) {
    for (const method of methods) {
      for (const lambda of method === 'off' ? [1] : lambdas) {
        let [distance, kept] = [0, 0]
        for (let n = 0; n < worlds; n++) {
          const made = world(count, new Random(SEED).split(n))
          const ranking = prepared(made, { limit, kinship }, diverse(method, lambda))
          cappedSlate.select(ranking)
          const best = [...made.pins].map(({ score }) => score).sort((a, b) => b - a)
          const most = best.slice(0, limit).reduce((sum, score) => sum + score)
          const list = measureList(ranking)
          distance += list.distance / worlds
          kept += list.relevance / most / worlds
        }
        rows.push({ kinship, method, lambda, distance: round(distance), relevance: round(kept) })
      }
    }
  }
  return rows
}

function timed(clock: Clock, ranking: Ranking, runs: number) {
  const times: number[] = []
  for (let run = 0; run < runs + 5; run++) {
    const start = clock.monotonic()
    cappedSlate.select(ranking)
    // The first runs warm the compiler.
    if (run >= 5) times.push(clock.monotonic() - start)
  }
  times.sort((a, b) => a - b)
  const mean = times.reduce((a, b) => a + b) / runs
  const deviation = (times.reduce((sum, t) => sum + (t - mean) ** 2, 0) / runs) ** 0.5
  const at = (share: number) => round(times[Math.floor(share * (runs - 1))]!)
  return { min: at(0), p50: at(0.5), p99: at(0.99), deviation: round(deviation) }
}

export const bench = {
  name: 'ranking/slate',

  run({ size, clock }: { readonly size: keyof typeof sizes; readonly clock: Clock }) {
    const { shapes, runs, worlds, lambdas } = sizes[size]
    let digest = 0
    const latencyMs = shapes.flatMap(([limit, count]) => {
      const made = world(count, new Random(SEED))
      let baseline = 0
      return kinships.flatMap((kinship) =>
        methods.map((method) => {
          const ranking = prepared(made, { limit, kinship }, diverse(method, 0.7))
          const times = timed(clock, ranking, runs)
          for (const index of ranking.slate) digest = hash32(index, digest)
          if (method === 'off') baseline = times.p50
          const ratio = round(times.p50 / baseline)
          return { slate: `${limit} of ${count}`, kinship, method, ...times, ratio }
        }),
      )
    })
    return {
      seed: SEED,
      options: { shapes, runs, worlds, topics: TOPICS, dimensions: DIMENSIONS },
      baseline: { name: 'off: the order of scores' },
      latencyMs,
      sweep: sweep(shapes[0], worlds, lambdas),
      digest,
    }
  },
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
