/**
 * A large state as pieces, so that a write costs what has changed of it and not what there is. It
 * is cut where its own bytes say so (content-defined chunking: Xia et al., "FastCDC", USENIX ATC
 * 2016, without the normalisation): what is appended, changed or dropped somewhere moves the cuts
 * around it, and no others. A piece that was the same in two writes is kept apart, in a document
 * that is named by what it holds and never changes; the others lie in the actor's own.
 *
 * Laws: what is put together is what was divided; a piece is written once, and named by the actor's
 * document for as long as it is there.
 */
import { hash } from 'node:crypto'

/** In order: the name of a piece that is kept apart, or how many bytes of the document's own. */
export type Layout = readonly (string | number)[]

/** Pieces of a state as it was written last, by name. */
export type Pieces = { readonly apart: ReadonlySet<string>; readonly own: ReadonlySet<string> }

export const noPieces: Pieces = { apart: new Set(), own: new Set() }

export type Divided = {
  /** Undefined for a state that is whole. */
  readonly layout: Layout | undefined
  /** What the actor's own document holds. */
  readonly own: Uint8Array
  readonly pieces: Pieces
  /** Pieces that are not kept apart yet, to be written with it. */
  readonly fresh: ReadonlyMap<string, Uint8Array>
  /** Names of pieces that were kept apart and are no more. */
  readonly gone: readonly string[]
}

/** A state of fewer bytes is not divided: PostgreSQL keeps a row of less than 2 kB in its page. */
const WHOLE_BELOW = 1_400
const PIECE_MIN = 128
const PIECE_MAX = 2_048
/** A cut is where these bits of the rolling hash are zero: after 256 bytes more on average. */
const CUT_MASK = 0xff << 20
/** Bytes that a rolling hash of 32 bits still knows of. */
const WINDOW = 32
/** A character has six bits: two pieces of one actor in 2^72. */
const NAME_LENGTH = 12

/** A number for each byte, at random and always the same. */
const gear = new Int32Array(
  Uint8Array.from(hash('shake256', 'gear', { outputEncoding: 'buffer', outputLength: 1024 }))
    .buffer,
)

/** Where the pieces of a state end. O(bytes). */
export function cutsOf(state: Uint8Array): number[] {
  const cuts: number[] = []
  for (let from = 0; from < state.length; ) {
    const end = Math.min(state.length, from + PIECE_MAX)
    let rolled = 0
    let at = from + PIECE_MIN - WINDOW
    for (; at < end; at++) {
      rolled = (rolled << 1) + gear[state[at]!]!
      if ((rolled & CUT_MASK) === 0 && at + 1 - from >= PIECE_MIN) break
    }
    from = Math.min(end, at + 1)
    cuts.push(from)
  }
  return cuts
}

/** The state that was of the pieces `before` when it was written last. */
export function divide(state: Uint8Array, before: Pieces): Divided {
  if (state.length < WHOLE_BELOW) return { ...whole(state), gone: [...before.apart] }
  const layout: (string | number)[] = []
  const parts: Uint8Array[] = []
  const apart = new Set<string>()
  const own = new Set<string>()
  const fresh = new Map<string, Uint8Array>()
  let from = 0
  for (const to of cutsOf(state)) {
    const piece = state.subarray(from, to)
    from = to
    const name = nameOf(piece)
    if (!before.apart.has(name) && !before.own.has(name)) {
      own.add(name)
      parts.push(piece)
      layout.push(piece.length)
      continue
    }
    apart.add(name)
    layout.push(name)
    if (before.own.has(name)) fresh.set(name, piece)
  }
  const gone = [...before.apart].filter((name) => !apart.has(name))
  return { layout, own: Buffer.concat(parts), pieces: { apart, own }, fresh, gone }
}

/** A state that is not divided. */
export function whole(state: Uint8Array): Divided {
  return { layout: undefined, own: state, pieces: noPieces, fresh: new Map(), gone: [] }
}

/** The state of a layout; undefined where a piece is missing, or bytes are that it does not say. */
export function putTogether(
  layout: Layout,
  own: Uint8Array,
  apart: (name: string) => Uint8Array | undefined,
): Uint8Array | undefined {
  let at = 0
  const parts: Uint8Array[] = []
  for (const part of layout) {
    const piece = typeof part === 'string' ? apart(part) : own.subarray(at, at + part)
    if (piece === undefined) return undefined
    if (typeof part === 'number') at += part
    parts.push(piece)
  }
  return at === own.length ? Buffer.concat(parts) : undefined
}

/** What a document says of its pieces. */
export function piecesOf(layout: Layout, own: Uint8Array): Pieces {
  const apart = new Set(layout.filter((part) => typeof part === 'string'))
  const names = new Set<string>()
  let at = 0
  for (const part of layout) {
    if (typeof part === 'string') continue
    names.add(nameOf(own.subarray(at, at + part)))
    at += part
  }
  return { apart, own: names }
}

function nameOf(piece: Uint8Array): string {
  return hash('sha256', piece, 'base64url').slice(0, NAME_LENGTH)
}
