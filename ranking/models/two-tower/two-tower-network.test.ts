/** The whole network against central differences, and which weights a gradient reaches. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { checkGradient, Layers, Trainer } from '../../training/engine/index.ts'
import { PairBatches } from './pair-batches.ts'
import { tagBags } from './tag-bags.ts'
import { PLANTED_PINS, planted } from './testing.ts'
import { pinVector, TwoTower } from './two-tower.ts'
import { placesOf, twoTowerNetwork } from './two-tower-network.ts'

const shape = {
  slots: 2,
  tagRows: 9,
  pins: 7,
  width: 4,
  negatives: 1,
  historyPins: 2,
  temperature: 0.5,
}

test('the gradient of the whole network equals differences', async () => {
  const rows = 3
  const fixed = ['tag weights', 'id weights', 'history weights', 'correction', 'weights']
  const network = twoTowerNetwork(shape)
  const report = await checkGradient(
    {
      name: 'two towers',
      build: (tape) => network(new Layers(rows, false, tape)).loss,
      start: {
        'tag weights': () => 1 / 2,
        'id weights': (random) => random.below(2),
        'history weights': (random) => random.below(2) / 2,
        weights: () => 1,
        targets: (random) => random.below(6),
      },
      fixed,
    },
    new Random(5),
  )
  // Tags and ids of every place, the user's layer.
  const { all } = placesOf(shape, rows)
  expect(report.checked).toBe(all * 2 * 4 + all * 4 + 4 * 4 + 4)
  expect(report.worst).toBeLessThan(1e-7)
})

describe('over a batch of pairs', () => {
  const { rows, tags } = planted(1)
  const bags = tagBags(tags, PLANTED_PINS, { slots: 2, tagRows: 256 })
  const wide = { ...shape, tagRows: 256, pins: PLANTED_PINS }
  const pairs = {
    users: Uint32Array.of(0, 1, 2, 3),
    pins: Uint32Array.of(0, 1, 2, 3).map((user) => rows.items[rows.offsets[user]!]!),
  }
  let trainer: Trainer
  beforeEach(async () => {
    const optimiser = { kind: 'adam', rate: 0.01, decay: 0 } as const
    const options = { rows: 4, optimiser, seed: 1, threads: 1 }
    trainer = await Trainer.open(twoTowerNetwork(wide), options)
    const batches = new PairBatches({ saves: rows, all: rows }, bags, wide, {
      history: 6,
      idDropout: 0.5,
    })
    batches.fill(trainer, pairs, new Random(2))
  })
  afterEach(() => trainer.close())

  test('what serving computes is what the network answers', async () => {
    // So that the offset is no longer zero.
    await trainer.step()
    await trainer.answer()
    const { width } = wide
    const table = trainer.table('tags').state.table
    const ids = trainer.table('ids').ids
    const tagIds = trainer.table('tags').ids
    const pins = trainer.output('pins')
    const ofTags = trainer.input('tag weights')
    const vectors = Array.from(ids, (id, at) => {
      const bag = [...tagIds.subarray(2 * at, 2 * at + 2)].filter((_, s) => ofTags[2 * at + s]! > 0)
      return pinVector(table, width, bag, id === 0 ? undefined : trainer.table('ids').row(id))
    })
    vectors
      .flatMap((vector) => [...vector])
      .forEach((value, i) => {
        expect(value).toBeCloseTo(pins[i]!, 5)
      })
    const values = (name: string) => trainer.parameters.get(name).values
    const tower = new TwoTower({
      shape: { slots: 2, tagRows: 256, width },
      tags: table,
      turn: values('turn'),
      offset: values('offset'),
      pins: pins.slice(),
    })
    const weights = trainer.input('history weights')
    pairs.users.forEach((_, i) => {
      const saved = vectors.filter((_, at) => weights[i * vectors.length + at]! > 0)
      expect(saved.length).toBeGreaterThan(0)
      tower.userVector(saved).forEach((value, k) => {
        expect(value).toBeCloseTo(trainer.output('users')[i * width + k]!, 5)
      })
    })
  })

  test('a step moves the tags and ids that it has, and no others', async () => {
    const watched = ['tags', 'ids'].map((name) => {
      const table = trainer.table(name)
      return { table, before: table.state.table.slice(), read: new Set(table.ids) }
    })
    await trainer.step()
    const [tagRows, idRows] = watched.map(({ table, before, read }) => {
      const moved = new Set<number>()
      table.state.table.forEach((value, i) => {
        if (value !== before[i]) moved.add(Math.floor(i / wide.width))
      })
      return { moved, read }
    })
    expect(tagRows!.moved).toEqual(tagRows!.read)
    expect(tagRows!.moved.size).toBeGreaterThan(4)
    // Row 0 stands for an id that was left out: it has no gradient.
    expect(idRows!.read).toContain(0)
    idRows!.read.delete(0)
    expect(idRows!.moved).toEqual(idRows!.read)
  })
})
