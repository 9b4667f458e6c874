import { expect, test } from 'vitest'
import { bySpace, Interner, ManualClock, noDeclaredKinds } from '../../base/index.ts'
import { FeatureTable } from '../../ranking/index.ts'
import { threadSignals } from './block-ring.ts'
import type { Threads } from './threads.ts'
import { WorkerHandle } from './worker-handle.ts'

test('an ask that nobody waits for any more takes room until the worker has answered it', async () => {
  let sent = 0
  let answer: (id: number) => void = () => {}
  const threads: Threads = {
    signals: threadSignals,
    start: () => ({
      post: () => sent++,
      onMessage: (listen) => {
        answer = (id) => listen({ type: 'answer', id, value: 'late' })
      },
      close: () => {},
    }),
  }
  const clock = new ManualClock()
  const setup = {
    names: bySpace(() => new Interner().memory()),
    features: FeatureTable.create(1).columns,
    boardCapacity: 1,
    writesGraph: false,
    desk: 0,
    workers: 1,
    takesOver: false,
    blamed: [],
    memory: undefined,
    folds: 'actors' as const,
    ranks: true,
    types: [],
    kinds: noDeclaredKinds,
  }
  const nothing = () => {}
  const events = {
    onTaken: nothing,
    onEpoch: nothing,
    onDeadLetter: nothing,
    onJob: nothing,
    onDeath: nothing,
  }
  const bounds = { blocks: 1, records: 1, asks: 2, stuckMs: 10_000 }
  const worker = new WorkerHandle(setup, clock, events, { threads, bounds })
  const asks = [worker.ask({ what: 'stats' }, 100), worker.ask({ what: 'stats' }, 100)]
  const late = Promise.allSettled(asks)
  clock.advance(101)
  expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(worker.ask({ what: 'stats' }, 100)).rejects.toMatchObject({ code: 'OVERLOADED' })
  expect(sent).toBe(2)
  answer(1)
  const next = worker.ask({ what: 'stats' }, 100)
  answer(3)
  expect(await next).toBe('late')
})
