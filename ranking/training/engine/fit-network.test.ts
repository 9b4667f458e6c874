import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock, Random } from '../../../base/index.ts'
import { OnnxSession, onnxModel } from '../../onnx/index.ts'
import { sigmoid } from './elementwise.ts'
import { type FitOptions, type FitProgress, fitNetwork, type TrainingData } from './fit-network.ts'
import type { Network } from './layers.ts'
import { binaryCrossEntropy } from './losses.ts'
import { mean } from './reductions.ts'
import { concatenate } from './shapes.ts'
import { Trainer, type TrainerOptions } from './trainer.ts'

const ROWS = 32
const COUNT = 1_000
const WIDTH = 4

/** A row's label depends on two features together and on whose it is. */
function planted(seed: number) {
  const random = new Random(seed)
  const features = Float32Array.from({ length: COUNT * WIDTH }, () => random.normal())
  const users = Uint32Array.from({ length: COUNT }, () => random.below(20))
  const labels = Float32Array.from(users, (user, row) => {
    const [a, b] = features.subarray(row * WIDTH)
    return a! * b! + (user % 2 === 0 ? 1 : -1) > 0 ? 1 : 0
  })
  return { features, users, labels }
}
type Planted = ReturnType<typeof planted>

const network: Network = (layers) => {
  const user = layers.embedding({
    name: 'users',
    rows: 20,
    width: 4,
    lookups: layers.rows,
    deviation: 0.1,
  })
  const x = concatenate([layers.input('features', WIDTH), user], 1)
  const hidden = layers.dropout(layers.dense('hidden', x, 32, 'relu'), 0.1)
  const logit = layers.dense('score', hidden, 1)
  const loss = mean(binaryCrossEntropy(logit, layers.input('labels', 1)))
  return { loss, outputs: { logit, score: sigmoid(logit) } }
}

const fill = (data: Planted): TrainingData['fill'] => {
  return (trainer, rows) => {
    rows.forEach((row, i) => {
      const features = data.features.subarray(row * WIDTH, (row + 1) * WIDTH)
      trainer.input('features').set(features, i * WIDTH)
      trainer.input('labels')[i] = data.labels[row]!
      trainer.table('users').ids[i] = data.users[row]!
    })
  }
}

const options: TrainerOptions = {
  rows: ROWS,
  optimiser: { kind: 'adam', rate: 0.01, decay: 1e-3 },
  seed: 4,
  threads: 1,
}
const train = { count: COUNT, fill: fill(planted(1)) }
const held = fill(planted(2))

const fitOptions: FitOptions = {
  epochs: 12,
  patience: 3,
  schedule: 'cosine',
  clock: new ManualClock(),
  validate: async (trainer) => {
    let sum = 0
    for (let batch = 0; batch < 20; batch++) {
      held(
        trainer,
        Uint32Array.from({ length: ROWS }, (_, i) => batch * ROWS + i),
      )
      sum += await trainer.answer()
    }
    return sum / 20
  },
}

const learned = (trainer: Trainer) =>
  trainer.weights.map((list) => Buffer.from(list.slice().buffer))

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pinwheel-fit-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('what was planted is found, and its best weights stay', async () => {
  const trainer = await Trainer.open(network, options)
  const before = await fitOptions.validate(trainer)
  const report = await fitNetwork(trainer, train, fitOptions)
  expect(before).toBeGreaterThan(0.65)
  expect(report.loss).toBeLessThan(0.4)
  // The best weights stay, not the last.
  expect(await fitOptions.validate(trainer)).toBeCloseTo(report.loss, 6)
  const graph = trainer.graph('planted', ['score'], {})
  expect(graph.inputs.map(({ name }) => name)).toEqual(['users', 'features'])
  expect(graph.outputs.map(({ name }) => name)).toEqual(['score'])
  await trainer.close()
})

test('a file without embeddings is one that serves', async () => {
  const plain: Network = (layers) => {
    const logit = layers.dense('score', layers.layerNorm('norm', layers.input('x', 8)), 1)
    const loss = mean(binaryCrossEntropy(logit, layers.input('labels', 1)))
    return { loss, outputs: { score: sigmoid(logit) } }
  }
  const trainer = await Trainer.open(plain, options)
  const random = new Random(3)
  trainer.input('x').set(Array.from({ length: 8 * ROWS }, () => random.normal()))
  trainer.input('labels').fill(1)
  for (let i = 0; i < 5; i++) await trainer.step()
  await trainer.answer()
  const session = await OnnxSession.open(onnxModel(trainer.graph('plain', ['score'], {})), 'p', 8)
  const scores = await session.run(trainer.input('x'), ROWS)
  scores.forEach((score, i) => {
    expect(score).toBeCloseTo(trainer.output('score')[i]!, 6)
  })
  await trainer.close()
})

describe('embeddings', () => {
  /** How far each number of 32 rows of a table moves in a step. */
  const moved = async (speed: number, share: number) => {
    const table = { name: 't', rows: ROWS, width: 8, lookups: ROWS, deviation: 1, speed }
    const one: Network = (layers) => {
      const x = layers.dropRows(layers.embedding(table), share)
      const loss = mean(binaryCrossEntropy(layers.dense('d', x, 1), layers.input('labels', 1)))
      return { loss, outputs: {} }
    }
    const optimiser = { kind: 'sgd', rate: 1, momentum: 0, decay: 0 } as const
    const trainer = await Trainer.open(one, { ...options, optimiser })
    const { ids, state } = trainer.table('t')
    ids.forEach((_, i) => {
      ids[i] = i
    })
    const before = state.table.slice()
    await trainer.step()
    const by = state.table.map((number, i) => number - before[i]!)
    await trainer.close()
    return Array.from({ length: ROWS }, (_, row) => [...by.subarray(8 * row, 8 * row + 8)])
  }

  test('of a table move by its share of the rate', async () => {
    const [whole, half] = [await moved(1, 0), await moved(0.5, 0)]
    whole.flat().forEach((by, i) => {
      expect(half.flat()[i]).toBeCloseTo(by / 2, 6)
    })
  })

  test('of a row that is left out stay, of another all of them move', async () => {
    const rows = await moved(1, 0.5)
    const still = rows.filter((row) => row.every((by) => by === 0))
    const all = rows.filter((row) => row.every((by) => by !== 0))
    expect(still.length + all.length).toBe(ROWS)
    expect(Math.min(still.length, all.length)).toBeGreaterThan(ROWS / 8)
  })
})

