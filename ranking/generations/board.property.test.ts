/** The laws of pins for a board, for any board, owner and catalogue. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PinIndex, TagIndex } from '../../base/index.ts'
import { featureNames } from '../features/feature-matrix.ts'
import { facts, RECORD } from '../features/feature-table.ts'
import type { BoardFacts, RankRequest } from '../pipeline/request.ts'
import type { RankingServices } from '../pipeline/services.ts'
import { PINS, request, user, world } from '../pipeline/testing.ts'
import { ActiveRules } from '../slate/active-rules.ts'
import { rulesDefaults } from '../slate/rules.ts'
import { TagWords } from '../sources/tag-words.ts'
import { generationNames, recommend } from './index.ts'

const EVEN = 0 as TagIndex

/** Pins with an even number have the tag and topic "even", the others "odd". */
function worldOf(gone: readonly number[] = [], hidden: readonly number[] = []) {
  const services = world()
  const words = new TagWords(services.names.tag)
  for (const _ of words.learnSteps());
  const rules = { ...rulesDefaults, caps: { hard: {}, soft: {} } }
  const active = new ActiveRules(rules, services.names.tag)
  for (const p of gone) services.features.deletePin(p as PinIndex, 99_999)
  for (const p of hidden) services.graph().delta.hide(p, true)
  return { ...services, tagWords: () => words, rules: () => active }
}

const boardOf = (pins: readonly number[], title = ''): BoardFacts => ({
  title,
  pins: pins as PinIndex[],
  seeds: pins.map((pin, age) => ({ pin: pin as PinIndex, weight: 0.9 ** age, time: 900 })),
})

const pin = fc.nat(PINS - 1)
const some = (maxLength: number) => fc.uniqueArray(pin, { maxLength })
const title = fc.constantFrom('', 'Even things', 'ODD', 'odd & even', 'Nothing of the kind')
const asks = fc.record({
  onBoard: some(5),
  title,
  saved: some(4),
  exclude: some(6),
  gone: some(6),
  hidden: some(6),
  limit: fc.integer({ min: 1, max: 30 }),
})

type Ask = {
  readonly onBoard: readonly number[]
  readonly title: string
  readonly saved: readonly number[]
  readonly exclude: readonly number[]
  readonly limit: number
}

function asked(
  { onBoard, title, saved, exclude, limit }: Ask,
  more: Partial<RankRequest> = {},
): RankRequest {
  const board = boardOf(onBoard, title)
  return request({ user: user(saved), board, exclude: exclude as PinIndex[], limit, ...more })
}

async function answer(asked: RankRequest, services: RankingServices) {
  const { trace: _trace, ...reply } = await recommend(asked, services)
  return reply
}

describe.each(generationNames)('generation %s', (generation) => {
  test('nothing on the board, known to its owner, excluded, gone or hidden; full if it can be', async () => {
    await fc.assert(
      fc.asyncProperty(asks, async ({ gone, hidden, ...ask }) => {
        const { onBoard, saved, exclude, limit } = ask
        const request = asked(ask, { generation })
        const reply = await answer(request, worldOf(gone, hidden))
        const answered = reply.pins.map(({ pin }) => pin)
        const banned = new Set([...onBoard, ...saved, ...exclude, ...gone, ...hidden])
        expect(answered.filter((p) => banned.has(p))).toEqual([])
        expect(new Set(answered).size).toBe(answered.length)
        expect(answered.length).toBe(Math.min(limit, PINS - banned.size))
        expect(await answer(request, worldOf(gone, hidden))).toEqual(reply)
      }),
      { numRuns: 40 },
    )
  })
})

test('the highest rung that has something to say answers, and is named', async () => {
  await fc.assert(
    fc.asyncProperty(asks, async ({ gone, hidden, ...ask }) => {
      const { onBoard, saved, exclude, title } = ask
      const reply = await answer(asked(ask), worldOf(gone, hidden))
      const banned = new Set([...saved, ...exclude, ...gone, ...hidden])
      const isMeant = (p: number) => title.toLowerCase().includes(p % 2 === 0 ? 'even' : 'odd')
      const open = Array.from({ length: PINS }, (_, p) => p).filter((p) => !banned.has(p))
      const below = saved.length > 0 ? 'owner' : 'popular'
      const byTitle = open.some(isMeant) ? 'title' : below
      expect(reply.rung).toBe(onBoard.length > 0 ? 'light' : byTitle)
      if (reply.rung !== 'title') return
      // Whatever the title means stands before all else.
      const meant = reply.pins.map(({ pin }) => isMeant(pin))
      expect(meant).toEqual([...meant].sort((a, b) => Number(b) - Number(a)))
      expect(reply.generation).toBe('tags')
    }),
  )
})

