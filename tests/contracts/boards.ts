/** What every host promises of ideas for boards: asked by outside ids, answered by outside ids. */
import { expect, test } from 'vitest'
import type { Entry } from '../../base/index.ts'
import type { ContractHost } from './host.ts'

/** Hard on addresses, and on what splits words. */
const odd = 'küche/№1 ?x=%2F'

/** Ten pins of kitchens and ten of gardens; eight people save those of one kind. */
function world(): Entry[] {
  const pins = Array.from({ length: 20 }, (_, p): Entry => {
    return { kind: 'pin', id: `idea${p}`, time: p, tags: [p % 2 === 0 ? 'kitchen' : 'garden'] }
  })
  const saves = Array.from({ length: 48 }, (_, n): Entry => {
    const [user, nth] = [n % 8, Math.floor(n / 8)]
    const pin = 2 * ((user + nth * 3) % 10) + (user % 2)
    return { kind: 'save', id: `i${n}`, time: 100 + n, user: `saver${user}`, pin: `idea${pin}` }
  })
  return [...pins, ...saves]
}
const save = (pin: number, board: string): Entry => {
  const id = `on ${board} ${pin}`
  return { kind: 'save', id, time: 5_000, user: 'curator', pin: `idea${pin}`, board }
}
const kinds = (items: readonly { readonly pin: string }[]) =>
  new Set(items.map(({ pin }) => Number(pin.replace('idea', '')) % 2))

export function boardCases(host: () => ContractHost): void {
  const ideas = (board: string) => host().ideas(board, { limit: 4, at: 9_000, seed: 7 })
  test('ideas for a board: by its title, and once something is on it by that', async () => {
    await host().append(world())
    await host().append([
      { kind: 'board', id: odd, time: 4_000, user: 'curator', title: 'Garden, one day' },
    ])
    await host().build()
    const named = await ideas(odd)
    expect(named).toMatchObject({ board: odd, user: 'curator', rung: 'title' })
    expect([named.items.length, kinds(named.items)]).toEqual([4, new Set([1])])
    await host().append([save(0, odd), save(2, odd)])
    const planted = await ideas(odd)
    expect(planted).toMatchObject({ board: odd, user: 'curator', rung: 'light' })
    expect(kinds(planted.items)).toEqual(new Set([0]))
    expect(planted.items.map(({ pin }) => pin)).not.toContain('idea0')
    expect(await ideas(odd)).toEqual(planted)
  })
  test('a private board is answered to its owner', async () => {
    const entry = { kind: 'board', id: 'own', time: 4_000, user: 'curator', private: true } as const
    await host().append([entry, save(1, 'own')])
    const answer = await ideas('own')
    expect(answer).toMatchObject({ user: 'curator', rung: 'light' })
    // What they saved elsewhere is left out, too.
    const left = answer.items.map(({ pin }) => pin)
    expect(left.filter((pin) => ['idea0', 'idea1', 'idea2'].includes(pin))).toEqual([])
  })
  test('a board that nobody named, or that is gone', async () => {
    const unknown = { code: 'BOARD_UNKNOWN' }
    await expect(ideas('nobody named it')).rejects.toMatchObject(unknown)
    await host().append([{ kind: 'delete-board', id: 'own', time: 9_000 }])
    await expect(ideas('own')).rejects.toMatchObject(unknown)
  })
}
