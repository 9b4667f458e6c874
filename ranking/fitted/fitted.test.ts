/** What is kept of a fitted model scores as the model itself, and nothing else is taken for one. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { hashId, Interner, NONE } from '../../base/index.ts'
import { rowOf } from '../algebra/index.ts'
import { standardised } from '../models/blend.ts'
import { FactorsModel } from '../models/factors/index.ts'
import { Gemm } from '../onnx/index.ts'
import { servedNames } from './fit-for-serving.ts'
import { type Fitted, printOf } from './fitted.ts'
import { decodeFitted, encodeFitted } from './fitted-file.ts'
import { fittedMemory } from './fitted-memory.ts'
import { FittedModel } from './fitted-model.ts'
import { fittedOn, grouped, ITEMS, pinName } from './testing.ts'

const data = grouped(64)
const bytesOf = (fitted: Fitted) => Buffer.concat([...encodeFitted(fitted)])
/** A host that met the pins in another order, and one more first. */
const pins = new Interner()
for (const pin of ['newer', ...Array.from({ length: ITEMS }, (_, i) => pinName(ITEMS - 1 - i))]) {
  pins.intern(pin)
}
const opened = (fitted: Fitted) => {
  return new FittedModel(fittedMemory({ bytes: bytesOf(fitted), version: 'v' }, pins))
}
const users = Array.from({ length: data.users }, (_, user) => user)
const histories = users.map((user) => rowOf(data.train, user))
const hashes = users.map((user) => hashId(`u${user}`))

describe.each(servedNames)('%s', (name) => {
  test('what is decoded scores everybody as what was fitted, to the bit', async () => {
    const { fitted, model } = await fittedOn(data, name)
    const found = await opened(fitted).scoreItems(hashes, histories)
    const scored = await model.score({ users, histories })
    // A blend has done so to its parts.
    const wanted = name === 'best' ? scored : standardised(scored, histories)
    expect(found.columns).toBe(ITEMS)
    expect([...found.values]).toEqual([...wanted.values])
  })
})

describe('users', () => {
  let fitted: Fitted
  beforeAll(async () => {
    fitted = (await fittedOn(data, 'softmax-factors')).fitted
  })
  const foldIn = () => {
    const { numbers, arrays } = fitted.parts[0]!
    const items = arrays['items'] as Float32Array
    const factors = { dimensions: numbers['dimensions']!, items, users: new Float32Array(0) }
    return new FactorsModel(factors, new Gemm(1))
  }
  const alone = async (hash: number, history: Uint32Array) => {
    const { values } = await opened(fitted).scoreItems([hash], [history])
    return [...values]
  }
  test('with other saves, or another name, are folded in', async () => {
    const history = rowOf(data.train, 0).slice(1)
    const batch = { users: [0], histories: [history] }
    const wanted = standardised(await foldIn().score(batch), [history])
    expect(await alone(hashes[0]!, history)).toEqual([...wanted.values])
    const whole = rowOf(data.train, 0)
    const other = await foldIn().score({ users: [0], histories: [whole] })
    const asStranger = await alone(hashId('somebody else'), whole)
    expect(asStranger).toEqual([...standardised(other, [whole]).values])
    expect(asStranger).not.toEqual(await alone(hashes[0]!, whole))
  })
  test('with the saves of the fit in another order have their row', async () => {
    const history = rowOf(data.train, 5)
    expect(await alone(hashes[5]!, history.toReversed())).toEqual(await alone(hashes[5]!, history))
  })
  test('are asked for by pins of this host; what they saved that is not known counts for nothing', async () => {
    const model = opened(fitted)
    const saved = [...rowOf(data.train, 3)].map((item) => pins.find(pinName(item)))
    const scores = await model.score({ hash: hashes[3]!, saved: [0, ...saved, 10_000] })
    const wanted = await alone(hashes[3]!, rowOf(data.train, 3))
    expect([...scores!.values]).toEqual(wanted)
    expect(scores!.scoreOf(pins.find(pinName(7)))).toBe(wanted[7])
    expect([scores!.scoreOf(0), scores!.scoreOf(10_000)]).toEqual([undefined, undefined])
    expect(await model.score({ hash: 1, saved: [0] })).toBeUndefined()
  })
  test('leave no id in the file', () => {
    expect(bytesOf(fitted).toString('latin1')).not.toContain('u12')
  })
})

