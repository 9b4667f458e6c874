import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock, pinwheelError, toWire } from '../../../base/index.ts'
import { type Answers, decodeBundle, encodeBundle, type Sending } from './bundle.ts'
import { Carrier } from './carrier.ts'
import type { Delivery, HostedShard, Taken } from './hosted-shard.ts'
import { LocalShards } from './local-shards.ts'

const delivery = (count: number, partition = 0): Delivery => ({
  partition,
  positions: Array.from({ length: count }, (_, n) => n),
  payload: new Uint8Array(count),
})

/** Hosts by shard; each is called by name, and answers for the shards that it has. */
function cluster(owners: Record<number, string>) {
  const clock = new ManualClock(1)
  const applied: string[] = []
  const calls: (readonly [host: string, shards: readonly number[]])[] = []
  const taking = (host: string) =>
    ({
      apply: async (shard: number, { positions }: Delivery): Promise<Taken> => {
        applied.push(`${host} ${shard}`)
        return { written: positions.length }
      },
    }) as HostedShard
  const locals = new Map(
    ['me', 'one', 'two'].map((host) => {
      return [host, new LocalShards({ shards: new Map([['Pin', taking(host)]]), clock })] as const
    }),
  )
  let fails = 0
  const carrier = new Carrier({
    ...{ local: locals.get('me')!, clock },
    call: async (sendings): Promise<Answers> => {
      const host = owners[sendings[0]!.shard]!
      calls.push([host, sendings.map(({ shard }) => shard)])
      if (fails-- > 0) throw pinwheelError('CALL_UNANSWERED', { actor: host, method: '', ms: 1 })
      locals.get(host)!.called('Pin', sendings[0]!.shard)
      return { host, answers: await locals.get(host)!.take(sendings) }
    },
  })
  const send = (...shards: number[]) =>
    Promise.all(shards.map((shard) => carrier.send('Pin', shard, delivery(shard))))
  return { clock, owners, applied, calls, locals, send, carrier, fail: () => (fails = 1) }
}

test('what is for one host goes there together, once it is known who has what', async () => {
  const { send, calls } = cluster({ 1: 'one', 2: 'one', 3: 'two', 4: 'one' })
  await send(1, 2, 3, 4)
  expect(calls.map(([, shards]) => shards)).toEqual([[1], [2], [3], [4]])
  calls.length = 0
  expect(await send(1, 2, 3, 4)).toEqual([1, 2, 3, 4].map((written) => ({ written })))
  expect(calls).toEqual([
    ['one', [1, 2, 4]],
    ['two', [3]],
  ])
})

test('what is for shards of this process goes nowhere', async () => {
  const { send, calls, applied } = cluster({ 1: 'me', 2: 'one' })
  await send(1, 2)
  calls.length = 0
  await send(1, 2)
  expect(calls).toEqual([['one', [2]]])
  expect(applied.filter((where) => where === 'me 1')).toHaveLength(2)
})

test('a shard that was taken away, or not called for long, is asked for where Dapr says', async () => {
  const { send, calls, locals, owners, clock } = cluster({ 1: 'me' })
  await send(1)
  locals.get('me')!.left('Pin', 1)
  owners[1] = 'two'
  clock.advance(16_000)
  await send(1)
  expect(calls.at(-1)).toEqual(['two', [1]])
  owners[1] = 'me'
  clock.advance(16_000)
  await send(1)
  clock.advance(21_000)
  calls.length = 0
  await send(1)
  expect(calls).toEqual([['me', [1]]])
})

test('a shard that moved is sent its part by itself, the others have theirs', async () => {
  const { send, calls, owners, locals } = cluster({ 1: 'one', 2: 'one', 3: 'one' })
  await send(1, 2, 3)
  owners[2] = 'two'
  locals.get('one')!.left('Pin', 2)
  calls.length = 0
  expect(await send(1, 2, 3)).toEqual([1, 2, 3].map((written) => ({ written })))
  expect(calls).toEqual([
    ['one', [1, 2, 3]],
    ['two', [2]],
  ])
})

test('a call that fails fails for all that it carried, and they are sent by themselves then', async () => {
  const { send, calls, fail } = cluster({ 1: 'one', 2: 'one' })
  await send(1, 2)
  fail()
  const results = await Promise.allSettled([send(1, 2)])
  expect(results[0]).toMatchObject({ reason: { code: 'CALL_UNANSWERED' } })
  calls.length = 0
  await send(1, 2)
  expect(calls).toHaveLength(2)
})

test('a call carries some thousand entries', async () => {
  const { carrier, calls } = cluster({ 1: 'one', 2: 'one', 3: 'one' })
  const send = () => Promise.all([1, 2, 3].map((n) => carrier.send('Pin', n, delivery(2_000))))
  await send()
  calls.length = 0
  await send()
  expect(calls.map(([, shards]) => shards)).toEqual([[1, 2], [3]])
})

test("a shard's own error is its own", async () => {
  const clock = new ManualClock(1)
  const error = pinwheelError('SHARD_BEHIND', { type: 'Pin', shard: 2, partition: 0, position: 7 })
  const shards = new Map([['Pin', { apply: async () => Promise.reject(error) } as never]])
  const local = new LocalShards({ shards, clock })
  local.called('Pin', 1)
  const sendings = [1, 2].map((shard) => ({ type: 'Pin', shard, delivery: delivery(1) }))
  const answers = await local.take(sendings)
  expect(answers[0]).toEqual({ ok: false, error: toWire(error) })
  expect(answers[1]).toMatchObject({ ok: false, error: { code: 'SHARD_ELSEWHERE' } })
})

const sendings = fc.array(
  fc.record({
    type: fc.constantFrom('User', 'Pin'),
    shard: fc.nat(63),
    delivery: fc.record(
      {
        partition: fc.nat(1_000),
        after: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
        positions: fc.array(fc.nat(Number.MAX_SAFE_INTEGER)),
        payload: fc.uint8Array(),
      },
      { requiredKeys: ['partition', 'positions', 'payload'] },
    ),
  }),
)

test('a bundle is what was bundled; one that is cut off is refused', () => {
  fc.assert(
    fc.property(
      sendings,
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (all, share) => {
        const bytes = Buffer.from(encodeBundle(all as Sending[]))
        const plain = decodeBundle(bytes).map(
          ({ delivery: { positions, payload, ...of }, ...rest }) => {
            return {
              ...rest,
              delivery: { ...of, positions: [...positions], payload: [...payload] },
            }
          },
        )
        expect(plain).toEqual(
          all.map(({ delivery, ...rest }) => {
            return { ...rest, delivery: { ...delivery, payload: [...delivery.payload] } }
          }),
        )
        const cut = bytes.subarray(0, Math.floor(bytes.length * share))
        expect(() => decodeBundle(cut)).toThrow()
      },
    ),
  )
})
