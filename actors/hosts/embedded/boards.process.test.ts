/** Ideas for boards through the real host: threads, files, outside ids. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { type Entry, Random, silentLogger, systemClock } from '../../../base/index.ts'
import { type BoardAsk, Recommender } from '../../recommender/recommender.ts'
import { Runtime } from './runtime.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-boards-test-'))
const running = new Set<Runtime>()
let directories = 0
const stop = async (runtime: Runtime) => {
  running.delete(runtime)
  await runtime.stop()
}
afterEach(() => Promise.all(Array.from(running, stop)))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

async function start(workers: number, directory = join(scratch, String(directories++))) {
  const sizes = { usersMax: 500, pinsMax: 500, boardsMax: 500, tagsMax: 100 }
  const ports = { clock: systemClock, logger: silentLogger }
  const runtime = await Runtime.start({ directory, workers, partitions: 3, ...sizes, ...ports })
  running.add(runtime)
  const random = new Random(1)
  const recommender = new Recommender({ runtime, clock: systemClock, deadlineMs: 2_000, random })
  const ideas = async (board: string, more: Partial<BoardAsk> = {}) => {
    const ask = { board, limit: 5, generation: 'mixed', exclude: [], explain: false } as const
    return recommender.forBoard({ ...ask, at: 9_000, seed: 3, ...more })
  }
  const tell = async (...entries: Entry[]) => (await runtime.ingest(entries)).position
  return { runtime, recommender, ideas, tell, directory }
}
type Host = Awaited<ReturnType<typeof start>>

/** Pins 0 to 39 by turns of kitchens and of gardens; twenty people save those of one kind. */
function world(): Entry[] {
  const pins = Array.from({ length: 40 }, (_, p): Entry => {
    return { kind: 'pin', id: `p${p}`, time: p, tags: [p % 2 === 0 ? 'kitchen' : 'garden'] }
  })
  const saves = Array.from({ length: 240 }, (_, n): Entry => {
    const [user, nth] = [n % 20, Math.floor(n / 20)]
    const pin = 2 * ((user * 3 + nth * 7) % 20) + (user % 2)
    return { kind: 'save', id: `s${n}`, time: 100 + n, user: `u${user}`, pin: `p${pin}` }
  })
  return [...pins, ...saves]
}
let events = 0
const save = (user: string, pin: number, board: string, time = 5_000): Entry => {
  return { kind: 'save', id: `own ${events++}`, time, user, pin: `p${pin}`, board }
}
const board = (
  id: string,
  user: string,
  more: { title?: string; private?: boolean } = {},
): Entry => {
  return { kind: 'board', id, time: 4_000, user, ...more }
}
const pinsOf = ({ items }: Awaited<ReturnType<Host['ideas']>>) => items.map(({ pin }) => pin)
const isKitchen = (pin: string) => Number(pin.slice(1)) % 2 === 0

test.each([1, 2, 3])('%i workers: by the title, then by what is on it', async (workers) => {
  const { runtime, ideas, tell } = await start(workers)
  await tell(...world())
  await runtime.buildEpoch()
  await tell(board('cook', 'ann', { title: 'My Kitchen!' }))
  const named = await ideas('cook')
  expect(named).toMatchObject({ board: 'cook', user: 'ann', rung: 'title', generation: 'tags' })
  expect(pinsOf(named).every(isKitchen)).toBe(true)
  // A garden's pin on it says more than its name, at once.
  await tell(save('ann', 1, 'cook'))
  const planted = await ideas('cook')
  expect(planted).toMatchObject({ rung: 'light', generation: 'mixed' })
  expect(pinsOf(planted).some(isKitchen)).toBe(false)
  expect(planted.items[0]).toMatchObject({ because: 'p1' })
  expect(pinsOf(await ideas('cook'))).toEqual(pinsOf(planted))
  // Without it, it is named again.
  await tell({ ...save('ann', 1, 'cook', 6_000), kind: 'unsave' } as Entry)
  expect(await ideas('cook')).toMatchObject({ rung: 'title' })
})

test('nothing that is on it, whoever put it there, nor what its owner saved, hid or saw', async () => {
  const { runtime, ideas, tell } = await start(2)
  await tell(...world())
  await runtime.buildEpoch()
  const shown = (kind: 'hide' | 'impression', pin: number): Entry => {
    return { kind, id: `own ${events++}`, time: 5_000, user: 'ann', pin: `p${pin}` }
  }
  await tell(board('ours', 'ann'), save('ann', 0, 'ours'), save('bob', 2, 'ours'))
  await tell(save('ann', 4, 'elsewhere'), shown('hide', 6), shown('impression', 8))
  await tell({ kind: 'delete-pin', id: 'p10', time: 5_000 })
  const answered = pinsOf(await ideas('ours', { limit: 100, exclude: ['p12', 'never heard of'] }))
  const left = Array.from({ length: 40 }, (_, p) => `p${p}`).filter(
    (pin) => !['p0', 'p2', 'p4', 'p6', 'p8', 'p10', 'p12'].includes(pin),
  )
  expect([...answered].sort()).toEqual(left.sort())
})

