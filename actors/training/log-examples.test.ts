import { describe, expect, test } from 'vitest'
import {
  type Entry,
  type EventKind,
  hashId,
  isEvent,
  ManualClock,
  Random,
} from '../../base/index.ts'
import { EntryWriter, type Frame } from '../log/index.ts'
import { LogExamples } from './log-examples.ts'

const CHUNK = 40
const EVENTS = 700
const PINS = 100
const USERS = 20
const MINUTE_MS = 60_000
const START_MS = Date.UTC(2020, 0, 1)

/** Pins with tags, then people of two tastes who look at pins and save some. */
function story(): Entry[] {
  const random = new Random(3)
  const entries: Entry[] = []
  for (let pin = 0; pin < PINS; pin++) {
    const tags = [`t${pin % 2}`, `t${2 + (pin % 5)}`]
    entries.push({ kind: 'pin', id: `p${pin}`, time: START_MS + pin, tags, topic: `c${pin % 2}` })
  }
  for (let n = 0; n < EVENTS; n++) {
    const user = random.below(USERS)
    const pin = 2 * random.below(PINS / 2) + (user % 2)
    const kind: EventKind = random.below(3) === 0 ? 'save' : 'impression'
    entries.push({
      kind,
      id: `e${n}`,
      time: START_MS + (1 + n) * MINUTE_MS,
      user: `u${user}`,
      pin: `p${pin}`,
      ...(kind === 'save' ? { board: `b${user}` } : { context: { rank: random.below(9) } }),
    })
  }
  return entries
}

function framesOf(entries: readonly Entry[]): Frame[] {
  const frames: Frame[] = []
  for (let first = 0; first < entries.length; first += CHUNK) {
    const writer = new EntryWriter()
    for (const entry of entries.slice(first, first + CHUNK)) writer.append(entry)
    frames.push({ partition: 0, sequence: first, first, ...writer.take() })
  }
  return frames
}

function learn(entries: readonly Entry[]) {
  const capacity = { pinCapacity: 4 * PINS, boardCapacity: 4 * PINS }
  // One number of entries for all, as told beforehand: what is warm-up must not depend on the cut.
  const size = { entries: PINS + EVENTS, warmUp: 0.3, rowsMax: 1e6 }
  const examples = new LogExamples({ ...capacity, ...size }, 1, new ManualClock())
  for (const frame of framesOf(entries)) examples.feed(frame)
  return examples.rows()
}

/** Four users save every pin at that moment. */
function stampede(time: number): Entry[] {
  return Array.from({ length: 4 * PINS }, (_, n) => ({
    kind: 'save',
    id: `s${n}`,
    time,
    user: `u${n % 4}`,
    pin: `p${Math.floor(n / 4)}`,
    board: `b${n % 4}`,
  }))
}

const entries = story()
const whole = learn(entries)

test('the story teaches: rows of both labels, features that vary', () => {
  expect(whole.labels.length).toBeGreaterThan(60)
  expect(new Set(whole.labels).size).toBe(2)
  const width = whole.names.length
  const varying = whole.names.filter((_, f) => {
    return new Set(whole.features.filter((_, i) => i % width === f)).size > 3
  })
  expect(varying).toEqual(expect.arrayContaining(['walk_score', 'popularity', 'tag_affinity']))
})

describe('nothing of the future reaches a row', () => {
  test.each([400, 520, 640])('cut after %d entries, the rows before are equal', (cut) => {
    const part = learn(entries.slice(0, cut))
    const { length } = part.labels
    expect(length).toBeGreaterThan(10)
    expect(part.features).toEqual(whole.features.slice(0, length * part.names.length))
  })

  test('a planted future changes no row before it, a planted past does', () => {
    const cut = 560
    const moment = START_MS + (cut - PINS) * MINUTE_MS
    const before = learn(entries.slice(0, cut))
    const future = learn([...entries.slice(0, cut), ...stampede(moment)])
    expect(future.features).toEqual(before.features)
    // The control: had it come before the last rows, they would differ. What was saved is shown no
    // more, so it is strangers who stampede here.
    const strangers = stampede(moment - 3 * 60 * MINUTE_MS).map((entry) => ({
      ...entry,
      user: `stranger${entry.id}`,
    })) as Entry[]
    const early = cut - 160
    const past = learn([...entries.slice(0, early), ...strangers, ...entries.slice(early, cut)])
    expect(past.labels.length).toBe(before.labels.length)
    const last = -before.names.length
    expect(past.features.slice(last)).not.toEqual(before.features.slice(last))
  })
})

test('a label is a save by the same user within the hour, and nothing else', () => {
  const known = entries.slice(0, 320)
  const probe = (after: { user: string; pin: string; minutes: number }) => {
    const at = START_MS + (EVENTS + 10) * MINUTE_MS
    const shown: Entry[] = [
      { kind: 'pin', id: 'new', time: at - 2, tags: ['t0'] },
      { kind: 'impression', id: 'i', time: at, user: 'u0', pin: 'new' },
    ]
    const { minutes, ...who } = after
    const saved: Entry = { kind: 'save', id: 's', time: at + minutes * MINUTE_MS, ...who }
    return learn([...known, ...shown, saved]).labels.at(-1)
  }
  expect(probe({ user: 'u0', pin: 'new', minutes: 59 })).toBe(1)
  expect(probe({ user: 'u0', pin: 'new', minutes: 60 })).toBe(0)
  expect(probe({ user: 'u1', pin: 'new', minutes: 1 })).toBe(0)
  expect(probe({ user: 'u0', pin: 'p1', minutes: 1 })).toBe(0)
})

test('drawn pins are of the catalogue, unknown to the user, and saved if ever they were later', () => {
  const capacity = { pinCapacity: 4 * PINS, boardCapacity: 4 * PINS }
  const size = { entries: PINS + EVENTS, warmUp: 0.3, rowsMax: 1e6, negatives: 3 }
  const examples = new LogExamples({ ...capacity, ...size }, 1, new ManualClock())
  for (const frame of framesOf(entries)) examples.feed(frame)
  const rows = examples.rows()
  const shown = rows.drawn.filter((drawn) => drawn === 0).length
  expect(shown).toBe(whole.labels.length)
  expect(rows.labels.length).toBeGreaterThan(3 * shown)
  const byHash = (ids: readonly string[]) => new Map(ids.map((id) => [hashId(id), id]))
  const pins = byHash(Array.from({ length: PINS }, (_, n) => `p${n}`))
  const users = byHash(Array.from({ length: USERS }, (_, n) => `u${n}`))
  const saves = entries.filter(isEvent).filter(({ kind }) => kind === 'save')
  let later = 0
  rows.drawn.forEach((drawn, row) => {
    const [pin, user] = [pins.get(rows.pins[row]!), users.get(rows.users[row]!)]
    expect([pin, user]).not.toContain(undefined)
    if (drawn === 0) return
    const own = saves.filter((save) => save.user === user && save.pin === pin)
    // Known before: it would not be drawn.
    expect(own.every(({ time }) => time >= rows.times[row]!)).toBe(true)
    expect(rows.labels[row]).toBe(own.length > 0 ? 1 : 0)
    expect(rows.propensities[row]).toBeCloseTo(3 / PINS, 1)
    later += rows.labels[row]!
  })
  expect(later).toBeGreaterThan(10)
})
