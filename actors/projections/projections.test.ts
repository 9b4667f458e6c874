import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Entry, isEvent, kindCode, NONE } from '../../base/index.ts'
import { heapStore } from '../../graph/index.ts'
import { EntryReader, redact } from '../log/index.ts'
import { BlockBatch, type RecordBlock, roles } from '../shard/record-block.ts'
import { frameOf, newNames } from '../testing.ts'
import { Feeder } from './feeder.ts'
import { GraphProjection } from './graph-projection.ts'

const save = (n: number, more: Partial<Entry> = {}): Entry =>
  ({ kind: 'save', id: `e${n}`, time: n, user: 'u', pin: `p${n}`, ...more }) as Entry

function feeding(partitions = 1, duplicateWindow = 100) {
  const blocks: RecordBlock[] = []
  const names = newNames()
  const emit = (block: RecordBlock) => blocks.push(block)
  const feeder = new Feeder({ names, partitions, emit, duplicateWindow })
  const positions = () => blocks.flatMap((b) => [...b.position.subarray(0, b.count)])
  return { feeder, names, blocks, positions }
}

describe('the feeder', () => {
  test('a frame that comes again gives nothing', () => {
    const { feeder, positions } = feeding()
    const frame = frameOf([save(1), save(2)])
    feeder.feed(frame)
    feeder.feed(frame)
    feeder.feed(frameOf([save(2), save(3)], 1))
    feeder.flush()
    expect(positions()).toEqual([0, 1, 2])
    expect(feeder.positions()).toEqual([3])
  })

  test('a resend has no effect; the same id of another user has', () => {
    const { feeder, positions } = feeding()
    feeder.feed(frameOf([save(1), save(1), save(1, { user: 'v' })]))
    feeder.flush()
    expect(positions()).toEqual([0, 2])
    expect(feeder.resends).toBe(1)
  })

  test('what was taken out says nothing, and keeps its place among the others', () => {
    const { names, ...fed } = feeding(1, 3)
    const frame = frameOf([save(1), save(2, { user: 'gone' }), save(3), save(1), save(1)])
    const reader = new EntryReader(frame.payload)
    while (reader.next()) {
      if (reader.text(reader.ownerStart, reader.ownerEnd) === 'gone') redact(reader)
    }
    fed.feeder.feed(frame)
    fed.feeder.flush()
    // The first resend is three places behind what it repeats, as if nothing were missing.
    expect(fed.positions()).toEqual([0, 2])
    expect([fed.feeder.entries, fed.feeder.resends]).toEqual([5, 2])
    expect([names.user.find('gone'), names.pin.find('p2')]).toEqual([-1, -1])
  })

  test('an implicit board cannot be another board', () => {
    const { feeder, blocks, names } = feeding()
    feeder.feed(frameOf([save(1), save(2, { board: 'u' }), save(3, { board: '~u' }), save(4)]))
    feeder.flush()
    const boards = [...blocks[0]!.board.subarray(0, 4)]
    expect(new Set(boards).size).toBe(3)
    expect(boards[0]).toBe(boards[3])
    expect(names.board.id(boards[0]!)).not.toBe('u')
  })

  test('each kind is folded by those whom it concerns', () => {
    const { feeder, blocks } = feeding()
    feeder.feed(
      frameOf([
        save(1),
        { kind: 'closeup', id: 'c', time: 2, user: 'u', pin: 'p' },
        { kind: 'follow-topic', id: 'f', time: 3, user: 'u', topic: 't' },
        { kind: 'pin', id: 'p', time: 4, tags: ['x'] },
        { kind: 'board', id: 'b', time: 5, user: 'u', private: true },
      ]),
    )
    feeder.flush()
    const [block] = blocks
    const { user, pin, graph } = roles
    expect([...block!.roles.subarray(0, 5)]).toEqual([
      user | pin | graph,
      user | pin,
      user,
      pin | graph,
      user | graph,
    ])
    expect(block!.label[2]).not.toBe(NONE)
    expect(block!.payloads.get(3)?.tags).toHaveLength(1)
  })
})

/** What the graph should show, done naively. */
class Model {
  readonly edges = new Map<string, { time: number; alive: boolean }>()
  readonly owners = new Map<string, string>()
  readonly boards = new Map<string, { time: number; ok: boolean }>()
  readonly pins = new Map<string, { time: number; ok: boolean }>()