test('prints tell sets apart, whatever their order', () => {
  const sets = fc.uniqueArray(fc.nat(300), { maxLength: 40 })
  fc.assert(
    fc.property(sets, sets, (a, b) => {
      const isSame = a.length === b.length && a.every((item) => b.includes(item))
      const print = (items: readonly number[]) => printOf(Uint32Array.from(items)).join()
      expect(print(a) === print(b)).toBe(isSame)
      expect(print(a.toReversed())).toBe(print(a))
    }),
  )
})

describe('a file', () => {
  let whole: Buffer
  let fitted: Fitted
  beforeAll(async () => {
    fitted = (await fittedOn(grouped(20), 'best')).fitted
    whole = bytesOf(fitted)
  })
  const refused = (bytes: Uint8Array, reason: RegExp | string = '') => {
    expect(() => decodeFitted(bytes, 'this.fit')).toThrow(
      expect.objectContaining({
        code: 'MODEL_UNFIT',
        message: expect.stringContaining('this.fit'),
      }),
    )
    expect(() => decodeFitted(bytes, 'this.fit')).toThrow(reason)
  }
  test('is refused wherever a byte is other, or it is cut', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, by, cut) => {
        const place = at % whole.length
        if (cut) return refused(whole.subarray(0, place))
        const bytes = Buffer.from(whole)
        bytes[place]! ^= by
        refused(bytes)
      }),
    )
  })
  const other = (change: (fitted: Fitted) => unknown) => {
    refused(
      bytesOf({ ...fitted, ...(change(fitted) as Partial<Fitted>) }),
      /model|pin|part|list|user/,
    )
  }
  test('is refused when it was written whole but is none that can be served', () => {
    refused(Buffer.from('PWDEEP1\n and more'), 'does not begin like one')
    refused(Buffer.alloc(0))
    other(({ pins }) => ({ pins: pins.slice(1) }))
    other(({ pins }) => ({ pins: pins.toReversed() }))
    other(({ pins }) => ({ pins: pins.map((id, i) => (i === 3 ? '' : id)) }))
    other(({ parts }) => ({ parts: parts.map((part) => ({ ...part, form: 'walk' })) }))
    other(({ parts }) => ({ parts: parts.map((part) => ({ ...part, weight: Number.NaN })) }))
    other(({ parts }) => ({ parts: parts.map((part) => ({ ...part, numbers: {} })) }))
    other(({ parts }) => ({ parts: parts.map((part) => ({ ...part, arrays: {} })) }))
    other(() => ({ parts: [] }))
    other(() => ({ model: 7 }))
    other(({ users }) => ({ users: { ...users, prints: users.prints.subarray(2) } }))
  })
  test.each([Number.NaN, Infinity])('is refused with a weight of %s', (value) => {
    const parts = structuredClone(fitted.parts)
    parts[0]!.arrays['left']![5] = value
    refused(bytesOf({ ...fitted, parts }), 'not finite')
  })
  test('is refused when its rows point out of it', async () => {
    const { fitted } = await fittedOn(grouped(20), 'rp3beta')
    for (const [name, at, value] of [
      ['targets', 3, ITEMS],
      ['offsets', 2, 0],
      ['offsets', 0, 1],
    ] as const) {
      const parts = structuredClone(fitted.parts)
      parts[0]!.arrays[name]![at] = value
      refused(bytesOf({ ...fitted, parts }), /below|one after the other/)
    }
  })
  test('is refused by a host that knows none of its pins', () => {
    const other = new Interner()
    other.intern('elsewhere')
    expect(() => fittedMemory({ bytes: whole, version: 'v' }, other)).toThrow('none of its 48 pins')
    other.intern(pinName(4))
    const { pinOf, itemOf } = fittedMemory({ bytes: whole, version: 'v' }, other)
    expect([pinOf[4], pinOf[5], itemOf[0], itemOf[1]]).toEqual([1, NONE, NONE, 4])
  })
})
