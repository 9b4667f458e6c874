/** The demo's log at its full size: what a reader of it may rely on. */
import { expect, test } from 'vitest'
import {
  type BoardEntry,
  type Entry,
  type EventEntry,
  entryProblem,
  isEvent,
} from '../../base/index.ts'
import { DAY_MS, LOOK_SIZE, TOPICS_PER_FAMILY } from '../world/index.ts'
import { Demo, demoDefaults, demoEntries } from './demo.ts'

const demo = new Demo()
const { world } = demo
const entries: readonly Entry[] = [...demo.entries()]
const boards = new Map<string, BoardEntry>()
for (const entry of entries) {
  if (!isEvent(entry) && entry.kind === 'board') boards.set(entry.id, entry)
}
const events = entries.filter(isEvent)
const ofKind = (kind: EventEntry['kind']) => events.filter((event) => event.kind === kind)
const saves = ofKind('save')
const impressions = ofKind('impression')
const number = (id: string) => Number(id.slice(1))
const topicOf = (event: EventEntry) => world.pins.topic[number(event.pin!)]!

function tally<K>(keys: Iterable<K>): Map<K, number> {
  const counts = new Map<K, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

test('counts: the catalogue, then exactly 300,000 events with enough of every kind', () => {
  expect(entries).toHaveLength(demo.expected + boards.size)
  expect(entries.findIndex(isEvent)).toBe(22_000 + boards.size)
  // A handful of boards each.
  expect(boards.size).toBeGreaterThan(4_000)
  expect(boards.size).toBeLessThan(12_000)
  expect(events).toHaveLength(300_000)
  expect(saves.length).toBeGreaterThan(100_000)
  expect(impressions.length).toBeGreaterThan(100_000)
  expect(ofKind('closeup').length).toBeGreaterThan(30_000)
  for (const kind of ['outbound', 'unsave', 'follow-topic'] as const) {
    expect(ofKind(kind).length, kind).toBeGreaterThan(1_000)
  }
  // One in a thousand of what a popularity feed shows, fewer where topics are chosen.
  expect(ofKind('hide').length).toBeGreaterThan(30)
  expect(new Set(events.map((event) => event.user)).size).toBe(2_000)
})

test('every entry is one that the API would take', () => {
  const wrong = entries.find((entry) => entryProblem(entry) !== undefined)
  expect(wrong && [wrong, entryProblem(wrong)]).toBeUndefined()
})

test('events come in order of time within the sixty days, each under an id of its own', () => {
  const { until, days } = demoDefaults
  expect(events[0]!.time).toBeGreaterThanOrEqual(until - days * DAY_MS)
  expect(events.findIndex((event, i) => i > 0 && event.time < events[i - 1]!.time)).toBe(-1)
  const last = events.at(-1)!.time
  expect(last).toBeLessThan(until)
  expect(last).toBeGreaterThan(until - DAY_MS)
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length)
})

test('nobody acts on a pin before its birth or on a board before it is made', () => {
  const early = events.find(
    ({ pin, board, time }) =>
      (pin !== undefined && world.pins.birth[number(pin)]! > time) ||
      (board !== undefined && boards.get(board)!.time > time),
  )
  expect(early).toBeUndefined()
})

test('boards belong to who saves, and nobody saves a pin twice', () => {
  const stranger = saves.find((save) => save.board && boards.get(save.board)!.user !== save.user)
  expect(stranger).toBeUndefined()
  expect(new Set(saves.map((save) => `${save.user} ${save.pin}`)).size).toBe(saves.length)
})

test('an unsave takes back a save that came before, on the same board', () => {
  const held = new Map<string, string | undefined>()
  for (const event of events) {
    const key = `${event.user} ${event.pin}`
    if (event.kind === 'save') held.set(key, event.board)
    if (event.kind !== 'unsave') continue
    expect(held.has(key)).toBe(true)
    expect(held.get(key)).toBe(event.board)
    held.delete(key)
  }
})

test('a request shows ranks 0, 1, 2, …, every pin once', () => {
  const requests = Map.groupBy(impressions, (impression) => impression.context!.request!)
  for (const shown of requests.values()) {
    // The last request is cut where the log ends; no other has a hole either.
    expect(shown.map((event) => event.context!.rank)).toEqual([...shown.keys()])
    expect(new Set(shown.map((event) => event.pin)).size).toBe(shown.length)
    expect(new Set(shown.map((event) => event.user)).size).toBe(1)
  }
})

test('fewer get further down, and what stands at the side is seen less', () => {
  const at = (rank: number) => impressions.filter(({ context }) => context!.rank === rank)
  expect(at(20).length).toBeLessThan(0.75 * at(0).length)
  const seen = (column: number) => {
    const some = impressions.filter(({ context }) => context!.rank! % 4 === column)
    return some.filter(({ context }) => context!.viewed).length / some.length
  }
  // Where one leaves is always seen, so the shares are a little above the factors 1 and .9;
  // samples are over 20,000, their deviation below .003.
  expect(seen(0)).toBeGreaterThan(0.99)
  expect(seen(3)).toBeGreaterThan(0.88)
  expect(seen(3)).toBeLessThan(0.93)
})

