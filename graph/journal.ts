/** Changes of edges in order, growing: 8 bytes a change. */

import type { EdgeList } from './edge-source.ts'

const REMOVED = 0x80000000

export class Journal {
  /** Pin and board; the board's highest bit means removed. */
  #words = new Uint32Array(256)
  #count = 0
  #replayed = 0

  add(pin: number, board: number): void {
    this.#note(pin, board)
  }

  remove(pin: number, board: number): void {
    this.#note(pin, (board | REMOVED) >>> 0)
  }

  /** Repeats up to `limit` changes that were not repeated yet; true when none is left. */
  replay(limit: number, change: (pin: number, board: number, gone: boolean) => void): boolean {
    const end = Math.min(this.#count, this.#replayed + limit)
    for (; this.#replayed < end; this.#replayed++) {
      const board = this.#words[2 * this.#replayed + 1]!
      const gone = board >= REMOVED
      change(this.#words[2 * this.#replayed]!, gone ? board - REMOVED : board, gone)
    }
    return this.#replayed === this.#count
  }

  /** The list after all changes so far. O(edges + changes); the same list where there are none. */
  applyTo(list: EdgeList): EdgeList {
    if (this.#count === 0) return list
    const last = new Map<number, Map<number, boolean>>()
    for (let i = 0; i < this.#count; i++) {
      const pin = this.#words[2 * i]!
      const word = this.#words[2 * i + 1]!
      const boards = last.get(pin) ?? new Map<number, boolean>()
      last.set(pin, boards.set((word & ~REMOVED) >>> 0, word >= REMOVED))
    }
    const pins: number[] = []
    const boards: number[] = []
    for (const [pin, ofPin] of last) {
      for (const [board, gone] of ofPin) {
        if (gone) continue
        pins.push(pin)
        boards.push(board)
      }
    }
    const kept = { pins: new Uint32Array(list.edgeCount), boards: new Uint32Array(list.edgeCount) }
    let n = 0
    for (let i = 0; i < list.edgeCount; i++) {
      if (last.get(list.pins[i]!)?.has(list.boards[i]!)) continue
      kept.pins[n] = list.pins[i]!
      kept.boards[n++] = list.boards[i]!
    }
    return {
      ...list,
      pins: joined(kept.pins.subarray(0, n), pins),
      boards: joined(kept.boards.subarray(0, n), boards),
      edgeCount: n + pins.length,
      pinCount: pins.reduce((count, pin) => Math.max(count, pin + 1), list.pinCount),
      boardCount: boards.reduce((count, board) => Math.max(count, board + 1), list.boardCount),
    }
  }

  /** All of it is to be repeated again. */
  rewind(): void {
    this.#replayed = 0
  }

  #note(pin: number, board: number): void {
    if (2 * this.#count === this.#words.length) {
      const wider = new Uint32Array(this.#words.length * 2)
      wider.set(this.#words)
      this.#words = wider
    }
    this.#words[2 * this.#count] = pin
    this.#words[2 * this.#count + 1] = board
    this.#count++
  }
}

function joined(list: Uint32Array, more: readonly number[]): Uint32Array {
  const all = new Uint32Array(list.length + more.length)
  all.set(list)
  all.set(more, list.length)
  return all
}
