import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Random } from '../../../base/index.ts'
import { DeepModel, deepBytes, deepMemory } from './index.ts'
import { ScoringJob } from './scoring-job.ts'

const CHUNK = 4

/** A chunk's scores: what is there of user, pin and row. */
function work(job: ScoringJob, from: number): void {
  const { pins, matrix, scores } = job.memory
  for (let i = from; i < Math.min(from + CHUNK, job.count); i++) {
    scores[i] = job.user + 10 * pins[i]! + 100 * matrix[i]!
  }
  job.done(from)
}

test('whoever takes the chunks, every row is scored once, for the user of its own job', async () => {
  const jobs = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 })
  const turns = fc.infiniteStream(fc.nat(2))
  await fc.assert(
    fc.asyncProperty(jobs, turns, async (counts, whose) => {
      const job = ScoringJob.create('v', 40, 1, CHUNK)
      // Two helpers that never leave: each comes late to most jobs.
      const all = [job, new ScoringJob(job.memory, CHUNK), new ScoringJob(job.memory, CHUNK)]
      const held: (number | undefined)[] = [undefined, undefined, undefined]
      for (const [user, count] of counts.entries()) {
        for (const helper of all.slice(1)) expect(helper.take()).toBeUndefined()
        const pins = Uint32Array.from({ length: count }, (_, i) => i)
        job.begin(
          user,
          pins,
          Float32Array.from(pins, (pin) => pin / 2),
        )
        const takers: (number | undefined)[] = []
        for (let isLeft = true; isLeft || held.some((from) => from !== undefined); ) {
          const who = whose.next().value as number
          if (held[who] !== undefined) {
            work(all[who]!, held[who]!)
            held[who] = undefined
          } else if (isLeft) {
            held[who] = all[who]!.take()
            if (held[who] === undefined) isLeft = false
            else takers.push(held[who])
          }
        }
        expect(takers.length).toBe(Math.ceil(count / CHUNK))
        expect(await job.end()).toEqual([])
        pins.forEach((pin) => {
          expect(job.memory.scores[pin]).toBe(user + 10 * pin + 50 * pin)
        })
      }
    }),
    { numRuns: 60 },
  )
})

test('chunks that a helper took and never did are named', async () => {
  const job = ScoringJob.create('v', 20, 1, CHUNK)
  job.begin(0, new Uint32Array(20), new Float32Array(20))
  const helper = new ScoringJob(job.memory, CHUNK)
  const lost = helper.take()
  for (let from = job.take(); from !== undefined; from = job.take()) work(job, from)
  expect(await job.end()).toEqual([lost])
})

const NAMES = ['one', 'two']

async function planted() {
  const random = new Random(3)
  const list = (length: number) => Float32Array.from({ length }, () => random.normal())
  const head = { features: NAMES, width: 4, userRows: 8, pinRows: 64, hidden: [8, 4], ranges: [9] }
  return deepMemory(
    deepBytes({
      head,
      ...{ users: list(32), pins: list(256), ofUser: list(32), ofPin: list(32) },
      ...{ ofFeatures: list(16), biases: list(8), above: [32, 4, 4, 1].map(list) },
    }),
    NAMES,
  )
}

test('a model that is helped gives what it gives alone, also when the helper is lost', async () => {
  const memory = await planted()
  const [alone, helper] = [await DeepModel.open(memory), await DeepModel.open(memory)]
  const random = new Random(4)
  const count = 5_000
  const pins = Uint32Array.from({ length: count }, () => random.u32())
  const rows = Float32Array.from({ length: 2 * count }, () => random.normal())
  const helps: Promise<void>[] = []
  const helped = await DeepModel.open(memory, { onJob: (job) => helps.push(helper.help(job)) })
  const deserted = await DeepModel.open(memory, {
    // It takes one, and is gone.
    onJob: ({ control }) => void Atomics.add(control, 0, 1),
  })
  for (let user = 0; user < 3; user++) {
    const own = await alone.score(user, pins, rows)
    expect(await helped.score(user, pins, rows)).toEqual(own)
    expect(await deserted.score(user, pins, rows)).toEqual(own)
    // Few are not worth a call.
    expect(await helped.score(user, pins.slice(0, 600), rows.slice(0, 1_200))).toEqual(
      own.slice(0, 600),
    )
  }
  expect(helps.length).toBe(3)
  await Promise.all(helps)
  for (const model of [alone, helper, helped, deserted]) await model.close()
})
