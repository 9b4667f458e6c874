import { describe, expect, test } from 'vitest'
import {
  type Entry,
  type EventKind,
  hashId,
  isEvent,
  ManualClock,
  Random,
} from '../../base/index.ts'
import { FactorReader, pinFactorsMemory } from '../../ranking/index.ts'
import { areaUnderCurve } from '../../ranking/training/area-under-curve.ts'
import { EntryWriter, type Frame } from '../log/index.ts'
import { type ExampleOptions, LogExamples } from './log-examples.ts'

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

async function learn(entries: readonly Entry[], more: Partial<ExampleOptions> = {}) {
  const capacity = { pinCapacity: 4 * PINS, boardCapacity: 4 * PINS }
  // One number of entries for all, as told beforehand: what is warm-up must not depend on the cut.
  const size = { entries: PINS + EVENTS, warmUp: 0.3, rowsMax: 1e6, ...more }
  const examples = new LogExamples({ ...capacity, ...size }, 1, new ManualClock())
  for (const frame of framesOf(entries)) await examples.feed(frame)
  return examples.rows()
}
const deep = { generation: 'deep', factorFits: 3 } as const

/** People who are shown pins in no order and save every other one for no reason. */
function chance(): Entry[] {
  const random = new Random(8)
  const entries = story().slice(0, PINS)
  const pairs = Array.from({ length: PINS * USERS }, (_, pair) => pair)
  for (let n = 0; entries.length < PINS + EVENTS; n++) {
    const [pair] = pairs.splice(random.below(pairs.length), 1)
    const event = { user: `u${pair! % USERS}`, pin: `p${Math.floor(pair! / USERS)}` }
    const time = START_MS + (1 + n) * MINUTE_MS
    entries.push({ kind: 'impression', id: `i${n}`, time, ...event })
    if (random.below(2) === 0) entries.push({ kind: 'save', id: `s${n}`, time: time + 1, ...event })
  }
  return entries
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
const whole = await learn(entries)
const wholeDeep = await learn(entries, deep)

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
  test.each([400, 520, 640])('cut after %d entries, the rows before are equal', async (cut) => {
    const part = await learn(entries.slice(0, cut))
    const { length } = part.labels
    expect(length).toBeGreaterThan(10)
    expect(part.features).toEqual(whole.features.slice(0, length * part.names.length))
  })

  const kinds = [
    ['of the small ranker', {}],
    ['of the deep one', deep],
  ] as const
  test.each(kinds)('a planted future changes no row %s, a planted past does', async (_, more) => {
    const cut = 560
    const moment = START_MS + (cut - PINS) * MINUTE_MS
    const before = await learn(entries.slice(0, cut), more)
    const future = await learn([...entries.slice(0, cut), ...stampede(moment)], more)
    expect(future.features).toEqual(before.features)
    if ('generation' in more) {
      expect(before.features).toEqual(wholeDeep.features.slice(0, before.features.length))
      // It is the future all the same.
      expect(future.factors).not.toEqual(before.factors)
    }
    // The control: had it come before the last rows, they would differ. What was saved is shown no
    // more, so it is strangers who stampede here.
    const strangers = stampede(moment - 3 * 60 * MINUTE_MS).map((entry) => ({
      ...entry,
      user: `stranger${entry.id}`,
    })) as Entry[]
    const early = cut - 160
    const told = [...entries.slice(0, early), ...strangers, ...entries.slice(early, cut)]
    const past = await learn(told, more)
    expect(past.labels.length).toBe(before.labels.length)
    const last = -before.names.length
    expect(past.features.slice(last)).not.toEqual(before.features.slice(last))
  })
})

test('a label is a save by the same user within the hour, and nothing else', async () => {
  const known = entries.slice(0, 320)
  const probe = async (after: { user: string; pin: string; minutes: number }) => {
    const at = START_MS + (EVENTS + 10) * MINUTE_MS
    const shown: Entry[] = [
      { kind: 'pin', id: 'new', time: at - 2, tags: ['t0'] },
      { kind: 'impression', id: 'i', time: at, user: 'u0', pin: 'new' },
    ]
    const { minutes, ...who } = after
    const saved: Entry = { kind: 'save', id: 's', time: at + minutes * MINUTE_MS, ...who }
    return (await learn([...known, ...shown, saved])).labels.at(-1)
  }
  expect(await probe({ user: 'u0', pin: 'new', minutes: 59 })).toBe(1)
  expect(await probe({ user: 'u0', pin: 'new', minutes: 60 })).toBe(0)
  expect(await probe({ user: 'u1', pin: 'new', minutes: 1 })).toBe(0)
  expect(await probe({ user: 'u0', pin: 'p1', minutes: 1 })).toBe(0)
})