  apply(e: Entry): void {
    const note = (map: typeof this.boards, id: string, ok: boolean) => {
      if (e.time >= (map.get(id)?.time ?? 0)) map.set(id, { time: e.time, ok })
    }
    if (isEvent(e)) {
      if (e.kind !== 'save' && e.kind !== 'unsave') return
      const board = e.board!
      if (e.kind === 'save' && !this.owners.has(board)) this.owners.set(board, e.user)
      const key = `${e.pin}-${board}`
      const known = this.edges.get(key)
      if (!known || e.time >= known.time)
        this.edges.set(key, { time: e.time, alive: e.kind === 'save' })
    } else if (e.kind === 'pin') note(this.pins, e.id, e.hidden !== true)
    else if (e.kind === 'delete-pin') note(this.pins, e.id, false)
    else if (e.kind === 'board') {
      if (!this.owners.has(e.id)) this.owners.set(e.id, e.user)
      note(this.boards, e.id, e.private !== true)
    } else if (e.kind === 'delete-board') note(this.boards, e.id, false)
    else if (e.kind === 'delete-user') {
      for (const [board, owner] of this.owners) if (owner === e.id) note(this.boards, board, false)
    }
  }

  visible(): string[] {
    return [...this.edges]
      .filter(([key, { alive }]) => {
        const [pin, board] = key.split('-') as [string, string]
        return alive && (this.pins.get(pin)?.ok ?? true) && (this.boards.get(board)?.ok ?? true)
      })
      .map(([key]) => key)
      .sort()
  }
}

const pin = fc.nat(5).map((n) => `p${n}`)
const board = fc.nat(4).map((n) => `b${n}`)
const user = fc.nat(2).map((n) => `u${n}`)
const time = fc.nat(30)
const change = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('save', 'unsave'),
      id: fc.uuid(),
      time,
      user,
      pin,
      board,
    }),
  },
  fc.record({ kind: fc.constant('pin'), id: pin, time, hidden: fc.boolean() }),
  fc.record({ kind: fc.constant('board'), id: board, time, user, private: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('delete-pin'), id: pin, time }),
  fc.record({ kind: fc.constantFrom('delete-board'), id: board, time }),
  fc.record({ kind: fc.constantFrom('delete-user'), id: user, time }),
) as fc.Arbitrary<Entry>
/** A change, or that many slices of a rebuild. */
const step = fc.oneof({ weight: 3, arbitrary: change }, fc.integer({ min: 1, max: 40 }))

describe('the graph projection', () => {
  test('a small graph is made again when it has doubled, a large one at its tenth', () => {
    const { feeder, blocks } = feeding()
    const projection = new GraphProjection({ pinCapacity: 50_000, boardCapacity: 64 })
    const made: number[] = []
    for (let n = 0; n < 30_000; n++) {
      feeder.feed(frameOf([save(n)], n))
      feeder.flush()
      projection.applyBlock(blocks.pop()!)
      if (!projection.isDue) continue
      for (const _ of projection.rebuildSteps());
      made.push(n + 1)
    }
    const doubled = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]
    expect(made.slice(0, 13)).toEqual([...doubled, 2048 + 2000])
    expect(made.at(-1)! / made.at(-2)!).toBeCloseTo(1.1, 2)
  })

  function run(steps: readonly (Entry | number)[], plant?: (projection: GraphProjection) => void) {
    const { feeder, blocks, names } = feeding()
    const capacities = { pinCapacity: 64, boardCapacity: 64, store: heapStore }
    const projection = new GraphProjection(capacities)
    const model = new Model()
    for (const _ of projection.rebuildSteps());
    let building: Generator<void, void> | undefined
    let position = 0
    for (const given of steps) {
      // Ids of events are their own: the same one again would be a resend.
      const next =
        typeof given !== 'number' && isEvent(given) ? { ...given, id: `e${position}` } : given
      if (typeof next === 'number') {
        building ??= projection.rebuildSteps()
        for (let i = 0; i < next && building; i++) if (building.next().done) building = undefined
        continue
      }
      model.apply(next)
      feeder.feed(frameOf([next], position++))
      feeder.flush()
      const block = blocks.pop()
      if (block && (block.roles[0]! & roles.graph) !== 0) {
        projection.apply(new BlockBatch(block).record(0))
      }
    }
    plant?.(projection)
    const visible: string[] = []
    const { view } = projection
    for (let p = 0; p < names.pin.size; p++) {
      if (view.delta.isHidden(p)) continue
      for (let r = 0; r < view.pinRanks(p); r++) {
        const b = view.boardOfPin(p, r)
        if (b !== NONE) visible.push(`${names.pin.id(p)}-${names.board.id(b)}`)
      }
    }
    return { visible: visible.sort(), expected: model.visible() }
  }

  test('walkers see exactly the live, public edges, at every moment of a rebuild', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { visible, expected } = run(steps)
        expect(visible).toEqual(expected)
      }),
      { numRuns: 400 },
    )
  })

  test('the check sees an edge that is lost', () => {
    const steps = [save(1, { board: 'b' })]
    const { visible, expected } = run(steps, (projection) => projection.view.delta.remove(0, 0))
    expect(visible).not.toEqual(expected)
  })

  test('kinds that are no edges change nothing', () => {
    expect(kindCode.hide).toBeGreaterThan(kindCode.save)
    expect(run([{ kind: 'hide', id: 'h', time: 1, user: 'u', pin: 'p' }]).visible).toEqual([])
  })
})