describe('the same bits', () => {
  test('for the same seed; other ones for another', async () => {
    const bits = async (seed: number) => {
      const trainer = await Trainer.open(network, { ...options, seed })
      await fitNetwork(trainer, train, { ...fitOptions, epochs: 2 })
      await trainer.close()
      return learned(trainer)
    }
    const first = await bits(4)
    expect(await bits(4)).toEqual(first)
    expect(await bits(5)).not.toEqual(first)
  })

  test('when it was cut off between two checkpoints and taken up from the last', async () => {
    const file = join(directory, 'cut')
    const whole = await Trainer.open(network, options)
    const report = await fitNetwork(whole, train, fitOptions)
    const cut = new AbortController()
    let steps = 0
    const torn: TrainingData = {
      ...train,
      fill: (trainer, rows) => {
        train.fill(trainer, rows)
        if (++steps === 100) cut.abort(new Error('pulled the plug'))
      },
    }
    const checkpoint = { file, everySteps: 7 }
    const first = await Trainer.open(network, options)
    const going = fitNetwork(first, torn, { ...fitOptions, checkpoint, signal: cut.signal })
    await expect(going).rejects.toThrow('pulled the plug')
    const second = await Trainer.open(network, options)
    const rest = await fitNetwork(second, train, { ...fitOptions, checkpoint })
    expect(rest).toEqual(report)
    expect(learned(second)).toEqual(learned(whole))
    await Promise.all([whole, first, second].map((trainer) => trainer.close()))
  })
})

test('progress tells the loss, the rows a second and the time left', async () => {
  const clock = new ManualClock()
  const told: FitProgress[] = []
  const trainer = await Trainer.open(network, options)
  const slow: TrainingData = {
    ...train,
    fill: (to, rows) => {
      clock.advance(10)
      train.fill(to, rows)
    },
  }
  await fitNetwork(trainer, slow, {
    ...fitOptions,
    epochs: 4,
    clock,
    progress: (now) => told.push(now),
  })
  // 31 steps an epoch, 10 ms each.
  expect(told.map(({ step }) => step)).toEqual([50, 100])
  expect(told[0]).toMatchObject({ epoch: 2, rowsPerSecond: 3_200 })
  expect(told[0]!.secondsLeft).toBeCloseTo(0.74, 10)
  expect(told[1]!.loss).toBeLessThan(told[0]!.loss)
  await trainer.close()
})

describe('refused by name:', () => {
  test('a loss that is not a number, before anything moves', async () => {
    const trainer = await Trainer.open(network, options)
    train.fill(
      trainer,
      Uint32Array.from({ length: ROWS }, (_, i) => i),
    )
    trainer.input('features')[5] = Number.NaN
    const before = learned(trainer)
    await expect(trainer.step()).rejects.toMatchObject({ code: 'TRAINING_DIVERGED' })
    expect(learned(trainer)).toEqual(before)
    expect(trainer.steps).toBe(0)
    await trainer.close()
  })

  test('fewer rows than a batch', async () => {
    const trainer = await Trainer.open(network, options)
    const few = fitNetwork(trainer, { ...train, count: ROWS - 1 }, fitOptions)
    await expect(few).rejects.toMatchObject({ code: 'TRAINING_DATA' })
    await trainer.close()
  })

  test('a checkpoint that is damaged, or of other options', async () => {
    const file = join(directory, 'other')
    const trainer = await Trainer.open(network, options)
    const checkpoint = { file, everySteps: 10 }
    await fitNetwork(trainer, train, { ...fitOptions, epochs: 1, checkpoint })
    const other = fitNetwork(trainer, train, { ...fitOptions, epochs: 2, checkpoint })
    await expect(other).rejects.toMatchObject({ code: 'CHECKPOINT_UNFIT' })
    const bytes = await readFile(file)
    for (const at of [0, 20, bytes.length - 1]) {
      const damaged = Buffer.from(bytes)
      damaged[at]! ^= 1
      await writeFile(file, damaged)
      const again = fitNetwork(trainer, train, { ...fitOptions, epochs: 1, checkpoint })
      await expect(again).rejects.toMatchObject({ code: 'CHECKPOINT_UNFIT' })
    }
    await trainer.close()
  })

  test('a full disk; the checkpoint before stays whole', async () => {
    const file = join(directory, 'full')
    const trainer = await Trainer.open(network, options)
    const once = { ...fitOptions, epochs: 1 }
    await fitNetwork(trainer, train, { ...once, checkpoint: { file, everySteps: 10 } })
    const { size } = await stat(file)
    await symlink('/dev/full', `${file}.new`)
    const next = await Trainer.open(network, options)
    const full = fitNetwork(next, train, { ...once, checkpoint: { file, everySteps: 1 } })
    await expect(full).rejects.toMatchObject({ code: 'CHECKPOINT_FAILED' })
    expect((await stat(file)).size).toBe(size)
    await Promise.all([trainer.close(), next.close()])
  })
})
