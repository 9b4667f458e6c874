/** Generation 2 under a fitted model, against the order of all pins by brute force. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Interner, NONE, type PinIndex, systemClock } from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import type { Saver } from '../fitted/index.ts'
import { recommend } from '../generations/index.ts'
import { QUANTA } from '../pipeline/by-score.ts'
import type { RankRequest, UserContext } from '../pipeline/request.ts'
import { type FittedRanker, type RankingServices, ScratchPool } from '../pipeline/services.ts'
import { CatalogueIndex, catalogueIndexSteps } from './catalogue-index.ts'

const PINS = 30
/** Pin numbers that the order of ids turns around. */
const idOf = (pin: number) => `p${String(99 - pin)}`

/** One score an item; items are the pins that it knows, by their ids. */
function planted(known: readonly number[], scores: readonly number[]) {
  const asked: Saver[] = []
  const pins = known.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  const pinOf = Uint32Array.from([...pins, NONE])
  const values = Float64Array.from([...pins, 0], (pin) => scores[pin % scores.length]!)
  const scoreOf = (pin: number) => {
    const item = pinOf.indexOf(pin)
    return item < 0 ? undefined : values[item]
  }
  const model: FittedRanker = {
    version: 'planted',
    pinOf,
    score: async (saver) => {
      asked.push(saver)
      return saver.saved.length === 0 ? undefined : { values, pinOf, scoreOf }
    },
  }
  return { model, asked, scoreOf }
}

function services(model?: FittedRanker): RankingServices & { features: FeatureTable } {
  const pins = Array.from({ length: PINS }, (_, pin) => pin)
  const boards = pins.map((pin) => pin % 5)
  const counts = { edgeCount: PINS, pinCount: PINS, boardCount: 5 }
  const lists = { pins: Uint32Array.from(pins), boards: Uint32Array.from(boards) }
  const frozen = buildGraph({ ...lists, ...counts })
  const room = { pinCapacity: PINS, boardCapacity: 5, edgeCapacity: 5 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 1)
  const features = FeatureTable.create(PINS)
  const names = { pin: new Interner(), tag: new Interner() }
  for (const pin of pins) {
    names.pin.intern(idOf(pin))
    features.applyPin(pin as PinIndex, 1, { created: 1, tags: [] })
  }
  const steps = catalogueIndexSteps(features)
  let step = steps.next()
  while (!step.done) step = steps.next()
  const catalogue = step.value ?? new CatalogueIndex()
  return {
    graph: () => view,
    features,
    catalogue: () => catalogue,
    sequences: () => undefined,
    model: () => undefined,
    fitted: () => model,
    names: names as never,
    clock: systemClock,
    scratch: new ScratchPool(PINS),
    count: () => {},
  }
}

function asking(user: Partial<UserContext>, more: Partial<RankRequest> = {}): RankRequest {
  const nobody = { topics: [], boards: [], saves: 0, closeups: 0, impressions: 0, lastActive: 9 }
  const exclude = user.exclude ?? []
  const seeds = exclude.slice(0, user.savedCount).map((pin) => ({ pin, weight: 1, time: 9 }))
  return {
    user: { known: true, hash: 7, exclude, savedCount: 0, seeds, ...nobody, ...user },
    limit: 10,
    generation: 'collaborative',
    exclude: [],
    at: 99,
    seed: 1,
    deadline: Number.POSITIVE_INFINITY,
    explain: false,
    // Rules of slates are another matter.
    off: ['slate'],
    ...more,
  }
}
const pin = fc.nat(PINS - 1)
const some = (maxLength: number) => fc.uniqueArray(pin, { maxLength })

test('the best of all pins, ties by id, without what may not be shown; others come after', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Few values, or ones that quantise alike: many ties.
      fc.array(fc.constantFrom(0, 1, -1, 1 + 1e-7, 2), { minLength: 1, maxLength: 9 }),
      some(PINS).filter((known) => known.length > 0),
      some(4).filter((saved) => saved.length > 0),
      some(6),
      some(4),
      some(4),
      async (scores, known, saved, exclude, gone, hidden) => {
        const { model, scoreOf } = planted(known, scores)
        const host = services(model)
        for (const p of gone) host.features.deletePin(p as PinIndex, 99)
        for (const p of hidden) host.graph().delta.hide(p, true)
        const user = { exclude: saved as PinIndex[], savedCount: saved.length }
        const request = asking(user, { exclude: exclude as PinIndex[], limit: PINS })
        const { pins, model: version } = await recommend(request, host)
        const banned = new Set([...saved, ...exclude, ...gone, ...hidden])
        const rank = (p: number) => Math.round(scoreOf(p)! * QUANTA)
        const wanted = known
          .filter((p) => !banned.has(p))
          .sort((a, b) => rank(b) - rank(a) || (idOf(a) < idOf(b) ? -1 : 1))
        expect(version).toBe('planted')
        expect(pins.map(({ pin }) => pin).slice(0, wanted.length)).toEqual(wanted)
        const unknown = Array.from({ length: PINS }, (_, p) => p).filter((p) => !known.includes(p))
        const rest = pins.slice(wanted.length).map(({ pin }) => pin)
        expect(rest.toSorted((a, b) => a - b)).toEqual(unknown.filter((p) => !banned.has(p)))
      },
    ),
    { numRuns: 60 },
  )
})

test('it is asked for all that is saved, oldest first, and only then', async () => {
  const { model, asked } = planted([1, 2, 3], [1])
  const exclude = [5, 4, 3, 9] as PinIndex[]
  await recommend(asking({ exclude, savedCount: 3, hash: 11 }), services(model))
  expect(asked).toEqual([{ hash: 11, saved: [3, 4, 5] }])
  const stranger = await recommend(asking({ exclude, savedCount: 0 }), services(model))
  const related = asking({ exclude, savedCount: 3 }, { relatedTo: [1 as PinIndex] })
  const others = await recommend(related, services(model))
  expect(asked).toHaveLength(1)
  expect([stranger.model, others.model]).toEqual([undefined, undefined])
})

test('without one, or when it fails, the similarities answer', async () => {
  const user = { exclude: [5, 4] as PinIndex[], savedCount: 2 }
  const strip = async (model?: FittedRanker) => {
    const { trace: _trace, ...reply } = await recommend(asking(user), services(model))
    return reply
  }
  const without = await strip()
  expect(without).toMatchObject({ rung: 'full', generation: 'collaborative' })
  expect(without).not.toHaveProperty('model')
  const score = async () => {
    throw new Error('the model is out of order')
  }
  expect(await strip({ version: 'broken', pinOf: new Uint32Array(0), score })).toEqual(without)
})

test('a model that gives a score which is no number is not listened to', async () => {
  const { model } = planted([1, 2, 3], [Number.NaN])
  const user = { exclude: [5] as PinIndex[], savedCount: 1 }
  const { pins, trace, ...reply } = await recommend(asking(user, { limit: PINS }), services(model))
  expect(trace[0]).toMatchObject({ stage: 'fitted', outcome: 'failed' })
  expect(reply).not.toHaveProperty('model')
  expect(pins).toHaveLength(PINS - 1)
})
