/**
 * Deliveries for shards of one host, as they cross: a head in JSON, positions as numbers of eight
 * bytes, entries as they are. In JSON they would be base64, a third more for two sidecars to copy.
 */
import { pinwheelError } from '../../../base/index.ts'
import type { Delivery } from './hosted-shard.ts'
import type { Envelope } from './sidecar.ts'

/** What a shard is sent. */
export type Sending = {
  readonly type: string
  readonly shard: number
  readonly delivery: Delivery
}

/** What a host answers to sendings, one for each in their order. */
export type Answers = { readonly host: string; readonly answers: readonly Envelope[] }

type Head = {
  readonly type: string
  readonly shard: number
  readonly partition: number
  readonly after?: number
  readonly count: number
  readonly bytes: number
}

const NUMBER = 8

export function encodeBundle(sendings: readonly Sending[]): Uint8Array {
  const heads = sendings.map(({ type, shard, delivery }): Head => {
    const { partition, after, positions, payload } = delivery
    const sizes = { count: positions.length, bytes: payload.byteLength }
    return { type, shard, partition, ...(after !== undefined && { after }), ...sizes }
  })
  const head = Buffer.from(JSON.stringify(heads))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(head.length)
  const bodies = sendings.flatMap(({ delivery: { positions, payload } }) => {
    return [new Uint8Array(Float64Array.from(positions).buffer), payload]
  })
  return Buffer.concat([length, head, ...bodies])
}

/** BAD_REQUEST. */
export function decodeBundle(bytes: Buffer): Sending[] {
  const cut = () => pinwheelError('BAD_REQUEST', { reason: 'a bundle of deliveries is cut off' })
  if (bytes.length < 4) throw cut()
  let at = 4 + bytes.readUInt32LE(0)
  if (at > bytes.length) throw cut()
  const heads = JSON.parse(bytes.toString('utf8', 4, at)) as readonly Head[]
  const take = (length: number) => {
    if (!(length >= 0) || at + length > bytes.length) throw cut()
    at += length
    return bytes.subarray(at - length, at)
  }
  return heads.map(({ type, shard, count, bytes: size, ...of }) => {
    // A copy: numbers lie at multiples of their size.
    const positions = new Float64Array(new Uint8Array(take(count * NUMBER)).buffer)
    return { type, shard, delivery: { ...of, positions, payload: take(size) } }
  })
}
