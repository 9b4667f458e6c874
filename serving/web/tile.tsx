/** One pin of the feed: its picture, what it is, why it is here, and what can be done with it. */
import { useEffect, useRef } from 'preact/hooks'
import type { Mark, ShownPin } from './feed-state.ts'
import { Icon } from './icons.tsx'
import { Poster, titleOf } from './poster.tsx'

export type TileProps = {
  readonly item: ShownPin
  readonly mark: Mark | undefined
  readonly onOpen: (item: ShownPin) => void
  readonly onSave: (item: ShownPin) => void
  readonly onHide: (item: ShownPin) => void
  readonly onView: (item: ShownPin, visible: boolean) => void
}

export function Tile({ item, mark, onOpen, onSave, onHide, onView }: TileProps) {
  const place = useRef<HTMLLIElement>(null)
  const { card } = item
  const title = titleOf(card)

  useEffect(() => {
    const element = place.current
    if (!element) return
    const observer = new IntersectionObserver(
      ([entry]) => onView(item, entry?.isIntersecting === true),
      { threshold: 0.5 },
    )
    observer.observe(element)
    return () => {
      observer.disconnect()
      onView(item, false)
    }
    // A new answer is a new showing, even of the same pin.
  }, [item.request, item.pin, onView])

  return (
    <li ref={place} class={`tile ${mark ?? ''}`} data-pin={item.pin}>
      <article aria-label={title}>
        <div class="picture">
          <button type="button" class="open" onClick={() => onOpen(item)}>
            <Poster card={card} />
            <span class="hidden-text">Open {title}</span>
          </button>
          <div class="actions">
            <button
              type="button"
              class="save"
              disabled={mark !== undefined}
              onClick={() => onSave(item)}
            >
              {mark === 'saved' ? <Icon name="check" /> : null}
              {mark === 'saved' ? 'Saved' : 'Save'}
              <span class="hidden-text"> {title}</span>
            </button>
            <button
              type="button"
              class="round hide"
              title="Hide this pin"
              disabled={mark !== undefined}
              onClick={() => onHide(item)}
            >
              <Icon name="hide" />
              <span class="hidden-text">Hide {title}</span>
            </button>
          </div>
        </div>
        <div class="words">
          {card.image === undefined ? null : <h2>{title}</h2>}
          <Why item={item} />
        </div>
      </article>
    </li>
  )
}

/** The reason in a line: the save that spoke loudest, or the source that proposed the pin. */
export function Why({ item }: { readonly item: ShownPin }) {
  if (item.because !== undefined) {
    const because = { id: item.because, ...(item.becauseTitle && { title: item.becauseTitle }) }
    return (
      <p class="why">
        Because you saved <strong>{titleOf(because)}</strong>
      </p>
    )
  }
  const source = item.sources[0]
  return source === undefined ? null : <p class="why">{reasons[source] ?? `From ${source}`}</p>
}

const reasons: Readonly<Record<string, string>> = {
  popular: 'Popular with everyone',
  fresh: 'New here',
  tags: 'Shares your tags',
  walk: 'Near what you saved',
}
