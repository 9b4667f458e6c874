/** Small worlds for the laws of slates: pins as data, and the ranking of one request over them. */
import fc from 'fast-check'
import { Interner, kindCode, NONE, type PinIndex, systemClock } from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import type { RankRequest } from '../pipeline/request.ts'
import { startRanking } from '../pipeline/run.ts'
import { type RankingServices, RankScratch, ScratchPool } from '../pipeline/services.ts'
import type { Ranking } from '../pipeline/stage.ts'
import { CatalogueIndex } from '../sources/catalogue-index.ts'
import { ActiveRules } from './active-rules.ts'
import { rulesDefaults, type SlateRules } from './rules.ts'

/** Names are t0, t1, … for tags and topics, l0, … for languages. */
export type TestPin = {
  readonly score: number
  readonly topic?: number
  readonly tags?: readonly number[]
  readonly language?: number
  /** Boards 2n and 2n + 1 are of creator n. */
  readonly board?: number
  /** Pins with one picture are the same thing. */
  readonly picture?: number
  readonly impressions?: number
  readonly saves?: number
  readonly gone?: boolean
  readonly fresh?: boolean
}

export const testPins = (maxLength = 24): fc.Arbitrary<TestPin[]> =>
  fc.array(
    fc.record(
      {
        score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
        topic: fc.nat(3),
        tags: fc.uniqueArray(fc.nat(5), { maxLength: 4 }),
        language: fc.nat(2),
        board: fc.nat(5),
        picture: fc.nat(7),
        impressions: fc.constantFrom(0, 10, 200),
        saves: fc.nat(6),
        gone: fc.boolean(),
        fresh: fc.boolean(),
      },
      { requiredKeys: ['score'] },
    ),
    { minLength: 1, maxLength },
  )

const BOARDS = 6

/** Rules that differ from the defaults in some parts. */
export function rulesWith(part: Partial<SlateRules>): SlateRules {
  return { ...rulesDefaults, ...part }
}

function featuresOf(pins: readonly TestPin[], tags: Interner): FeatureTable {
  const features = FeatureTable.create(pins.length + 1)
  const tag = (name: string) => tags.intern(name) as never
  for (const [p, pin] of pins.entries()) {
    features.applyPin(p as PinIndex, 1, {
      created: 1,
      hidden: pin.gone === true,
      ...(pin.topic !== undefined && { topic: tag(`t${pin.topic}`) }),
      ...(pin.language !== undefined && { language: tag(`l${pin.language}`) }),
      ...(pin.picture !== undefined && { image: `picture ${pin.picture}` }),
      tags: (pin.tags ?? []).map((n) => tag(`t${n}`)),
    })
    const times = (kind: number, count = 0) => {
      for (let i = 0; i < count; i++) features.applyEvent(kind, p as PinIndex, 1)
    }
    times(kindCode.impression, pin.impressions)
    times(kindCode.save, pin.saves)
  }
  return features
}

/** Candidates come in in the order of `found`; pin p is called `p` and its number. */
export function rankingOf(
  pins: readonly TestPin[],
  rules: SlateRules,
  asked: Partial<RankRequest> = {},
  found: readonly number[] = pins.map((_, p) => p),
): Ranking {
  const names = { pin: new Interner(), tag: new Interner() }
  for (let p = 0; p < pins.length; p++) names.pin.intern(`p${p}`)
  const features = featuresOf(pins, names.tag)
  const stands = pins.flatMap(({ board }, p) => (board === undefined ? [] : [{ p, board }]))
  const frozen = buildGraph({
    pins: Uint32Array.from(stands, ({ p }) => p),
    boards: Uint32Array.from(stands, ({ board }) => board),
    edgeCount: stands.length,
    pinCount: pins.length,
    boardCount: BOARDS,
  })
  const room = { pinCapacity: pins.length, boardCapacity: BOARDS, edgeCapacity: 1 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 1)
  const active = new ActiveRules(rules, names.tag)
  const services: RankingServices = {
    graph: () => view,
    features,
    catalogue: () => new CatalogueIndex(),
    sequences: () => undefined,
    model: () => undefined,
    rules: () => active,
    owners: () => Uint32Array.from({ length: BOARDS }, (_, board) => board >> 1),
    names: names as never,
    clock: systemClock,
    scratch: new ScratchPool(pins.length),
    count: () => {},
  }
  const ranking = startRanking(requestOf(asked), services, new RankScratch(pins.length))
  for (const p of found) {
    const index = ranking.candidates.add(pins[p]!.fresh ? 'fresh' : 'walk', p, 1)
    ranking.candidates.final[index] = pins[p]!.score
  }
  return ranking
}

/** Pins of the slate, best first. */
export function shownPins({ slate, candidates }: Ranking): number[] {
  return slate.map((index) => candidates.pins[index]!)
}

/** Of pins with one picture the best alone, by score and then by id: said once more. */
export function oncePerPicture(pins: readonly TestPin[], of: readonly number[]): number[] {
  const isBetter = (a: number, b: number) =>
    pins[a]!.score - pins[b]!.score || (`p${a}` < `p${b}` ? 1 : -1)
  return of.filter((p) => {
    const { picture } = pins[p]!
    if (picture === undefined) return true
    return of.every((q) => q === p || pins[q]!.picture !== picture || isBetter(p, q) > 0)
  })
}

/** What a cap counts a pin by, said once more; NONE where nothing is known. */
export function keyOf(pin: TestPin, kind: 'board' | 'topic' | 'creator'): number {
  if (kind === 'topic') return pin.topic ?? NONE
  if (pin.board === undefined) return NONE
  return kind === 'board' ? pin.board : pin.board >> 1
}

function requestOf(asked: Partial<RankRequest>): RankRequest {
  return {
    user: {
      known: false,
      hash: 1,
      seeds: [],
      exclude: [],
      savedCount: 0,
      topics: [],
      boards: [],
      saves: 0,
      closeups: 0,
      impressions: 0,
      lastActive: 0,
    },
    limit: 8,
    generation: 'mixed',
    exclude: [],
    at: 2_000,
    seed: 5,
    deadline: Number.POSITIVE_INFINITY,
    explain: false,
    off: [],
    ...asked,
  }
}