describe('people look at the same time:', () => {
  const at = START_MS + (EVENTS + 10) * MINUTE_MS
  const known = entries.slice(0, 320)
  const pin = (id: string): Entry => ({ kind: 'pin', id, time: at - 2, tags: ['t0'] })
  const event = (kind: EventKind, user: string, of: string, second: number, request?: string) => {
    const entry = { kind, id: `${kind}${user}${of}`, time: at + 1000 * second, user, pin: of }
    return { ...entry, ...(request !== undefined && { context: { request } }) } as Entry
  }
  const rowOf = (rows: Awaited<ReturnType<typeof learn>>, user: string, of: string) => {
    const row = rows.users.findIndex((each, i) => {
      return each === hashId(user) && rows.pins[i] === hashId(of)
    })
    const width = rows.names.length
    const values = [...rows.features.slice(row * width, (row + 1) * width)]
    const features = Object.fromEntries(rows.names.map((name, f) => [name, values[f]]))
    return { label: rows.labels[row], features }
  }

  test('a request is one, whoever is told of in between', async () => {
    const [first, second] = [
      event('impression', 'u0', 'a', 0, 'r'),
      event('impression', 'u0', 'b', 9, 'r'),
    ]
    const between = event('impression', 'u1', 'a', 5, 'other')
    const alone = await learn([...known, pin('a'), pin('b'), first, second])
    const within = await learn([...known, pin('a'), pin('b'), first, between, second])
    expect(rowOf(within, 'u0', 'b')).toEqual(rowOf(alone, 'u0', 'b'))
    const { user_recency: recency } = rowOf(within, 'u0', 'b').features
    // Had it begun anew, the user would have acted seconds ago.
    expect(recency).toBeLessThan(0.95)
  })

  test('what is saved before it is told of as shown was saved, and its row does not know', async () => {
    const own = known.filter(isEvent).filter(({ user }) => user === 'u0')
    const ids = ['b', ...Array.from({ length: PINS }, (_, n) => `p${n}`)]
    const fresh = ids.filter((id) => !own.some((event) => event.pin === id))
    const begins = event('impression', 'u0', 'a', 0, 'r')
    const shown = fresh.map((id, n) => event('impression', 'u0', id, n, 'r'))
    const saves = fresh.map((id, n) => event('save', 'u0', id, n))
    const plain = await learn([...known, pin('a'), pin('b'), begins, ...shown])
    const early = await learn([...known, pin('a'), pin('b'), begins, ...saves, ...shown])
    const rows = fresh.map((id) => [rowOf(plain, 'u0', id), rowOf(early, 'u0', id)] as const)
    const kept = rows.filter(([, { label }]) => label !== undefined)
    expect(kept.length).toBeGreaterThan(20)
    for (const [without, withSave] of kept) {
      expect([without.label, withSave.label]).toEqual([0, 1])
      expect(withSave.features).toEqual(without.features)
    }
    // Of what no source named there is no row: it could only be made of counters that know it.
    expect(rowOf(plain, 'u0', 'b').label).toBe(0)
    expect(rowOf(early, 'u0', 'b').label).toBeUndefined()
  })
})

test('epochs are built as the log goes on: what is saved one after the other is learned', async () => {
  const at = START_MS + (EVENTS + 10) * MINUTE_MS
  // 75 boards of 30 pins, in one order.
  const saves = Array.from({ length: 2_250 }, (_, n): Entry => {
    const [user, pin] = [`s${Math.floor(n / 30)}`, `x${n % 30}`]
    return { kind: 'save', id: `e${n}`, time: at + n, user, pin, board: `of ${user}` }
  })
  const told = (kind: EventKind, pin: string): Entry => {
    return { kind, id: `${kind}${pin}`, time: at + MINUTE_MS, user: 'u0', pin }
  }
  const rows = await learn([...entries, ...saves, told('save', 'x3'), told('impression', 'x4')])
  const sequences = rows.features.at(rows.names.indexOf('sequences_score') - rows.names.length)
  expect(sequences).toBeGreaterThan(1)
})

