/** A pin looked at closely: what it is, why it is in this feed, and what lies near it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Feed, fetchRelated, type PinCard, type RecommendedPin } from './api.ts'
import { now } from './browser.ts'
import type { Mark, ShownPin } from './feed-state.ts'
import { Icon } from './icons.tsx'
import { Poster, titleOf } from './poster.tsx'
import { Why } from './tile.tsx'
import { WhyTable } from './why-table.tsx'

type Props = {
  readonly item: ShownPin
  /** The answer that the pin came in. */
  readonly feed: Feed | undefined
  readonly mark: Mark | undefined
  readonly onSave: (item: ShownPin) => void
  readonly onHide: (item: ShownPin) => void
  /** With the seconds it was open. */
  readonly onClose: (item: ShownPin, seconds: number) => void
}

export function PinDrawer({ item, feed, mark, onSave, onHide, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const opened = useRef(now())
  const { card } = item
  const title = titleOf(card)

  useEffect(() => {
    dialog.current?.showModal()
  }, [])

  const close = () => dialog.current?.close()
  return (
    // A click on the backdrop is one on the dialog itself; Escape closes a modal dialog by itself.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape and the close button
    <dialog
      ref={dialog}
      class="drawer"
      aria-label={title}
      onClose={() => onClose(item, (now() - opened.current) / 1000)}
      onClick={(event) => {
        if (event.target === dialog.current) close()
      }}
    >
      <div class="drawer-body">
        <button type="button" class="round drawer-close" onClick={close}>
          <Icon name="close" />
          <span class="hidden-text">Close</span>
        </button>
        <Poster card={card} />
        <h2>{title}</h2>
        {card.description === undefined ? null : <p>{card.description}</p>}
        <Tags card={card} />
        <p class="counts">
          {counted(card.saves, 'save')} · {counted(card.closeups, 'close-up')} ·{' '}
          {counted(card.impressions, 'impression')}
        </p>
        <div class="drawer-actions">
          <button
            type="button"
            class="save"
            disabled={mark !== undefined}
            onClick={() => {
              onSave(item)
              close()
            }}
          >
            {mark === 'saved' ? 'Saved' : 'Save'}
          </button>
          <button
            type="button"
            class="quiet"
            disabled={mark !== undefined}
            onClick={() => {
              onHide(item)
              close()
            }}
          >
            Hide
          </button>
        </div>
        <section aria-label="Why this pin">
          <h3>Why this pin</h3>
          <Why item={item} />
          <WhyTable item={item} feed={feed} />
        </section>
        <Related pin={item.pin} />
      </div>
    </dialog>
  )
}

function Tags({ card }: { readonly card: PinCard }) {
  // A topic is often among the tags too, in other letters.
  const names = [...(card.topic === undefined ? [] : [card.topic]), ...card.tags].filter(
    (name, i, all) => all.findIndex((other) => sameWord(name, other)) === i,
  )
  if (names.length === 0) return null
  return (
    <ul class="chips" aria-label="Tags">
      {names.map((name) => (
        <li key={name}>{name}</li>
      ))}
    </ul>
  )
}

function sameWord(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

function Related({ pin }: { readonly pin: string }) {
  const [items, setItems] = useState<readonly RecommendedPin[]>([])
  useEffect(() => {
    const abort = new AbortController()
    // Nobody asked for these: when they fail, the drawer is complete without them.
    fetchRelated(pin, 6, { signal: abort.signal }).then(
      (reply) => setItems(reply.items),
      () => setItems([]),
    )
    return () => abort.abort()
  }, [pin])
  if (items.length === 0) return null
  return (
    <section aria-label="More like this">
      <h3>More like this</h3>
      <ul class="related">
        {items.map(({ card }) => (
          <li key={card.id}>
            <Poster card={card} />
            {card.image === undefined ? null : <span>{titleOf(card)}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}
