import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Interner,
  kindCode,
  ManualClock,
  type PinIndex,
  systemClock,
  type TagIndex,
} from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { generationNames, generations, recommend } from '../generations/index.ts'
import { fitCooccurrence, sequencesOf } from '../models/cooccurrence.ts'
import { ActiveRules } from '../slate/active-rules.ts'
import { slateDefaults } from '../slate/capped.ts'
import { rulesDefaults } from '../slate/rules.ts'
import { CatalogueIndex, catalogueIndexSteps } from '../sources/catalogue-index.ts'
import type { RankedPin, RankRequest, UserContext } from './request.ts'
import { runPipeline } from './run.ts'
import { type RankerModel, type RankingServices, ScratchPool } from './services.ts'
import { always, type Source } from './stage.ts'

const PINS = 60
const BOARDS = 40

/** Two communities: board b and pin p belong together when both are even or both odd. */
function world(
  plant: Omit<Partial<RankingServices>, 'features'> = {},
): RankingServices & { features: FeatureTable; counts: Record<string, number> } {
  const pins: number[] = []
  const boards: number[] = []
  const features = FeatureTable.create(100)
  const names = { pin: new Interner(), tag: new Interner() }
  const topics = ['even', 'odd'].map((name) => names.tag.intern(name) as TagIndex)
  for (let p = 0; p < PINS; p++) {
    names.pin.intern(`p${p}`)
    const tag = topics[p % 2]!
    features.applyPin(p as PinIndex, p, { created: p, topic: tag, tags: [tag] })
    for (let k = 0; k < 6; k++) {
      pins.push(p)
      boards.push((2 * ((p * 5 + k * 3) % 20) + (p % 2)) % BOARDS)
      features.applyEvent(kindCode.save, p as PinIndex, 1_000 + k)
    }
  }
  const counts = { edgeCount: pins.length, pinCount: PINS, boardCount: BOARDS }
  const lists = { pins: Uint32Array.from(pins), boards: Uint32Array.from(boards) }
  const frozen = buildGraph({ ...lists, ...counts })
  const room = { pinCapacity: 100, boardCapacity: 100, edgeCapacity: 10 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 3)
  const times = Float64Array.from(pins, (_, i) => i)
  const sequences = fitCooccurrence(sequencesOf(lists.boards, lists.pins, times, pins.length))
  let catalogue = new CatalogueIndex()
  const steps = catalogueIndexSteps(features)
  for (let step = steps.next(); ; step = steps.next()) {
    if (!step.done) continue
    catalogue = step.value
    break
  }
  const counted: Record<string, number> = {}
  return {
    graph: () => view,
    features,
    catalogue: () => catalogue,
    sequences: () => sequences,
    model: () => undefined,
    names: names as never,
    clock: systemClock,
    scratch: new ScratchPool(100),
    count: (name) => {
      counted[name] = (counted[name] ?? 0) + 1
    },
    ...plant,
    counts: counted,
  }
}

const user = (seeds: readonly number[], exclude: readonly number[] = seeds): UserContext => ({
  known: seeds.length > 0,
  hash: 1,
  seeds: seeds.map((pin, i) => ({ pin: pin as PinIndex, weight: 1 / (1 + i), time: 900 })),
  exclude: exclude as PinIndex[],
  savedCount: Math.min(seeds.length, exclude.length),
  topics: [],
  boards: [],
  saves: seeds.length,
  closeups: 0,
  impressions: 0,
  lastActive: 900,
})
const request = (more: Partial<RankRequest> = {}): RankRequest => ({
  user: user([4, 10]),
  limit: 10,
  generation: 'mixed',
  exclude: [],
  at: 2_000,
  seed: 5,
  deadline: Number.POSITIVE_INFINITY,
  explain: false,
  off: [],
  ...more,
})

