import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock, type PinIndex } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { generationNames, generations, recommend } from '../generations/index.ts'
import { ActiveRules } from '../slate/active-rules.ts'
import { slateDefaults } from '../slate/capped.ts'
import { rulesDefaults } from '../slate/rules.ts'
import { CatalogueIndex } from '../sources/catalogue-index.ts'
import type { RankedPin, TraceEntry } from './request.ts'
import { runPipeline } from './run.ts'
import type { RankerModel, RankingServices } from './services.ts'
import { always, type Source } from './stage.ts'
import { PINS, request, user, world } from './testing.ts'

const lastSelector = (trace: readonly TraceEntry[]) =>
  trace.findLast(({ kind }) => kind === 'selector')

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
  test('with fewer candidates each source brings its part, the first not all', async () => {
    const bringing = (name: string, first: number): Source => ({
      ...broken,
      name,
      top: 10,
      find: ({ candidates }) => {
        for (let pin = first; pin < first + 10; pin++) candidates.add('walk', pin, 1)
      },
    })
    const sources = [bringing('one', 0), bringing('other', 10)]
    const composition = { ...generations.mixed, sources, filters: [], candidatesMax: 20 }
    const found = async (candidates?: number) => {
      const asked = request(candidates === undefined ? {} : { candidates })
      const { trace } = await runPipeline(composition, asked, world())
      return trace.filter(({ kind }) => kind === 'source').map((stage) => stage.candidatesOut)
    }
    expect(await found()).toEqual([10, 20])
    expect(await found(4)).toEqual([2, 4])
    expect(await found(1_000)).toEqual([10, 20])
  })
  test('one that is switched off leaves its trace', async () => {
    const reply = await recommend(request({ off: ['walk', 'slate'] }), world())
    expect(
      reply.trace.filter(({ outcome }) => outcome === 'off').map(({ stage }) => stage),
    ).toEqual(['walk', 'model', 'slate', 'sample'])
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
      expect(lastSelector(trace)).toMatchObject({
        outcome: 'ok',
        dropped: { 'blocked tag': 30 },
      })
    }
    expect(replies.map(({ trace }) => lastSelector(trace)?.stage)).toEqual([
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
      'sample',
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
