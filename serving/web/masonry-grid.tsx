/**
 * Shows tiles as a masonry. Tiles keep their place in the document and are moved by transforms, so
 * that a feed that changed is seen to change: what stays glides, what is new fades in.
 */
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { later } from './browser.ts'
import { gridFor, placeTiles } from './masonry.ts'

const GLIDE_MS = 500

type Props = {
  readonly label: string
  readonly busy: boolean
  /** Changes when the tiles are others than before. */
  readonly version: string
  readonly children: ComponentChildren
}

export function MasonryGrid({ label, busy, version, children }: Props) {
  const list = useRef<HTMLUListElement>(null)

  useLayoutEffect(() => {
    const element = list.current
    if (!element) return
    const observer = new ResizeObserver(() => arrange(element))
    observer.observe(element)
    for (const tile of element.children) observer.observe(tile)
    // Tiles glide when the feed changes, but not when pictures find their size.
    element.classList.toggle('gliding', element.childElementCount > 0)
    arrange(element)
    const settle = later(GLIDE_MS, () => element.classList.remove('gliding'))
    return () => {
      settle()
      observer.disconnect()
    }
  }, [version])

  return (
    <ul ref={list} class="masonry" aria-label={label} aria-busy={busy}>
      {children}
    </ul>
  )
}

function arrange(list: HTMLUListElement): void {
  const grid = gridFor(list.clientWidth)
  list.style.setProperty('--tile-width', `${grid.tileWidth}px`)
  const tiles = [...list.children] as HTMLElement[]
  const { spots, height } = placeTiles(
    tiles.map((tile) => tile.offsetHeight),
    grid,
  )
  for (const [i, tile] of tiles.entries()) {
    const spot = spots[i]
    if (!spot) continue
    tile.style.transform = `translate(${spot.x}px, ${spot.y}px)`
    if (!('placed' in tile.dataset))
      requestAnimationFrame(() => tile.setAttribute('data-placed', ''))
  }
  list.style.height = `${height}px`
}