test('however popular something is, what the title means stands before it', async () => {
  const services = worldOf()
  const { records } = services.features.columns
  for (let p = 0; p < PINS; p++) records[p * RECORD + facts.saves] = p % 2 === 0 ? 0 : 4e9
  // As little as a title may mean a tag.
  const half = Object.assign(services.tagWords(), { meant: () => new Map([[EVEN as number, 0.5]]) })
  const planted = { ...services, tagWords: () => half }
  const board = boardOf([], 'even')
  const { pins, rung } = await answer(request({ user: user([]), board, limit: PINS }), planted)
  expect(rung).toBe('title')
  expect(pins.findIndex(({ pin }) => pin % 2 === 1)).toBe(30)
})

test('a title whose pins may not be shown says nothing', async () => {
  const odd = Array.from({ length: PINS / 2 }, (_, n) => 2 * n + 1)
  const board = boardOf([], 'Odd things')
  const ask = (more: Partial<RankRequest>) => request({ user: user([]), board, ...more })
  const [gone, hidden] = [worldOf(odd), worldOf([], odd)]
  expect((await answer(ask({}), gone)).rung).toBe('popular')
  expect((await answer(ask({ user: user([2]) }), hidden)).rung).toBe('owner')
  expect((await answer(ask({ exclude: odd as PinIndex[] }), worldOf())).rung).toBe('popular')
  expect((await answer(ask({ exclude: odd.slice(1) as PinIndex[] }), worldOf())).rung).toBe('title')
})

test('a board without pins and title is its owner’s feed', async () => {
  const services = worldOf()
  const ask = { onBoard: [], title: '', saved: [3, 5], exclude: [], limit: 10 }
  const { pins } = await answer(request({ user: user([3, 5]) }), services)
  expect((await answer(asked(ask), services)).pins).toEqual(pins)
})

test('whoever speaks for it, a ranker is asked on the page of a board, unless another is named', async () => {
  const pages: number[] = []
  const score = async (matrix: Float32Array, rows: number) => {
    pages.push(matrix[featureNames.indexOf('page_home')]!)
    return new Float32Array(rows)
  }
  const model = { version: 'planted', inputs: featureNames, score }
  const services = { ...worldOf(), model: () => model }
  const ask = { title: '', saved: [3, 5], exclude: [], limit: 10 }
  await answer(asked({ ...ask, onBoard: [4] }), services)
  await answer(asked({ ...ask, onBoard: [] }), services)
  await answer(asked({ ...ask, onBoard: [] }, { surface: 'home' }), services)
  await answer(request({ user: user([3, 5]) }), services)
  expect(pages).toEqual([0, 0, 1, 1])
})

test('pins of a board speak as a user’s do, and the owner’s own tastes do not', async () => {
  const services = worldOf()
  const board = boardOf([4, 10])
  const owner = { ...user([3]), topics: [1 as TagIndex] }
  const { seeds } = board
  const limit = PINS
  const alone = { ...user([3]), seeds, exclude: [4, 10, 3] as PinIndex[] }
  const { pins } = await answer(request({ user: owner, board, limit }), services)
  expect(pins).toEqual((await answer(request({ user: alone, limit }), services)).pins)
  expect(pins.slice(0, 5).every(({ pin }) => services.features.topic(pin) === EVEN)).toBe(true)
})

test('a board may be of one topic: the soft cap of topics is for feeds', async () => {
  const services = worldOf()
  const caps = { hard: {}, soft: { topic: { share: 0.6 } } }
  const rules = new ActiveRules({ ...rulesDefaults, caps }, services.names.tag)
  const planted = { ...services, rules: () => rules }
  const topics = async (more: Partial<RankRequest>) => {
    const { pins } = await answer(request({ limit: 10, ...more }), planted)
    return pins.filter(({ pin }) => services.features.topic(pin) === EVEN).length
  }
  expect(await topics({ user: user([4, 10]) })).toBe(6)
  expect(await topics({ user: user([4, 10]), board: boardOf([4, 10]) })).toBe(10)
  expect(await topics({ user: user([]), board: boardOf([], 'even') })).toBe(10)
})

test('a fitted model is asked for who saved what is on the board, and no one by name alone', async () => {
  const askedFor: (readonly number[])[] = []
  const fitted = {
    version: 'f',
    pinOf: Uint32Array.of(),
    score: async ({ saved }: { readonly saved: readonly number[] }) => {
      askedFor.push(saved)
      return undefined
    },
  }
  const services = { ...worldOf(), fitted: () => fitted }
  const more = { generation: 'collaborative', user: user([3, 7]) } as const
  await recommend(request({ ...more, board: boardOf([4, 10]) }), services)
  await recommend(request({ ...more, board: boardOf([], 'even') }), services)
  await recommend(request({ ...more, board: boardOf([]) }), services)
  // Oldest first.
  expect(askedFor).toEqual([
    [10, 4],
    [7, 3],
  ])
})
