/** A pin's picture, or a titled poster where there is none or it does not load. */
import { useState } from 'preact/hooks'
import type { PinCard } from './api.ts'
import { type Art, artOf } from './art.ts'

/** Beyond these a picture is cropped: nobody scrolls past a banner or a tower gladly. */
const RATIO_MIN = 0.55
const RATIO_MAX = 1.6

export function titleOf({ title, id }: Pick<PinCard, 'title' | 'id'>): string {
  return title !== undefined && title !== '' ? title : `Pin ${id}`
}

export function Poster({ card }: { readonly card: PinCard }) {
  const [broken, setBroken] = useState(false)
  const [ratio, setRatio] = useState<number>()
  const art = artOf(card.id, card.topic)
  const style = { aspectRatio: String(ratio ?? art.ratio), backgroundColor: art.background }
  if (card.image === undefined || broken) {
    return (
      <div class="poster drawn" style={style}>
        <Motif art={art} />
        <span class="poster-title">{titleOf(card)}</span>
      </div>
    )
  }
  return (
    <div class="poster" style={style}>
      <img
        src={card.image}
        alt=""
        loading="lazy"
        decoding="async"
        onLoad={({ currentTarget: { naturalWidth: w, naturalHeight: h } }) => {
          setRatio(Math.min(RATIO_MAX, Math.max(RATIO_MIN, w / h)))
        }}
        onError={() => setBroken(true)}
      />
    </div>
  )
}

function Motif({ art }: { readonly art: Art }) {
  return (
    <svg
      class="motif"
      viewBox="-50 -50 100 100"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <g transform={`rotate(${art.turn})`}>{drawings[art.motif](art.shapes)}</g>
    </svg>
  )
}

type Draw = (colours: Art['shapes']) => preact.JSX.Element[]
const drawings: Readonly<Record<Art['motif'], Draw>> = {
  blades: (colours) =>
    [0, 90, 180, 270].map((angle, i) => (
      <path
        key={angle}
        d="M0 0V-62a44 44 0 0 1 44 44z"
        transform={`rotate(${angle})`}
        fill={colours[i % 3]}
      />
    )),
  arcs: (colours) =>
    [66, 46, 26].map((radius, i) => (
      <circle key={radius} cx={-18} cy={24} r={radius} fill={colours[(i + 1) % 3]} />
    )),
  stripes: (colours) =>
    [-70, -42, -14, 14, 42].map((x, i) => (
      <rect key={x} x={x} y={-90} width={16} height={180} fill={colours[i % 3]} />
    )),
  dots: (colours) =>
    Array.from({ length: 16 }, (_, i) => (
      <circle
        key={i}
        cx={-54 + (i % 4) * 36}
        cy={-54 + Math.floor(i / 4) * 36}
        r={6 + ((i * 7) % 11)}
        fill={colours[(i + Math.floor(i / 4)) % 3]}
      />
    )),
}
