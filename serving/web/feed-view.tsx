/** The feed of one user: its head line, its tiles, and what stands there when there are none. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks'
import { type ApiError, type GenerationName, sendEvents } from './api.ts'
import { freshId, later, now, placeHere } from './browser.ts'
import type { FeedState, ShownPin } from './feed-state.ts'
import { Impressions } from './impressions.ts'
import { MasonryGrid } from './masonry-grid.tsx'
import { PinDrawer } from './pin-drawer.tsx'
import { titleOf } from './poster.tsx'
import { Tile } from './tile.tsx'
import type { Message } from './toast.tsx'
import { useFeed } from './use-feed.ts'

type Props = {
  readonly user: string
  readonly generation: GenerationName
  readonly onError: (error: ApiError) => void
  readonly onMessage: (message: Message) => void
}

export function FeedView({ user, generation, onError, onMessage }: Props) {
  const { state, reload, more, act } = useFeed(user, generation, onError)
  const [open, setOpen] = useState<ShownPin>()
  const onView = useViews(user, generation)

  const save = useCallback(
    async (item: ShownPin) => {
      const text = `Saved “${titleOf(item.card)}”`
      const undo = () => void act('unsave', item)
      if (await act('save', item)) onMessage({ text, kind: 'done', undo })
    },
    [act, onMessage],
  )
  const hide = useCallback(
    async (item: ShownPin) => {
      const text = `“${titleOf(item.card)}” will not come back`
      if (await act('hide', item)) onMessage({ text, kind: 'done' })
    },
    [act, onMessage],
  )
  const close = useCallback(
    (item: ShownPin, seconds: number) => {
      setOpen(undefined)
      act('closeup', item, seconds)
    },
    [act],
  )
  const busy = state.phase === 'loading'
  const version = state.pins.map((item) => item.pin).join(' ')
  return (
    <main>
      <Head user={user} state={state} />
      {state.pins.length > 0 ? (
        <MasonryGrid label={`Pins for ${user}`} busy={busy} version={version}>
          {state.pins.map((item) => (
            <Tile
              key={item.pin}
              item={item}
              mark={state.marks[item.pin]}
              onOpen={setOpen}
              onSave={save}
              onHide={hide}
              onView={onView}
            />
          ))}
        </MasonryGrid>
      ) : (
        <Nothing state={state} onRetry={reload} />
      )}
      {state.pins.length > 0 ? <Foot state={state} onMore={more} /> : null}
      {open ? (
        <PinDrawer
          item={open}
          feed={state.feed}
          mark={state.marks[open.pin]}
          onSave={save}
          onHide={hide}
          onClose={close}
        />
      ) : null}
    </main>
  )
}

/** Follows tiles through the window and tells the server which were seen. */
function useViews(user: string, generation: GenerationName) {
  const impressions = useMemo(
    () => new Impressions({ send: sendEvents, later, now, freshId, place: placeHere }),
    [],
  )
  useEffect(() => {
    const left = () => document.visibilityState === 'hidden' && impressions.flush()
    document.addEventListener('visibilitychange', left)
    return () => {
      document.removeEventListener('visibilitychange', left)
      impressions.flush()
    }
  }, [impressions])
  return useCallback(
    (item: ShownPin, visible: boolean) => {
      const { pin, request, rank, propensity } = item
      const showing = { user, pin, request, rank, generation, propensity }
      if (visible) impressions.enter(showing)
      else impressions.leave(showing)
    },
    [impressions, user, generation],
  )
}

function Head({ user, state }: { readonly user: string; readonly state: FeedState }) {
  const { feed } = state
  return (
    <header class="head">
      <h1>
        For <span>{user}</span>
      </h1>
      <p class="status" role="status" data-rung={feed?.rung} data-phase={state.phase}>
        {feed ? (
          <>
            <span class={`rung ${feed.rung}`}>{feed.rung}</span>
            {feed.ms === undefined ? null : <span>{Math.max(1, Math.round(feed.ms))} ms</span>}
            {feed.model === undefined ? null : <span>{feed.model}</span>}
            {feed.stale ? <span>not yet with your last save</span> : null}
          </>
        ) : null}
      </p>
      {feed?.rung === 'popular' && state.pins.length > 0 ? (
        <p class="note">
          Nothing is known of {user} yet, so these are pins that everyone likes. Save one, and the
          feed becomes theirs.
        </p>
      ) : null}
    </header>
  )
}

function Foot({ state, onMore }: { readonly state: FeedState; readonly onMore: () => void }) {
  if (state.ended) return <p class="foot">That is all there is for now.</p>
  const busy = state.phase === 'loading'
  return (
    <p class="foot">
      <button type="button" class="quiet" disabled={busy} onClick={onMore}>
        {busy ? 'Loading …' : 'Show more'}
      </button>
    </p>
  )
}

function Nothing({ state, onRetry }: { readonly state: FeedState; readonly onRetry: () => void }) {
  if (state.phase === 'loading') return <Skeleton />
  const failed = state.phase === 'failed'
  return (
    <section class="nothing">
      <h2>{failed ? 'The feed did not come' : 'Nothing to show'}</h2>
      <p>
        {failed
          ? state.error?.message
          : 'Every pin that fits was seen, saved or hidden. Try another recommender.'}
      </p>
      <button type="button" class="quiet" onClick={onRetry}>
        Try again
      </button>
    </section>
  )
}

const skeletonHeights = [260, 200, 300, 230, 280, 210, 250, 310, 220, 270]

function Skeleton() {
  return (
    <div class="skeleton" role="status" aria-label="Loading the feed">
      {skeletonHeights.map((height) => (
        <div key={height} style={{ height: `${height}px` }} />
      ))}
    </div>
  )
}