test('boards are about something: the commonest topic of a board holds most of its saves', () => {
  const filed = Map.groupBy(
    saves.filter((save) => save.board),
    (save) => save.board!,
  )
  let most = 0
  let total = 0
  for (const list of filed.values()) {
    most += Math.max(...tally(list.map(topicOf)).values())
    total += list.length
  }
  // By chance a board of 36 saves would have a few of the commonest topic among 192: under 0.15.
  expect(most / total).toBeGreaterThan(0.5)
})

test('users save what they are interested in', () => {
  let own = 0
  let family = 0
  for (const save of saves) {
    const list = world.interestsAt(number(save.user), save.time)
    const topic = topicOf(save)
    if (list.includes(topic)) own++
    const familyOf = (t: number) => Math.floor(t / TOPICS_PER_FAMILY)
    if (list.some((interest) => familyOf(interest) === familyOf(topic))) family++
  }
  // Five of 192 topics would be met by chance in one save of forty.
  expect(own / saves.length).toBeGreaterThan(0.75)
  expect(family / saves.length).toBeGreaterThan(0.8)
})

test('the tail is heavy: one pin in a hundred takes a tenth of the saves', () => {
  const counts = [...tally(saves.map((save) => save.pin)).values()].sort((a, b) => b - a)
  const best = counts.slice(0, 200).reduce((a, b) => a + b)
  expect(best / saves.length).toBeGreaterThan(0.07)
  expect(counts.length).toBeGreaterThan(15_000)
  const users = [...tally(saves.map((save) => save.user)).values()].sort((a, b) => b - a)
  expect(users[20]!).toBeGreaterThan(3 * users[1_000]!)
})

test('a personal ranker can beat popularity: topics and looks tell more than counts', () => {
  const answered = new Set(
    saves
      .filter((save) => save.context?.request)
      .map((save) => `${save.context!.request} ${save.pin}`),
  )
  const rate = (some: readonly EventEntry[]) =>
    some.filter((i) => answered.has(`${i.context!.request} ${i.pin}`)).length / some.length
  const viewed = impressions.filter((i) => i.context!.viewed)
  const before = tally(saves.map((save) => save.pin))
  const known = Map.groupBy(saves, (save) => save.user)
  const topics = new Map([...known].map(([user, list]) => [user, tally(list.map(topicOf))]))
  const likes = (i: EventEntry) => (topics.get(i.user)?.get(topicOf(i)) ?? 0) >= 3 && suits(i)
  const suits = ({ pin, user }: EventEntry) => {
    const [of, by] = [number(pin!) * LOOK_SIZE, number(user) * LOOK_SIZE]
    let sum = 0
    for (let k = 0; k < LOOK_SIZE; k++) sum += world.pins.look[of + k]! * world.users.look[by + k]!
    return sum > 0
  }
  const popular = (i: EventEntry) => (before.get(i.pin) ?? 0) >= 10
  const byTaste = rate(viewed.filter(likes)) / rate(viewed.filter((i) => !likes(i)))
  const byCount = rate(viewed.filter(popular)) / rate(viewed.filter((i) => !popular(i)))
  expect(byTaste).toBeGreaterThan(3)
  expect(byTaste).toBeGreaterThan(1.5 * byCount)
})

test('entries tell nothing of the latent truth but what a caption would', () => {
  const kinds = Map.groupBy(entries, (entry) => entry.kind)
  const fields = (kind: Entry['kind']) => [
    ...new Set(kinds.get(kind)!.flatMap((entry) => Object.keys(entry))),
  ]
  expect(fields('user')).toEqual(['kind', 'id', 'time'])
  expect(fields('board').sort()).toEqual(['id', 'kind', 'private', 'time', 'title', 'user'])
  expect(fields('pin').sort()).toEqual([
    'created',
    'description',
    'id',
    'image',
    'kind',
    'language',
    'tags',
    'time',
    'title',
    'topic',
  ])
})

test('another end moves every date and nothing else', () => {
  const few = { users: 50, pins: 500, events: 2_000 }
  const hours = 7 * 3_600_000
  const later = [...demoEntries({ ...few, until: demoDefaults.until + hours })]
  const moved = [...demoEntries(few)].map((entry) => ({
    ...entry,
    time: entry.time + hours,
    ...('created' in entry && { created: entry.created! + hours }),
  }))
  expect(later).toEqual(moved)
})

test('pictures are found by the name in the entry, and by no other', () => {
  expect(demo.picture('p0')?.subarray(1, 4).toString()).toBe('PNG')
  for (const id of ['p20000', 'p-1', 'p00', 'p1.5', 'x1', '', 'p', 'p1e3']) {
    expect(demo.picture(id), id).toBeUndefined()
  }
})
