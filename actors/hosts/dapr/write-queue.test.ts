import { expect, test } from 'vitest'
import { ManualClock } from '../../../base/index.ts'
import { WriteQueue } from './write-queue.ts'

/** Whoever sleeps sleeps at once. */
class QuickClock extends ManualClock {
  override async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.advance(ms)
  }
}

const never = new AbortController().signal

const tenMs = (clock: ManualClock, began: number[]) => async () => {
  began.push(clock.now())
  clock.advance(10)
}

test('writing takes its share of the time, one after the other', async () => {
  const clock = new QuickClock()
  const queue = new WriteQueue({ clock, share: 0.25, latestMs: 1_000_000, burstMs: 0 })
  const began: number[] = []
  await Promise.all([1, 2, 3].map(() => queue.run(0, tenMs(clock, began), never)))
  expect(began).toEqual([0, 40, 80])
})

test('a little is written without a rest, and again when there was time enough', async () => {
  const clock = new QuickClock()
  const queue = new WriteQueue({ clock, share: 0.25, latestMs: 1_000_000, burstMs: 80 })
  const began: number[] = []
  const four = () => Promise.all([1, 2, 3, 4].map(() => queue.run(0, tenMs(clock, began), never)))
  await four()
  clock.advance(1_000)
  await four()
  expect(began).toEqual([0, 10, 20, 40, 1_050, 1_060, 1_070, 1_090])
})

test('what has waited for the bound is written without a rest', async () => {
  const clock = new QuickClock()
  const queue = new WriteQueue({ clock, share: 0.25, latestMs: 25, burstMs: 0 })
  const began: number[] = []
  await Promise.all([0, 0, 0, 40].map((since) => queue.run(since, tenMs(clock, began), never)))
  expect(began).toEqual([0, 25, 35, 65])
})

test('one that fails counts too, and the next has its turn; none begins once ended', async () => {
  const clock = new QuickClock()
  const queue = new WriteQueue({ clock, share: 0.5, burstMs: 0 })
  const ended = new AbortController()
  const failing = async () => {
    clock.advance(10)
    throw new Error('the store is away')
  }
  await expect(queue.run(0, failing, ended.signal)).rejects.toThrow('away')
  const began: number[] = []
  await queue.run(0, tenMs(clock, began), ended.signal)
  expect(began).toEqual([20])
  ended.abort(new Error('it ends'))
  await expect(queue.run(30, tenMs(clock, began), ended.signal)).rejects.toThrow('ends')
})
