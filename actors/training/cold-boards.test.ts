import { expect, test } from 'vitest'
import { type Entry, systemClock } from '../../base/index.ts'
import { coldBoards } from './cold-boards.ts'

const kinds = ['kitchen', 'garden', 'travel', 'books']
const BOARDS = 40

/** Pins of four kinds; boards of one kind each, of whose title every other one tells it. */
function log({ pins = 20 } = {}): Entry[] {
  const catalogue = Array.from({ length: 240 }, (_, p): Entry => {
    return { kind: 'pin', id: `p${p}`, time: 1, tags: [kinds[p % 4]!] }
  })
  const boards = Array.from({ length: BOARDS }, (_, n): Entry => {
    const title = n % 8 < 4 ? `My ${kinds[n % 4]}` : 'Things'
    return { kind: 'board', id: `b${n}`, time: 1, user: `u${n}`, title }
  })
  const saves = Array.from({ length: BOARDS * pins }, (_, n): Entry => {
    const [of, nth] = [n % BOARDS, Math.floor(n / BOARDS)]
    const pin = `p${4 * ((of * 7 + nth * 3) % 60) + (of % 4)}`
    return { kind: 'save', id: `s${n}`, time: 2 + n, user: `u${of}`, pin, board: `b${of}` }
  })
  return [...catalogue, ...boards, ...saves]
}
const options = { at: 20, seed: 1, clock: systemClock }

test('what is on a board, and its title, find more than what is popular', async () => {
  const { boards, targets, rows } = await coldBoards(() => log(), options)
  expect([boards, targets]).toEqual([20, 10])
  expect(rows.map(({ pins }) => pins)).toEqual([0, 1, 3, 10])
  const [none, ...planted] = rows
  const { title = 0, popular = 0, owner = 0 } = none!.rungs
  expect([title + popular, owner]).toEqual([20, 0])
  expect(title).toBeGreaterThan(4)
  expect(popular).toBeGreaterThan(4)
  for (const { rungs, ideas, popular } of planted) {
    expect(rungs).toEqual({ light: 20 })
    // All of a kind against a quarter of what is shown: chance has 10 of 50 pins in 20 places.
    expect(ideas.recall).toBeGreaterThan(popular.recall * 1.5)
  }
})

test('nothing of what was held out is known: whatever its owner did to those pins is left out', async () => {
  // What its owner saw of a pin would leave it out of every answer.
  const seen = (entry: Entry): Entry[] => {
    if (entry.kind !== 'save') return [entry]
    const { board: _board, ...act } = entry as Entry & { board: string }
    return [{ ...act, kind: 'impression', id: `i${entry.id}` } as Entry, entry]
  }
  const told = await coldBoards(() => log().flatMap(seen), options)
  expect(told).toEqual(await coldBoards(() => log(), options))
})

test('a log without boards that are full enough', async () => {
  const asked = coldBoards(() => log({ pins: 14 }), options)
  await expect(asked).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
  await expect(asked).rejects.toThrow(/no board has 15 pins/)
})
