/** The feed of one user: asks, follows what the reader does, and asks again after it is written. */
import { useCallback, useEffect, useReducer, useRef } from 'preact/hooks'
import type { EventKind } from '../../base/index.ts'
import { ApiError, fetchFeed, type GenerationName, sendEvents } from './api.ts'
import { freshId, freshSeed, now, placeHere } from './browser.ts'
import { type FeedState, feedReducer, feedStart, type ShownPin } from './feed-state.ts'

const PAGE = 40
const PINS_MAX = 100

export type FeedControls = {
  readonly state: FeedState
  readonly reload: () => void
  readonly more: () => void
  /** Saves, hides or takes a save back; resolves to whether the server took it. */
  readonly act: (kind: EventKind, item: ShownPin, dwell?: number) => Promise<boolean>
}
type Question = { readonly more?: boolean; readonly keep?: boolean; readonly after?: string }

const shownAs = { save: 'saved', hide: 'hidden' } as const

export function useFeed(
  user: string,
  generation: GenerationName,
  onError: (error: ApiError) => void,
): FeedControls {
  const [state, dispatch] = useReducer(feedReducer, feedStart)
  const asked = useRef(0)
  const abort = useRef(new AbortController())
  const latest = useRef(state)
  latest.current = state
  // One seed a visit: what changes between two feeds is then what the reader did, not chance.
  const seed = useRef(freshSeed())

  const ask = useCallback(
    async ({ more = false, keep = more, after }: Question) => {
      const number = ++asked.current
      abort.current.abort()
      abort.current = new AbortController()
      const { signal } = abort.current
      const pins = latest.current.pins.map((item) => item.pin)
      const limit = more || !keep ? PAGE : Math.min(PINS_MAX, Math.max(PAGE, pins.length))
      dispatch({ type: 'ask', asked: number, keep })
      try {
        const exclude = more ? { exclude: pins } : {}
        const position = after === undefined ? {} : { after }
        const question = { user, generation, limit, seed: seed.current, place: placeHere() }
        const feed = await fetchFeed({ ...question, ...exclude, ...position }, { signal })
        dispatch({ type: 'answer', asked: number, feed, more })
      } catch (cause) {
        if (signal.aborted) return
        const error = asApiError(cause)
        dispatch({ type: 'fail', asked: number, error })
        onError(error)
      }
    },
    [user, generation, onError],
  )

  useEffect(() => {
    // Another recommender, same user: what both show stays and glides to its new place.
    ask({ keep: true })
    return () => abort.current.abort()
  }, [ask])

  const act = useCallback(
    async (kind: EventKind, item: ShownPin, dwell?: number) => {
      const mark = kind === 'save' || kind === 'hide' ? shownAs[kind] : undefined
      if (mark) dispatch({ type: 'mark', pin: item.pin, mark })
      try {
        const after = await sendEvents([eventOf(kind, { user, item, generation, dwell })])
        // A look into a pin teaches the next feed, but does not pull this one away.
        if (kind !== 'closeup') await ask({ keep: true, ...(after !== undefined && { after }) })
        return true
      } catch (cause) {
        if (mark) dispatch({ type: 'mark', pin: item.pin, mark: undefined })
        onError(asApiError(cause))
        return false
      }
    },
    [ask, user, generation, onError],
  )

  const reload = useCallback(() => void ask({}), [ask])
  const more = useCallback(() => void ask({ more: true }), [ask])
  return { state, reload, more, act }
}

type EventParts = {
  readonly user: string
  readonly item: ShownPin
  readonly generation: GenerationName
  readonly dwell: number | undefined
}

function eventOf(kind: EventKind, { user, item, generation, dwell }: EventParts) {
  const { pin, request, rank } = item
  const seen = dwell === undefined ? {} : { dwell: Math.min(dwell, 86_400) }
  const context = { request, rank, generation, ...placeHere(), ...seen }
  return { kind, id: freshId(), time: now(), user, pin, context }
}

function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError('UNREACHABLE', String(cause))
}