test.each([{ negatives: 3 }, { negatives: 1, rivals: 2, rivalsAmong: 100 }])(
  'drawn pins are unknown to the user, and saved if ever they were later: %j',
  async (kinds) => {
    const rows = await learn(entries, kinds)
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
      if (!kinds.rivals) expect(rows.drawChances[row]).toBeCloseTo(3 / PINS, 1)
      later += rows.labels[row]!
    })
    expect(later).toBeGreaterThan(10)
  },
)

test('rivals are more like what the user saved than the catalogue is', async () => {
  const similar = async (kinds: Partial<ExampleOptions>) => {
    const { names, features, drawn, drawChances } = await learn(entries, kinds)
    const rows = Array.from(drawn.keys()).filter((row) => drawn[row] === 1)
    const named = rows.filter((row) => {
      return features[row * names.length + names.indexOf('neighbours_score')]! > 0
    })
    const chances = rows.map((row) => drawChances[row]!)
    return { named: named.length / rows.length, chances }
  }
  const of = await similar({ negatives: 2 })
  const among = await similar({ rivals: 2, rivalsAmong: 8 })
  expect(among.named).toBeGreaterThan(2 * of.named)
  expect(new Set(among.chances)).toEqual(new Set([2 / 8]))
})

describe('factors', () => {
  const column = ({ names, features }: typeof wholeDeep) => {
    const at = names.indexOf('factors_score')
    return features.filter((_, i) => i % names.length === at)
  }

  test('tell rows apart, and go with the rows they were made for; the small ranker has none', () => {
    expect(whole.names).not.toContain('factors_score')
    expect(whole.factors).toBeUndefined()
    expect(new Set(column(wholeDeep)).size).toBeGreaterThan(wholeDeep.labels.length / 2)
    const saved = entries.filter(isEvent).filter(({ kind }) => kind === 'save')
    expect(new Set(wholeDeep.factors?.pins)).toEqual(new Set(saved.map(({ pin }) => pin)))
    // Two tastes: what is of a user's own is what is saved.
    const mean = (label: number) => {
      const own = column(wholeDeep).filter((_, row) => wholeDeep.labels[row] === label)
      return own.reduce((sum, score) => sum + score, 0) / own.length
    }
    expect(mean(1)).toBeGreaterThan(0)
  })

  test('are fitted again along the log, and a user is folded in by the saves until then', async () => {
    const once = await learn(entries, { ...deep, factorFits: 1 })
    expect(once.factors).toEqual(wholeDeep.factors)
    const [one, three] = [column(once), column(wholeDeep)]
    const differing = three.findIndex((score, row) => score !== one[row])
    // The first rows have the first fit either way, those after the second do not.
    expect(differing).toBeGreaterThan(20)
    expect(differing).toBeLessThan(0.6 * three.length)
  })

  test('of what nobody saved are none', async () => {
    const seen = entries.filter((entry) => !isEvent(entry) || entry.kind !== 'save')
    const rows = await learn(seen, deep)
    expect(rows.factors).toBeUndefined()
    expect(new Set(column(rows))).toEqual(new Set([0]))
  })

  test('of the past know nothing where there is nothing to know; of the future, everything', async () => {
    const known = await learn(chance(), deep)
    const labels = Float64Array.from(known.labels)
    // Some 500 rows: the AUC of a coin has a deviation of .026.
    const auc = areaUnderCurve(Float64Array.from(column(known)), labels)
    expect(Math.abs(auc - 0.5)).toBeLessThan(0.09)
    // The same rows by the last fit and the users' last saves: what a leak would show them.
    const pins = new Map(Array.from({ length: PINS }, (_, n) => [hashId(`p${n}`), n]))
    const users = new Map(Array.from({ length: USERS }, (_, n) => [hashId(`u${n}`), n]))
    const reader = new FactorReader(pinFactorsMemory(known.factors!, (pin) => Number(pin.slice(1))))
    const saves = chance()
      .filter(isEvent)
      .filter(({ kind }) => kind === 'save')
    const leaked = Float64Array.from(labels, (_, row) => {
      const user = `u${users.get(known.users[row]!)}`
      const own = saves.filter((save) => save.user === user).map(({ pin }) => Number(pin?.slice(1)))
      return reader.fold(own.reverse())?.scoresOf([pins.get(known.pins[row]!)!])[0] ?? 0
    })
    expect(areaUnderCurve(leaked, labels)).toBeGreaterThan(0.9)
  })
})
