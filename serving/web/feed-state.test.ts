import { expect, test } from 'vitest'
import { ApiError, type Feed } from './api.ts'
import { type FeedAction, type FeedState, feedReducer, feedStart } from './feed-state.ts'

const card = {
  tags: [],
  saves: 0,
  closeups: 0,
  impressions: 0,
  hides: 0,
  outbounds: 0,
  declared: 0,
  stub: false,
}
const feed = (request: string, ...pins: string[]): Feed => ({
  request,
  generation: 'mixed',
  rung: 'full',
  epoch: 1,
  items: pins.map((pin) => ({
    pin,
    score: 1,
    propensity: 1,
    sources: [],
    card: { id: pin, ...card },
  })),
})
const play = (...actions: FeedAction[]): FeedState => actions.reduce(feedReducer, feedStart)
const ask = (asked: number, keep = false): FeedAction => ({ type: 'ask', asked, keep })
const answer = (asked: number, given: Feed, more = false): FeedAction => {
  return { type: 'answer', asked, feed: given, more }
}
const shown = (state: FeedState) => state.pins.map((item) => item.pin)

test('an answer shows its pins, each with the request and rank it came with', () => {
  const state = play(ask(1), answer(1, feed('r1', 'a', 'b')))
  expect(state.phase).toBe('ready')
  expect(state.pins.map(({ pin, request, rank }) => [pin, request, rank])).toEqual([
    ['a', 'r1', 0],
    ['b', 'r1', 1],
  ])
})

test('the answer to an older question is ignored, and so is its failure', () => {
  const state = play(ask(1), ask(2), answer(1, feed('r1', 'a')))
  expect(state.phase).toBe('loading')
  const error = new ApiError('OVERLOADED', 'later')
  expect(feedReducer(state, { type: 'fail', asked: 1, error })).toBe(state)
})

test('more pins are put below, without those already there', () => {
  const first = play(ask(1), answer(1, feed('r1', 'a', 'b')), ask(2, true))
  const state = feedReducer(first, answer(2, feed('r2', 'b', 'c'), true))
  expect(shown(state)).toEqual(['a', 'b', 'c'])
  expect(state.pins[2]).toMatchObject({ request: 'r2', rank: 2 })
  expect(state.ended).toBe(false)
  const end = [ask(3, true), answer(3, feed('r3', 'c'), true)].reduce(feedReducer, state)
  expect(end.ended).toBe(true)
})

test('a mark stands until it is taken back, or until its pin is gone', () => {
  const mark = { type: 'mark', pin: 'a', mark: 'saved' } as const
  const marked = play(ask(1), answer(1, feed('r1', 'a', 'b')), mark)
  expect(marked.marks).toEqual({ a: 'saved' })
  expect(feedReducer(marked, { ...mark, mark: undefined }).marks).toEqual({})
  const next = [ask(2, true), answer(2, feed('r2', 'b'))].reduce(feedReducer, marked)
  expect(next.marks).toEqual({})
})

test('a failure keeps what was shown; a new question clears the failure', () => {
  const error = new ApiError('OVERLOADED', 'later')
  const failed = play(ask(1), answer(1, feed('r1', 'a')), ask(2, true), {
    type: 'fail',
    asked: 2,
    error,
  })
  expect(failed).toMatchObject({ phase: 'failed', error })
  expect(shown(failed)).toEqual(['a'])
  expect(feedReducer(failed, ask(3, true))).not.toHaveProperty('error')
})
