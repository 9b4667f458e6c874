/**
 * Caps of a slate in the making: how many of each board, topic and creator it has. A pin's board is
 * the busiest board it stands on (its first in the frozen graph), its creator who owns that board.
 *
 * What is not known is not capped, with one exception: under soft caps pins without a topic count
 * as one topic together, which costs nothing, since a soft cap gives way.
 */
import { NONE } from '../../base/index.ts'
import type { Ranking } from '../pipeline/stage.ts'
import { type CapKind, type Caps, capKinds, roomOf } from './rules.ts'

/** The key of each candidate by index, for one kind of cap; NONE where it has none. */
export type CapKeys = Readonly<Record<CapKind, (candidate: number) => number>>

export function capKeys({ candidates, services, view }: Ranking): CapKeys {
  const { features } = services
  const owners = services.owners?.()
  const board = (candidate: number) => {
    const pin = candidates.pins[candidate]!
    return view.frozen.degreeOfPin(pin) > 0 ? view.boardOfPin(pin, 0) : NONE
  }
  return {
    board,
    topic: (candidate) => features.topic(candidates.pins[candidate]!),
    creator: (candidate) => {
      const stands = board(candidate)
      return stands === NONE ? NONE : (owners?.[stands] ?? NONE)
    },
  }
}

/** One cap: how many of each key there are. */
export class CapColumn {
  readonly kind: CapKind
  readonly keyOf: (candidate: number) => number
  readonly #room: number
  readonly #capsUnknown: boolean
  readonly #counts = new Map<number, number>()

  constructor(kind: CapKind, keyOf: CapColumn['keyOf'], room: number, capsUnknown: boolean) {
    this.kind = kind
    this.keyOf = keyOf
    this.#room = room
    this.#capsUnknown = capsUnknown
  }

  fits(candidate: number): boolean {
    const key = this.keyOf(candidate)
    if (key === NONE && !this.#capsUnknown) return true
    return (this.#counts.get(key) ?? 0) < this.#room
  }

  add(candidate: number): void {
    const key = this.keyOf(candidate)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }
}

/** The caps of one strength; counts only grow, so what does not fit never will. */
export class CapCounts {
  readonly columns: readonly CapColumn[]

  constructor(caps: Caps, keys: CapKeys, limit: number, strength: 'hard' | 'soft') {
    this.columns = capKinds.flatMap((kind) => {
      const room = roomOf(caps[kind], limit)
      if (room >= limit) return []
      const capsUnknown = strength === 'soft' && kind === 'topic'
      return [new CapColumn(kind, keys[kind], room, capsUnknown)]
    })
  }

  fits(candidate: number): boolean {
    return this.columns.every((column) => column.fits(candidate))
  }

  /** The first cap in the way, or undefined. */
  refusal(candidate: number): CapKind | undefined {
    return this.columns.find((column) => !column.fits(candidate))?.kind
  }

  add(candidate: number): void {
    for (const column of this.columns) column.add(candidate)
  }
}
