import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { cutsOf, type Divided, divide, noPieces, type Pieces, putTogether } from './pieces.ts'

const bytesOf = (seed: number, length: number) => {
  const random = new Random(seed)
  return Uint8Array.from({ length }, () => random.below(256))
}

/** A document and the pieces beside it, as a store has them. */
class Kept {
  readonly apart = new Map<string, Uint8Array>()
  document: Pick<Divided, 'layout' | 'own'> | undefined
  #pieces: Pieces = noPieces
  written = 0

  write(state: Uint8Array): void {
    const divided = divide(state, this.#pieces)
    this.written = divided.own.length
    for (const [name, piece] of divided.fresh) {
      expect(this.apart.has(name)).toBe(false)
      this.apart.set(name, piece.slice())
      this.written += piece.length
    }
    for (const name of divided.gone) expect(this.apart.delete(name)).toBe(true)
    this.#pieces = divided.pieces
    this.document = divided
    expect(new Set(this.apart.keys())).toEqual(this.#pieces.apart)
  }

  read(): Uint8Array | undefined {
    const { layout, own } = this.document!
    return layout ? putTogether(layout, own, (name) => this.apart.get(name)) : own
  }
}

test('whatever is done to a state, what is put together is what was divided', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(900),
    add: fc.nat(900),
    seed: fc.nat(50),
  })
  const edits = fc.array(edit, { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(fc.nat(12_000), edits, (length, changes) => {
      const kept = new Kept()
      let state = bytesOf(1, length)
      for (const { at, drop, add, seed } of changes) {
        const from = Math.floor(at * state.length)
        const rest = state.subarray(Math.min(state.length, from + drop))
        state = Buffer.concat([state.subarray(0, from), bytesOf(seed, add), rest])
        kept.write(state)
        expect(Buffer.compare(kept.read()!, state)).toBe(0)
      }
      kept.write(new Uint8Array(8))
      expect(kept.apart.size).toBe(0)
    }),
    { numRuns: 300 },
  )
})

test('a piece is of 128 to 2,048 bytes, the last of fewer, and a change moves few cuts', () => {
  const state = bytesOf(2, 60_000)
  const cuts = cutsOf(state)
  const lengths = cuts.map((cut, n) => cut - (cuts[n - 1] ?? 0))
  expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(128)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(2_048)
  expect(state.length / cuts.length).toBeGreaterThan(300)
  expect(state.length / cuts.length).toBeLessThan(500)
  const changed = Buffer.concat([state.subarray(0, 30_000), bytesOf(3, 25), state.subarray(30_000)])
  const before = new Set(cuts)
  const moved = cutsOf(changed).filter((cut) => !before.has(cut) && !before.has(cut - 25))
  expect(moved.length).toBeLessThan(4)
})

test('a state that grows at its end is written by its end alone', () => {
  const kept = new Kept()
  const head = bytesOf(4, 100)
  let state: Uint8Array = Buffer.concat([head, bytesOf(5, 30_000)])
  let written = 0
  for (let n = 0; n < 200; n++) {
    head[0] = n
    state = Buffer.concat([head, state.subarray(100), bytesOf(n, 25)])
    kept.write(state)
    if (n > 1) written += kept.written
  }
  expect(written / 198).toBeLessThan(1_500)
})

test('a layout that says more or less than there is puts nothing together', () => {
  const own = new Uint8Array(10)
  const none = () => undefined
  expect(putTogether([4, 6], own, none)?.length).toBe(10)
  expect(putTogether([4, 7], own, none)).toBeUndefined()
  expect(putTogether([4, 5], own, none)).toBeUndefined()
  expect(putTogether([10, 'gone'], own, none)).toBeUndefined()
})
