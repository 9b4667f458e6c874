/**
 * What the feed shows, as a fold of what happened to it. An answer to an older question is ignored;
 * a save or hide shows at once (`marks`) and is taken back when the server does not take it.
 */
import type { ApiError, Feed, RecommendedPin } from './api.ts'

export type Mark = 'saved' | 'hidden'
/** An item, with the answer it came in: what an impression must tell. */
export type ShownPin = RecommendedPin & { readonly request: string; readonly rank: number }

export type FeedState = {
  /** Number of the question whose answer is awaited or shown. */
  readonly asked: number
  readonly phase: 'loading' | 'ready' | 'failed'
  /** The head of the last answer: rung, model, trace. */
  readonly feed?: Feed
  readonly pins: readonly ShownPin[]
  readonly marks: Readonly<Record<string, Mark>>
  readonly error?: ApiError
  /** No more pins are to be had. */
  readonly ended: boolean
}

export type FeedAction =
  | { readonly type: 'ask'; readonly asked: number; readonly keep: boolean }
  | { readonly type: 'answer'; readonly asked: number; readonly feed: Feed; readonly more: boolean }
  | { readonly type: 'fail'; readonly asked: number; readonly error: ApiError }
  | { readonly type: 'mark'; readonly pin: string; readonly mark: Mark | undefined }

export const feedStart: FeedState = {
  asked: 0,
  phase: 'loading',
  pins: [],
  marks: {},
  ended: false,
}

export function feedReducer(state: FeedState, action: FeedAction): FeedState {
  switch (action.type) {
    case 'ask': {
      const { error: _error, ...rest } = action.keep ? state : feedStart
      return { ...rest, asked: action.asked, phase: 'loading' }
    }
    case 'answer':
      return action.asked === state.asked ? answered(state, action.feed, action.more) : state
    case 'fail':
      if (action.asked !== state.asked) return state
      return { ...state, phase: 'failed', error: action.error }
    case 'mark': {
      const { [action.pin]: _old, ...others } = state.marks
      const marks = action.mark ? { ...others, [action.pin]: action.mark } : others
      return { ...state, marks }
    }
  }
}

function answered(state: FeedState, feed: Feed, more: boolean): FeedState {
  const kept = more ? state.pins : []
  const known = new Set(kept.map((item) => item.pin))
  const fresh = feed.items
    .filter((item) => !known.has(item.pin))
    .map((item, i) => ({ ...item, request: feed.request, rank: kept.length + i }))
  const pins = [...kept, ...fresh]
  const shown = new Set(pins.map((item) => item.pin))
  const marks = Object.fromEntries(Object.entries(state.marks).filter(([pin]) => shown.has(pin)))
  return { asked: state.asked, phase: 'ready', feed, pins, marks, ended: fresh.length === 0 }
}
