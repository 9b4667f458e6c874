/** Boards as rows of pins: what saves make, and the dense core of them. */
import { NONE } from '../../../base/index.ts'

/** pins[starts[b]..starts[b + 1]) are those of board b, each once. */
export type Boards = {
  readonly starts: Uint32Array
  readonly pins: Uint32Array
  readonly pinCount: number
}

export const boardCount = (boards: Boards) => boards.starts.length - 1

/**
 * The dense core: of the `pinsMax` most saved pins (ties by number) what boards hold, where a board
 * holds at least `boardPinsMin` of them. `saves` counts all saves of a pin, those without a board,
 * too. Also which pin each of the core was.
 */
export function denseCore(
  boards: Boards,
  saves: Uint32Array,
  { pinsMax, boardPinsMin }: { readonly pinsMax: number; readonly boardPinsMin: number },
): { readonly core: Boards; readonly pinOf: Uint32Array } {
  const order = Uint32Array.from(saves.keys()).sort((a, b) => saves[b]! - saves[a]! || a - b)
  const pinOf = order.subarray(0, Math.min(pinsMax, order.length))
  const place = new Int32Array(saves.length).fill(-1)
  for (const [i, pin] of pinOf.entries()) place[pin] = i
  const pins = new Uint32Array(boards.pins.length)
  const starts: number[] = [0]
  let end = 0
  for (let b = 0; b < boardCount(boards); b++) {
    const from = end
    for (let at = boards.starts[b]!; at < boards.starts[b + 1]!; at++) {
      const i = place[boards.pins[at]!]!
      if (i >= 0) pins[end++] = i
    }
    if (end - from >= boardPinsMin) starts.push(end)
    else end = from
  }
  const core = {
    starts: Uint32Array.from(starts),
    pins: pins.slice(0, end),
    pinCount: pinOf.length,
  }
  return { core, pinOf }
}

/** Boards from saves in any order; what a board already holds counts once. NONE is no board. */
export function boardsOfSaves(
  save: { readonly pin: Uint32Array; readonly board: Uint32Array },
  counts: { readonly pins: number; readonly boards: number },
): Boards {
  const sizes = new Uint32Array(counts.boards + 1)
  for (const board of save.board) if (board !== NONE) sizes[board + 1]!++
  for (let b = 0; b < counts.boards; b++) sizes[b + 1]! += sizes[b]!
  const next = sizes.slice()
  const all = new Uint32Array(sizes[counts.boards]!)
  for (let i = 0; i < save.pin.length; i++) {
    const board = save.board[i]!
    if (board !== NONE) all[next[board]!++] = save.pin[i]!
  }
  const seenAt = new Uint32Array(counts.pins)
  const starts = new Uint32Array(counts.boards + 1)
  let end = 0
  for (let b = 0; b < counts.boards; b++) {
    for (let at = sizes[b]!; at < sizes[b + 1]!; at++) {
      const pin = all[at]!
      if (seenAt[pin] === b + 1) continue
      seenAt[pin] = b + 1
      all[end++] = pin
    }
    starts[b + 1] = end
  }
  return { starts, pins: all.slice(0, end), pinCount: counts.pins }
}