test('a board without pins and a telling title is its owner’s, or popular', async () => {
  const { runtime, ideas, tell } = await start(2)
  await tell(...world())
  await runtime.buildEpoch()
  await tell(board('later', 'u4', { title: 'Things' }), board('new', 'nobody yet'))
  const owners = await ideas('later')
  expect(owners.rung).toBe('owner')
  expect(pinsOf(owners).every(isKitchen)).toBe(true)
  expect((await ideas('new')).rung).toBe('popular')
})

test('what is on a private board speaks in its own answer, and in nobody else’s', async () => {
  const [open, shut] = [await start(2), await start(2)]
  for (const [host, hidden] of [
    [open, []],
    [shut, [board('secret', 'ann', { private: true }), save('ann', 1, 'secret')]],
  ] as const) {
    await host.tell(...world(), ...hidden, board('cook', 'bob'), save('bob', 0, 'cook'))
    await host.runtime.buildEpoch()
  }
  const secret = await shut.ideas('secret')
  expect(secret).toMatchObject({ user: 'ann', rung: 'light' })
  expect(secret.items.map(({ because }) => because)).toContain('p1')
  const bare = ({ items }: Awaited<ReturnType<Host['ideas']>>) =>
    items.map(({ pin, because, sources }) => ({ pin, because, sources }))
  expect(bare(await shut.ideas('cook'))).toEqual(bare(await open.ideas('cook')))
})

test('unknown and deleted boards, and those of who is gone', async () => {
  const { runtime, ideas, tell } = await start(2)
  await tell(...world())
  await runtime.buildEpoch()
  const unknown = (id: string) =>
    expect(ideas(id)).rejects.toMatchObject({ code: 'BOARD_UNKNOWN', details: { id } })
  await unknown('never')
  // A word on it that gives it no owner.
  await tell({ kind: 'delete-board', id: 'never', time: 1 })
  await unknown('never')
  await tell(board('a', 'ann'), board('b', 'bob'))
  expect(await ideas('a')).toMatchObject({ user: 'ann' })
  await tell({ kind: 'delete-board', id: 'a', time: 5_000 })
  await unknown('a')
  await tell({ kind: 'delete-user', id: 'bob', time: 5_000 })
  await unknown('b')
})

test('read your writes, in the partitions of the board and of its owner', async () => {
  const { runtime, ideas, tell } = await start(2)
  await tell(...world())
  await runtime.buildEpoch()
  const after = await tell(board('cook', 'ann'), save('ann', 0, 'cook'))
  const answer = await ideas('cook', { after })
  expect(answer.rung).toBe('light')
  expect(answer).not.toHaveProperty('stale')
})

test('what comes to the owner’s partition while a reader waits is seen', async () => {
  const { runtime, tell } = await start(2)
  await tell(...world(), board('cook', 'ann'))
  await runtime.buildEpoch()
  let waited = 0
  const late = {
    names: runtime.names,
    board: runtime.board.bind(runtime),
    cards: runtime.cards.bind(runtime),
    recommend: runtime.recommend.bind(runtime),
    // The board's entries are there; those of its owner come after the first look.
    hasApplied: (_after: string, id: string) => id === 'cook' || waited > 0,
  }
  const sleep = async () => {
    if (waited++ === 0) await tell(save('ann', 0, 'cook'))
  }
  const clock = { ...systemClock, sleep, every: () => () => {} }
  const options = { runtime: late as never, clock }
  const recommender = new Recommender({ ...options, deadlineMs: 2_000, random: new Random(1) })
  const ask = { board: 'cook', limit: 5, generation: 'mixed', exclude: [], explain: false } as const
  expect(await recommender.forBoard({ ...ask, after: 'soon' })).toMatchObject({ rung: 'light' })
})

test('titles come back with a snapshot; the last that the owner told is in force', async () => {
  const { runtime, ideas, tell, directory } = await start(2)
  await tell(...world(), board('cook', 'ann', { title: 'garden' }))
  await tell({ ...board('cook', 'ann', { title: 'kitchen' }), time: 4_500 } as Entry)
  await tell(board('cook', 'ann', { title: 'too late' }))
  await tell({ ...board('cook', 'bob', { title: 'garden' }), time: 4_600 } as Entry)
  await runtime.buildEpoch()
  const before = await ideas('cook')
  expect(pinsOf(before).every(isKitchen)).toBe(true)
  await runtime.snapshot()
  await stop(runtime)
  const again = await start(3, directory)
  expect(pinsOf(await again.ideas('cook'))).toEqual(pinsOf(before))
  expect(await again.ideas('cook')).toMatchObject({ rung: 'title' })
})
