import { expect, test } from 'vitest'
import { ManualClock, NONE, silentLogger } from '../../../base/index.ts'
import { FeatureTable } from '../../../ranking/index.ts'
import { BlockPool } from '../../shard/record-block.ts'
import { threadSignals } from '../../worker/block-ring.ts'
import type { Ask, FromWorker } from '../../worker/messages.ts'
import { sharedNames } from '../../worker/shared-names.ts'
import type { Threads } from '../../worker/threads.ts'
import { Crew } from './crew.ts'

const sizes = { usersMax: 100, pinsMax: 100, boardsMax: 100, tagsMax: 100 }

/** Two workers that answer when told to. */
function crewOfTwo() {
  const asked: { worker: number; ask: Ask; answer: (value: unknown) => void }[] = []
  const heard: ((message: FromWorker) => void)[] = []
  const ends: (() => void)[] = []
  const threads: Threads = {
    signals: threadSignals,
    start: (_setup, onEnd) => {
      const worker = heard.push(() => {}) - 1
      ends.push(() => onEnd({ reason: 'planted', isError: true }))
      return {
        post: (message) => {
          if (message.type !== 'ask') return
          const { id, ask } = message
          const answer = (value: unknown) => heard[worker]!({ type: 'answer', id, value })
          asked.push({ worker, ask, answer })
        },
        onMessage: (listen) => {
          heard[worker] = listen
        },
        close: () => {},
      }
    },
  }
  const clock = new ManualClock()
  const options = {
    ...sizes,
    ...{ directory: '/nowhere', workers: 2, partitions: 1, clock, logger: silentLogger },
    ports: { threads },
  }
  const names = sharedNames(options)
  const events = {
    ...{ blamed: () => [], onEpoch: () => {}, onDeadLetter: () => {}, onDeath: () => {} },
  }
  const features = FeatureTable.create(100)
  const crew = new Crew(options, names, features, new BlockPool(4), events)
  /** Users of the first worker. */
  const own = Array.from({ length: 20 }, (_, n) => names.user.intern(`u${n}`)).filter(
    (user) => user % 2 === 0,
  )
  return { crew, asked, own, heard, ends }
}

const told = { limit: 5, generation: 'deep', exclude: [], explain: false, at: 1, seed: 1 } as const
const ask = (user: number) => ({ ...told, user, deadlineMs: 1_000, off: [] })

test('while a user’s worker is busy, one with nothing to do answers by what the actor tells', async () => {
  const { crew, asked, own } = crewOfTwo()
  const first = crew.recommend(ask(own[0]!))
  const second = crew.recommend(ask(own[1]!))
  expect(asked.map(({ worker, ask: { what } }) => [worker, what])).toEqual([
    [0, 'recommend'],
    [0, 'context'],
  ])
  asked[1]!.answer('what it tells')
  await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  expect(asked[2]).toMatchObject({
    worker: 1,
    ask: { what: 'rank', user: 'what it tells', ask: { limit: 5 } },
  })
  // Both are at something: the third waits where its actor is.
  const third = crew.recommend(ask(own[2]!))
  expect(asked[3]).toMatchObject({ worker: 0, ask: { what: 'recommend' } })
  asked[3]!.answer('third')
  asked[2]!.answer('second')
  asked[0]!.answer('first')
  expect(await Promise.all([first, second, third])).toEqual(['first', 'second', 'third'])
})

test('one that ended has nothing to do either, and is not asked', async () => {
  const { crew, asked, own, ends } = crewOfTwo()
  ends[1]!()
  const answers = own.slice(0, 2).map((user) => crew.recommend(ask(user)))
  const stranger = crew.recommend(ask(NONE))
  expect(asked.map(({ worker, ask: { what } }) => [worker, what])).toEqual([
    [0, 'recommend'],
    [0, 'recommend'],
    [0, 'recommend'],
  ])
  for (const [n, { answer }] of asked.entries()) answer(n)
  expect(await Promise.all([...answers, stranger])).toEqual([0, 1, 2])
})

test('a job is for a worker with nothing to do, if there is one', async () => {
  const { crew, asked, own, heard } = crewOfTwo()
  const shared = () => new Uint32Array(new SharedArrayBuffer(4))
  const control = new Int32Array(new SharedArrayBuffer(4))
  const floats = () => new Float32Array(new SharedArrayBuffer(4))
  const job = { version: 'v', control, pins: shared(), matrix: floats(), scores: floats() }
  const first = crew.recommend(ask(own[0]!))
  heard[0]!({ type: 'job', job })
  expect(asked[1]).toMatchObject({ worker: 1, ask: { what: 'help', job } })
  // It is at that one.
  heard[0]!({ type: 'job', job })
  expect(asked.length).toBe(2)
  asked[1]!.answer(undefined)
  asked[0]!.answer('first')
  expect(await first).toBe('first')
})
