/** The demo's log at its full size: what a reader of it may rely on. */
import { expect, test } from 'vitest'
import { type Entry, type EventEntry, entryProblem, isEvent } from '../../base/index.ts'
import { DAY_MS, TOPICS_PER_FAMILY } from '../world/index.ts'
import { demoDefaults, demoEntries, demoEntryCount, demoPictures, demoWorld } from './demo.ts'

const world = demoWorld()
const entries: readonly Entry[] = [...demoEntries()]
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
  expect(entries).toHaveLength(demoEntryCount())
  expect(entries.findIndex(isEvent)).toBe(25_000)
  expect(events).toHaveLength(300_000)
  expect(saves.length).toBeGreaterThan(100_000)
  expect(impressions.length).toBeGreaterThan(100_000)
  expect(ofKind('closeup').length).toBeGreaterThan(30_000)
  for (const kind of ['hide', 'outbound', 'unsave', 'follow-topic'] as const) {
    expect(ofKind(kind).length, kind).toBeGreaterThan(1_000)
  }
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
      (board !== undefined && world.boards.made[number(board)]! > time),
  )
  expect(early).toBeUndefined()
})

test('boards belong to who saves, and nobody saves a pin twice', () => {
  const stranger = saves.find(
    (save) => save.board && world.boards.owner[number(save.board)] !== number(save.user),
  )
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

test('seen and saved less often further down', () => {
  const seen = (from: number, to: number) => {
    const some = impressions.filter((i) => i.context!.rank! >= from && i.context!.rank! < to)
    return some.filter((i) => i.context!.viewed).length / some.length
  }
  expect(seen(0, 1)).toBe(1)
  // The means of (1 + rank)^-0.3 over the ranks; samples are over 20,000, deviation below 0.004.
  expect(Math.abs(seen(1, 5) - 0.705)).toBeLessThan(0.015)
  expect(Math.abs(seen(10, 14) - 0.463)).toBeLessThan(0.015)
})

test('boards are about something: the commonest topic of a board holds most of its saves', () => {
  const boards = Map.groupBy(
    saves.filter((save) => save.board),
    (save) => save.board!,
  )
  let most = 0
  let total = 0
  for (const list of boards.values()) {
    most += Math.max(...tally(list.map(topicOf)).values())
    total += list.length
  }
  // By chance a board of 36 saves would have a few of the commonest topic among 192: under 0.15.
  expect(most / total).toBeGreaterThan(0.5)
})

test('users save what they are interested in', () => {
  const { interestStarts, interests } = world.users
  let own = 0
  let family = 0
  for (const save of saves) {
    const user = number(save.user)
    const list = interests.subarray(interestStarts[user]!, interestStarts[user + 1]!)
    const topic = topicOf(save)
    if (list.includes(topic)) own++
    const familyOf = (t: number) => Math.floor(t / TOPICS_PER_FAMILY)
    if (list.some((interest) => familyOf(interest) === familyOf(topic))) family++
  }
  // Three of 192 topics would be met by chance in one save of fifty.
  expect(own / saves.length).toBeGreaterThan(0.75)
  expect(family / saves.length).toBeGreaterThan(0.85)
})

test('the tail is heavy: one pin in a hundred takes a tenth of the saves', () => {
  const counts = [...tally(saves.map((save) => save.pin)).values()].sort((a, b) => b - a)
  const best = counts.slice(0, 200).reduce((a, b) => a + b)
  expect(best / saves.length).toBeGreaterThan(0.07)
  expect(counts.length).toBeGreaterThan(15_000)
  const users = [...tally(saves.map((save) => save.user)).values()].sort((a, b) => b - a)
  expect(users[20]!).toBeGreaterThan(3 * users[1_000]!)
})

test('a personal ranker can beat popularity: topics tell more than counts', () => {
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
  const likes = (i: EventEntry) => (topics.get(i.user)?.get(topicOf(i)) ?? 0) >= 3
  const popular = (i: EventEntry) => (before.get(i.pin) ?? 0) >= 10
  const byTopic = rate(viewed.filter(likes)) / rate(viewed.filter((i) => !likes(i)))
  const byCount = rate(viewed.filter(popular)) / rate(viewed.filter((i) => !popular(i)))
  expect(byTopic).toBeGreaterThan(3)
  expect(byTopic).toBeGreaterThan(1.5 * byCount)
})

test('entries tell nothing of the latent truth but what a caption would', () => {
  const kinds = Map.groupBy(entries, (entry) => entry.kind)
  const fields = (kind: Entry['kind']) => [
    ...new Set(kinds.get(kind)!.flatMap((entry) => Object.keys(entry))),
  ]
  expect(fields('user')).toEqual(['kind', 'id', 'time'])
  expect(fields('board').sort()).toEqual(['id', 'kind', 'private', 'time', 'title', 'user'])
  expect(fields('pin').sort()).toEqual(
    ['created', 'id', 'image', 'kind', 'language', 'tags', 'time', 'title', 'topic'].sort(),
  )
})

test('pictures are found by the name in the entry, and by no other', () => {
  const picture = demoPictures()
  expect(picture('p0')?.subarray(1, 4).toString()).toBe('PNG')
  for (const id of ['p20000', 'p-1', 'p00', 'p1.5', 'x1', '', 'p', 'p1e3']) {
    expect(picture(id), id).toBeUndefined()
  }
})