describe.each(generationNames)('generation %s', (generation) => {
  test('recommends inside the community and leaves out what is known', async () => {
    const { pins, rung, epoch } = await recommend(request({ generation, limit: 5 }), world())
    expect(pins.length).toBe(5)
    expect(pins.slice(0, 3).every(({ pin }) => pin % 2 === 0)).toBe(true)
    expect(pins.map(({ pin }) => pin)).not.toContain(4)
    expect(rung).toBe(['mixed', 'deep'].includes(generation) ? 'light' : 'full')
    expect(epoch).toBe(3)
  })
  test('a stranger gets what is popular, and is told so', async () => {
    const reply = await recommend(request({ generation, user: user([]) }), world())
    expect(reply.rung).toBe('popular')
    expect(reply.pins.length).toBe(10)
  })
  test('the same request gives the same answer', async () => {
    const strip = async () => {
      const { trace: _trace, ...reply } = await recommend(request({ generation }), world())
      return reply
    }
    expect(await strip()).toEqual(await strip())
  })
  test('nothing excluded, gone, hidden or doubled is ever answered, and the slate is full if it can be', async () => {
    const pin = fc.nat(PINS - 1)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(pin, { maxLength: 5 }),
        fc.uniqueArray(pin, { maxLength: 8 }),
        fc.uniqueArray(pin, { maxLength: 8 }),
        fc.uniqueArray(pin, { maxLength: 8 }),
        fc.integer({ min: 1, max: 30 }),
        async (seeds, exclude, gone, hidden, limit) => {
          const services = world()
          for (const p of gone) services.features.deletePin(p as PinIndex, 99_999)
          for (const p of hidden) services.graph().delta.hide(p, true)
          const asked = request({
            generation,
            limit,
            user: user(seeds),
            exclude: exclude as PinIndex[],
          })
          const { pins } = await recommend(asked, services)
          const answered = pins.map((ranked) => ranked.pin)
          const banned = new Set([...seeds, ...exclude, ...gone, ...hidden])
          expect(answered.filter((p) => banned.has(p))).toEqual([])
          expect(new Set(answered).size).toBe(answered.length)
          expect(answered.length).toBe(Math.min(limit, PINS - banned.size))
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('stages', () => {
  const broken: Source = {
    kind: 'source',
    name: 'broken',
    budgetMs: 1,
    enabled: always,
    find: () => {
      throw new Error('the source is dry')
    },
  }
  const withBroken = { ...generations.mixed, sources: [broken, ...generations.mixed.sources] }

  test('one that throws is dropped, counted and named; the others answer', async () => {
    const services = world()
    const reply = await runPipeline(withBroken, request(), services)
    expect(reply.pins.length).toBe(10)
    expect(reply.trace[0]).toMatchObject({
      stage: 'broken',
      outcome: 'failed',
      reason: 'the source is dry',
    })
    expect(services.counts).toEqual({ broken_failed: 1 })
  })
  test('one that would start too late is dropped', async () => {
    const clock = new ManualClock(1_000)
    const services = world({ clock })
    const reply = await recommend(request({ deadline: 1_002 }), services)
    const late = reply.trace.filter(({ outcome }) => outcome === 'late').map(({ stage }) => stage)
    expect(late).toEqual(['walk', 'neighbours', 'sequences', 'model'])
    expect(reply.pins.length).toBe(10)
    expect(services.counts).toMatchObject({ walk_late: 1 })
  })
  test('what may not be shown is left out however late it is', async () => {
    const clock = new ManualClock(1_000)
    const services = world({ clock })
    const exclude = [0, 1, 2, 3] as PinIndex[]
    services.features.deletePin(4 as PinIndex, 99_999)
    const slow: Source = { ...broken, name: 'slow', find: () => clock.advance(60_000) }
    const sources = [...generations.mixed.sources, slow]
    const asked = request({ deadline: 2_000, limit: PINS, exclude })
    const { pins, trace } = await runPipeline({ ...generations.mixed, sources }, asked, services)
    const filters = trace.filter(({ kind }) => kind === 'filter').map(({ outcome }) => outcome)
    expect(filters).toEqual(['ok', 'ok'])
    expect(pins.length).toBeGreaterThan(0)
    expect(pins.filter(({ pin }) => pin <= 4)).toEqual([])
  })
  test('one that is switched off leaves its trace', async () => {
    const reply = await recommend(request({ off: ['walk', 'slate'] }), world())
    expect(
      reply.trace.filter(({ outcome }) => outcome === 'off').map(({ stage }) => stage),
    ).toEqual(['walk', 'model', 'slate'])
    expect(reply.pins.every(({ sources }) => !sources.includes('walk'))).toBe(true)
    expect(reply.pins.length).toBe(10)
  })
  test('what rules forbid is left out when the slate is switched off, failed or late', async () => {
    const rules = { ...rulesDefaults, block: { tags: ['odd'] } }
    const forbidden = (pins: readonly RankedPin[]) => pins.filter(({ pin }) => pin % 2 === 1)
    const planted = (more: Partial<RankingServices> = {}) => {
      const services = world(more)
      return { ...services, rules: () => new ActiveRules(rules, services.names.tag) }
    }
    const limit = 40
    const open = await recommend(request({ limit }), world())
    expect(forbidden(open.pins).length).toBeGreaterThan(0)
    const off = request({ limit, off: ['slate', 'plain slate'] })
    const clock = new ManualClock(1_000)
    const slow: Source = { ...broken, name: 'slow', find: () => clock.advance(60_000) }
    const { mixed } = generations
    const select = () => {
      throw new Error('the slate is gone')
    }
    const replies = await Promise.all([
      recommend(request({ limit }), planted()),
      recommend(off, planted()),
      runPipeline(
        { ...mixed, sources: [...mixed.sources, slow] },
        request({ limit, deadline: 2_000 }),
        planted({ clock }),
      ),
      runPipeline({ ...mixed, selector: { ...mixed.selector, select } }, request(), planted()),
    ])
    for (const { pins, trace } of replies) {
      expect(pins.length).toBeGreaterThan(0)
      expect(forbidden(pins)).toEqual([])
      expect(trace.at(-1)).toMatchObject({
        kind: 'selector',
        outcome: 'ok',
        dropped: { 'blocked tag': 30 },
      })
    }
    expect(replies.map(({ trace }) => trace.at(-1)?.stage)).toEqual([
      'slate',
      'plain slate',
      'plain slate',
      'plain slate',
    ])
  })
  test('every stage is in the trace, in order, with what went in and came out', async () => {
    const { trace } = await recommend(request(), world())
    expect(trace.map(({ stage }) => stage)).toEqual([
      'walk',
      'neighbours',
      'sequences',
      'tags',
      'popular',
      'fresh',
      'gone',
      'known',
      'model',
      'light',
      'slate',
    ])
    for (const [i, entry] of trace.entries()) {
      if (i > 0) expect(entry.candidatesIn).toBe(trace[i - 1]!.candidatesOut)
    }
  })
})

test('what the host swaps during a request is for the next one', async () => {
  const steady = await recommend(request(), world())
  let swapped = 0
  const services = world()
  const once = { catalogue: services.catalogue(), sequences: services.sequences() }
  const swap = <T>(first: T, later: T) => {
    let calls = 0
    return () => {
      if (calls++ === 0) return first
      swapped++
      return later
    }
  }
  const { pins } = await recommend(request(), {
    ...services,
    catalogue: swap(once.catalogue, new CatalogueIndex()),
    sequences: swap(once.sequences, undefined),
  })
  expect(pins).toEqual(steady.pins)
  expect(swapped).toBe(0)
})

test('a pin that is deleted while the model is asked is not served', async () => {
  let services = world()
  const first = (await recommend(request(), services)).pins[0]!.pin
  const model: RankerModel = {
    version: 'slow',
    inputs: featureNames,
    score: async (_matrix, rows) => {
      services.features.deletePin(first, 3_000)
      return new Float32Array(rows).fill(1)
    },
  }
  services = world({ model: () => model })
  const { pins, rung } = await recommend(request({ limit: 60 }), services)
  expect(rung).toBe('full')
  expect(pins.length).toBeGreaterThan(10)
  expect(pins.map(({ pin }) => pin)).not.toContain(first)
})

test('related pins come from the pin’s own community', async () => {
  const asked = request({
    user: user([]),
    relatedTo: [7 as PinIndex],
    generation: 'collaborative',
    limit: 4,
  })
  const { pins } = await recommend({ ...asked, off: ['popular'] }, world())
  expect(pins.every(({ pin }) => pin % 2 === 1 && pin !== 7)).toBe(true)
  expect(pins.every(({ because }) => because === 7)).toBe(true)
})

test('the slate keeps its caps while there is something else to show', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(PINS - 1), { minLength: 1, maxLength: 6 }),
      async (seeds) => {
        const services = world()
        const { pins } = await recommend(request({ user: user(seeds), limit: 20 }), services)
        const perTopic = Math.ceil(20 * slateDefaults.topicShare)
        const first = pins.slice(0, 20).map(({ pin }) => services.features.topic(pin))
        for (const topic of new Set(first)) {
          expect(first.filter((t) => t === topic).length).toBeLessThanOrEqual(perTopic)
        }
      },
    ),
    { numRuns: 30 },
  )
})
