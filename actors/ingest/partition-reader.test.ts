import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { readPartition } from './partition-reader.ts'

test('a reader that is stopped before it has begun leaves no consumer', async () => {
  const stop = new AbortController()
  const there = new Set<string>()
  // A server that makes a consumer, and is away when it is asked for the others.
  const jsm = {
    streams: { info: async () => ({ state: { first_seq: 1, last_seq: 0 } }) },
    consumers: {
      add: async (_stream: string, { durable_name }: { durable_name: string }) => {
        there.add(durable_name)
        return { name: durable_name, created: new Date(0).toISOString() }
      },
      async *list() {
        expect(there.size).toBe(1)
        stop.abort(new Error('the host is stopping'))
        yield* []
        throw new Error('TIMEOUT')
      },
      delete: async (_stream: string, name: string) => there.delete(name),
    },
  } as unknown as JetStreamManager
  const ports = {
    ...{ jsm, js: {} as JetStreamClient, cluster: 'c', url: 'nats://127.0.0.1:1' },
    clock: new (class extends ManualClock {
      override async sleep(): Promise<void> {}
    })(),
    isClosed: () => false,
  }
  const frames: unknown[] = []
  const beginning = { from: 1, needed: 0 }
  for await (const frame of readPartition(ports, 0, beginning, stop.signal)) frames.push(frame)
  expect([frames, [...there]]).toEqual([[], []])
})
