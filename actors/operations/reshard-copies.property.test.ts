import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Entry, entryOwner, hashId } from '../../base/index.ts'
import { checkMessage } from '../ingest/frame-check.ts'
import { positionOf } from '../ingest/position.ts'
import { PAYLOAD_BYTES_MAX } from '../ingest/stream.ts'
import { DuplicateWindow, EntryReader, entryParts, type Frame } from '../log/index.ts'
import { Copies } from './reshard-copies.ts'

const WINDOW = 12

const event = fc.record({ user: fc.nat(9), id: fc.nat(30) }).map(
  ({ user, id }): Entry => ({
    ...{ kind: 'closeup', id: `e${id}`, time: 1, user: `u${user}`, pin: `p${id}` },
  }),
)
const thing = fc
  .constantFrom('pin', 'user', 'delete-pin')
  .chain((kind) => fc.nat(20).map((n): Entry => ({ kind, id: `${kind[0]}${n}`, time: 1 }) as Entry))
const request = fc.array(fc.oneof({ weight: 4, arbitrary: event }, thing), {
  minLength: 1,
  maxLength: 12,
})
const log = fc.record({
  requests: fc.array(request, { maxLength: 25 }),
  from: fc.integer({ min: 1, max: 8 }),
  to: fc.integer({ min: 1, max: 8 }),
  /** Sequences that the stream has dropped, or that were of another stream. */
  before: fc.nat(40),
})

/** The messages of a log that was appended to request by request. */
function framesOf({
  requests,
  from,
  before,
}: {
  requests: Entry[][]
  from: number
  before: number
}) {
  const parts = requests.flatMap((entries) => entryParts(entries, from))
  return parts.map(({ partition, payload, count }, n): Frame => {
    const sequence = before + n + 1
    return { partition, sequence, first: positionOf(sequence, 0), count, payload }
  })
}

function copied(frames: readonly Frame[], of: { from: number; to: number; before: number }) {
  const last = of.before + frames.length
  const cuts = frames.map(({ sequence }) => sequence)
  const copies = new Copies({ ...of, last, cuts, duplicateWindow: WINDOW })
  const messages = frames.map((frame) => copies.take(frame))
  return { messages, last, made: copies.finish() }
}

function entriesOf(payload: Uint8Array): Entry[] {
  const entries: Entry[] = []
  const reader = new EntryReader(payload)
  while (reader.next()) entries.push(reader.toEntry())
  return entries
}

/** What a fold of frames takes, resends left out. */
function folded(frames: readonly Frame[], partitions: number, window = WINDOW): Entry[] {
  const windows = Array.from({ length: partitions }, () => new DuplicateWindow(window))
  return frames.flatMap(({ partition, payload }) => {
    const reader = new EntryReader(payload)
    const taken: Entry[] = []
    while (reader.next()) {
      const { bytes, ownerStart, ownerEnd, eventStart, eventEnd } = reader
      const known = windows[partition]!
      if (!reader.isEvent) known.pass()
      else if (known.check(bytes, ownerStart, ownerEnd, eventStart, eventEnd)) continue
      taken.push(reader.toEntry())
    }
    return taken
  })
}

/** By owner, in their order. */
function byOwner(entries: readonly Entry[]) {
  const owners = new Map<string, string[]>()
  for (const entry of entries) {
    const owner = `${entry.kind === 'closeup' ? 'event' : 'thing'} ${entryOwner(entry)}`
    owners.set(owner, [...(owners.get(owner) ?? []), JSON.stringify(entry)])
  }
  return Object.fromEntries([...owners].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Copies as the frames that a reader gets. */
const read = (messages: readonly { partition: number; data: Uint8Array }[], last: number) =>
  messages.map(({ partition, data }, n) => {
    const { frame, problem } = checkMessage(data, partition, last + 1 + n)
    if (!frame) throw new Error(problem)
    return frame
  })

test('each copy can be read, is of its owners, and lies where it was foretold', () => {
  fc.assert(
    fc.property(log, (of) => {
      const frames = framesOf(of)
      const { messages, last, made } = copied(frames, of)
      const copies = read(messages.flat(), last)
      for (const { partition, payload, count } of copies) {
        const entries = entriesOf(payload)
        expect(entries).toHaveLength(count)
        expect(payload.length).toBeLessThanOrEqual(PAYLOAD_BYTES_MAX)
        for (const entry of entries) expect(hashId(entryOwner(entry)) % of.to).toBe(partition)
      }
      expect(made.end).toBe(last + copies.length)
      for (const [partition, { position, messages, entries }] of made.partitions.entries()) {
        const own = copies.filter((frame) => frame.partition === partition)
        expect(messages).toBe(own.length)
        expect(entries).toBe(own.reduce((sum, { count }) => sum + count, 0))
        const end = own.at(-1)
        expect(position).toBe(end ? end.first + end.count - 1 : -1)
      }
    }),
  )
})

test('what an owner did is folded as it was, in its order, but for ids used anew', () => {
  fc.assert(
    fc.property(log, (of) => {
      const frames = framesOf(of)
      const { messages, last } = copied(frames, of)
      const before = folded(frames, of.from)
      const after = folded(read(messages.flat(), last), of.to)
      // An id that comes again when its window is over may be within one of the new log.
      const once = folded(frames, of.from, 1_000)
      const [had, has, first] = [byOwner(before), byOwner(after), byOwner(once)]
      expect(Object.keys(has)).toEqual(Object.keys(had))
      for (const [owner, entries] of Object.entries(has)) {
        expect(entries.length).toBeLessThanOrEqual(had[owner]!.length)
        expect(new Set(entries)).toEqual(new Set(first[owner]))
      }
      if (before.length === once.length) expect(has).toEqual(had)
    }),
  )
})

test('who had read up to a message has read up to its cut, and knows the same resends', () => {
  fc.assert(
    fc.property(log, fc.nat(40), (of, at) => {
      const frames = framesOf(of)
      if (frames.length === 0) return
      const { messages, last, made } = copied(frames, of)
      const cut = made.cuts[at % made.cuts.length]!
      const copies = read(messages.flat(), last)
      const read1 = frames.filter(({ sequence }) => sequence <= cut.sequence).length
      const count = messages.slice(0, read1).flat().length
      expect(copies.filter(({ first }) => first < cut.position)).toHaveLength(count)
      // What follows is told apart from the beginnings of the windows as from the first message.
      const verdicts = (frames: readonly Frame[]) =>
        folded(frames, of.to).map((entry) => JSON.stringify(entry))
      const late = copies.filter(({ partition, first }) => first >= cut.begins[partition]!)
      const whole = verdicts(copies)
      const tail = verdicts(late)
      const early = verdicts(copies.slice(0, count))
      const known = verdicts(late.filter(({ first }) => first < cut.position))
      expect(tail.slice(known.length)).toEqual(whole.slice(early.length))
    }),
  )
})

test('the cut at the end is always there', () => {
  const copies = new Copies({ from: 2, to: 3, last: 7, cuts: [] })
  const { cuts, end } = copies.finish()
  const position = positionOf(8, 0)
  expect(end).toBe(7)
  expect(cuts).toEqual([{ sequence: 7, position, begins: [position, position, position] }])
})
