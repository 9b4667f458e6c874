/** A host of one engine: what is folded is what answers and what teaches. */
import { expect, test } from 'vitest'
import { type Entry, systemClock } from '../../../base/index.ts'
import { servedTeaching } from '../../training/deep-teaching.ts'
import { LoneHost } from './lone-host.ts'

const HOUR = 3_600_000
const PINS = 40
/** Two communities: even users save even pins, odd ones odd pins. */
function entries(users: number): Entry[] {
  const told: Entry[] = []
  for (let pin = 0; pin < PINS; pin++) told.push({ kind: 'pin', id: `p${pin}`, time: 1, tags: [] })
  for (let user = 0; user < users; user++) {
    for (let n = 0; n < 8; n++) {
      const pin = `p${(user % 2) + 2 * ((user * 3 + n) % (PINS / 2))}`
      const time = HOUR * (1 + user + n)
      const event = { user: `u${user}`, pin, time }
      const context = { request: `r${user}`, rank: n, viewed: true, propensity: 1 }
      told.push({ kind: 'impression', id: `i${user}.${n}`, ...event, context })
      if (n < 6) told.push({ kind: 'save', id: `s${user}.${n}`, ...event })
    }
  }
  return told
}

const hostOf = (log: readonly Entry[]) => {
  const host = new LoneHost({ pinCapacity: 100, boardCapacity: 200, clock: systemClock })
  host.fold(log)
  host.build()
  return host
}
const ask = { limit: 10, at: 1_000 * HOUR, seed: 1 } as const
const pinsOf = async (host: LoneHost, user: string, generation: 'collaborative' | 'tags') => {
  const { pins } = await host.recommend({ ...ask, user, generation })
  return pins.map(({ pin }) => host.names.pin.id(pin))
}

test('answers from what was folded, of the own community and nothing known', async () => {
  const log = entries(30)
  const host = hostOf(log)
  expect(host.entries).toBe(log.length)
  for (const generation of ['fitted', 'unfitted']) {
    if (generation === 'fitted') await host.fit('ease', 1)
    const pins = await pinsOf(host, 'u4', 'collaborative')
    const known = log.flatMap((entry) =>
      entry.kind === 'impression' && 'pin' in entry && entry.user === 'u4' ? [entry.pin] : [],
    )
    expect(pins.length).toBeGreaterThan(3)
    expect(pins.filter((pin) => known.includes(pin))).toEqual([])
    expect(pins.slice(0, 3).every((pin) => Number(pin.slice(1)) % 2 === 0)).toBe(true)
  }
})

test('however entries are handed over, the answers are the same', async () => {
  const log = entries(20)
  const piecemeal = new LoneHost({ pinCapacity: 100, boardCapacity: 200, clock: systemClock })
  for (let at = 0; at < log.length; at += 7) piecemeal.fold(log.slice(at, at + 7))
  piecemeal.build()
  expect(piecemeal.entries).toBe(log.length)
  for (const user of ['u1', 'u2', 'nobody']) {
    expect(await pinsOf(piecemeal, user, 'collaborative')).toEqual(
      await pinsOf(hostOf(log), user, 'collaborative'),
    )
  }
})

test('what cannot teach is refused, and the former goes on', async () => {
  const host = hostOf(entries(4))
  const before = await pinsOf(host, 'u1', 'collaborative')
  await expect(host.learnDeep(servedTeaching, 1)).rejects.toMatchObject({ code: 'TRAINING_DATA' })
  const empty = hostOf([])
  await expect(empty.fit('ease', 1)).rejects.toMatchObject({ code: 'EVALUATION_DATA' })
  expect(await pinsOf(host, 'u1', 'collaborative')).toEqual(before)
})
