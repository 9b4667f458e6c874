import { describe, expect, test } from 'vitest'
import {
  bySpace,
  heapAllocator,
  Interner,
  type Names,
  nothingShape,
  numberShape,
  recordShape,
  stateSchema,
  text,
  u32,
} from '../../base/index.ts'
import { type ActorContext, actorType } from '../actor.ts'
import { type ColdStore, MemoryColdStore } from '../store/index.ts'
import { KeySet } from './key-set.ts'
import { Shard } from './shard.ts'

const fields = { sum: u32, note: text(64) }
type Context = ActorContext<typeof fields>

class Adder {
  readonly #context: Context
  constructor(context: Context) {
    this.#context = context
  }
  add({ by }: { readonly by: number }): number {
    const { state, id } = this.#context
    state.sum += by
    state.note = `last of ${id}: ${by}`
    if (by === 13) throw new Error('unlucky')
    if (by === 14) throw 'not even an Error'
    return state.sum
  }
  /** Not allowed: what follows the await comes after the turn. */
  async later(): Promise<number> {
    const { state } = this.#context
    state.sum = 1
    await Promise.resolve()
    state.sum = 1_000
    state.note = 'too late'
    return 0
  }
  sum(): number {
    return this.#context.state.sum
  }
  peek(): number {
    this.#context.state.sum = 99
    return 0
  }
  name(): number {
    return Number(this.#context.id.slice(1))
  }
}
const count = numberShape(0, 1_000_000)
const adder = actorType({
  name: 'Adder',
  state: stateSchema('Adder', 1, fields),
  methods: {
    add: { kind: 'write', argument: recordShape({ by: count }), result: count },
    later: { kind: 'write', argument: nothingShape, result: count },
    sum: { kind: 'read', argument: nothingShape, result: count },
    peek: { kind: 'read', argument: nothingShape, result: count },
    name: { kind: 'read', argument: nothingShape, result: count },
  },
  create: (context: Context) => new Adder(context),
})

const pages = { allocate: heapAllocator, pageBytes: 1 << 17 }
const rowBytes = adder.state.layout.bytes

function start(options: { readonly cold?: ColdStore; readonly bytesMax?: number } = {}) {
  const names: Names = bySpace(() => new Interner())
  for (let n = 0; n < 2_000; n++) names.actor.intern(`a${n}`)
  return new Shard({ type: adder, space: 'actor', names, pages, ...options })
}

describe('calls', () => {
  test('a write that throws leaves nothing, not even a new actor; others go on', () => {
    const shard = start()
    expect(shard.call(1, 'add', { by: 5 })).toBe(5)
    expect(() => shard.call(1, 'add', { by: 13 })).toThrow('unlucky')
    expect(() => shard.call(2, 'add', { by: 14 })).toThrow('not even an Error')
    expect(shard.actors).toBe(1)
    expect(shard.inspect(1)).toEqual({ sum: 5, note: 'last of a1: 5' })
    expect(shard.call(2, 'add', { by: 1 })).toBe(1)
  })

  test('a write that goes on after its turn is undone, and reaches nobody', async () => {
    const shard = start()
    shard.call(1, 'add', { by: 5 })
    expect(() => shard.call(1, 'later', undefined)).toThrow('write methods are synchronous')
    shard.call(2, 'add', { by: 7 })
    await new Promise((resolve) => setImmediate(resolve))
    expect(shard.inspect(1)).toEqual({ sum: 5, note: 'last of a1: 5' })
    expect(shard.inspect(2)).toEqual({ sum: 7, note: 'last of a2: 7' })
  })

  test('a result that is not what the type declares drops the turn', () => {
    const shard = start()
    shard.call(1, 'add', { by: 1_000_000 })
    expect(() => shard.call(1, 'add', { by: 1 })).toThrow('1000000')
    expect(shard.call(1, 'sum', undefined)).toBe(1_000_000)
  })

  test('a read may neither write nor make an actor, and knows whom it is about', () => {
    const shard = start()
    shard.call(1, 'add', { by: 5 })
    expect(() => shard.call(1, 'peek', undefined)).toThrow('Adder.peek is a read')
    expect(() => shard.call(3, 'peek', undefined)).toThrow('Adder.peek is a read')
    expect(shard.call(3, 'sum', undefined)).toBe(0)
    expect(shard.call(3, 'name', undefined)).toBe(3)
    expect(shard.call(1, 'sum', undefined)).toBe(5)
    expect(shard.actors).toBe(1)
  })

  test('what is not listed, or not what the method takes, is refused by name', () => {
    const shard = start()
    for (const method of ['constructor', 'toString', '__proto__', 'nothing']) {
      expect(() => shard.call(1, method, undefined)).toThrow(/METHOD_UNLISTED|lists no|method/)
    }
    for (const argument of [undefined, 5, { by: -1 }, { by: 1, more: 2 }, { by: '1' }, []]) {
      expect(() => shard.call(1, 'add', argument)).toThrow(/expected/)
    }
    expect(shard.actors).toBe(0)
  })
})

describe('memory', () => {
  test('a budget is kept, and who was used lately stays', () => {
    const shard = start({ bytesMax: (rowBytes + 32) * 100 })
    const { residents } = shard
    for (let n = 0; n < 2_000; n++) {
      shard.call(n, 'add', { by: 1 })
      // Ten that everybody asks for.
      shard.call(n % 10, 'add', { by: 1 })
      expect(residents.usedBytes).toBeLessThanOrEqual((rowBytes + 32) * 100)
    }
    expect(shard.actors).toBe(2_000)
    expect(residents.live).toBeLessThan(140)
    for (let n = 0; n < 10; n++) expect(residents.find(n)).toBeGreaterThanOrEqual(0)
    // Everybody is still there.
    for (let n = 10; n < 2_000; n++) expect(shard.call(n, 'sum', undefined)).toBe(1)
    for (let n = 0; n < 10; n++) expect(shard.call(n, 'sum', undefined)).toBe(201)
  })

  test('an actor that did not change is dropped without being written again', () => {
    const written: number[] = []
    const cold = new (class extends MemoryColdStore {
      override put(key: number, bytes: Uint8Array): void {
        written.push(key)
        super.put(key, bytes)
      }
    })()
    const shard = start({ cold })
    shard.call(1, 'add', { by: 1 })
    shard.evict(1)
    shard.call(1, 'sum', undefined)
    shard.evict(1)
    expect(written).toEqual([1])
    shard.call(1, 'add', { by: 1 })
    shard.evict(1)
    expect(written).toEqual([1, 1])
    shard.erase(1)
    expect(shard.has(1)).toBe(false)
    expect(shard.call(1, 'sum', undefined)).toBe(0)
  })

  test('damaged bytes of one actor are named; others go on', () => {
    const cold = new MemoryColdStore()
    const shard = start({ cold })
    for (const n of [1, 2]) {
      shard.call(n, 'add', { by: n })
      shard.evict(n)
    }
    const bytes = cold.get(1)!.slice()
    bytes[9]! ^= 4
    cold.put(1, bytes)
    for (let again = 0; again < 2; again++) {
      expect(() => shard.call(1, 'sum', undefined)).toThrow(/state of a1 .*damaged/)
    }
    expect(shard.call(2, 'sum', undefined)).toBe(2)
    expect(shard.residents.live).toBe(1)
  })

  test('erased and evicted actors give their memory back', () => {
    const shard = start()
    for (let n = 0; n < 500; n++) shard.call(n, 'add', { by: n % 9 })
    for (let n = 0; n < 500; n++) n % 2 === 0 ? shard.evict(n) : shard.erase(n)
    expect(shard.residents.usedBytes).toBe(0)
    expect(shard.actors).toBe(250)
  })
})

test('a set of numbers', () => {
  const set = new KeySet()
  for (const key of [0, 31, 32, 9_999]) set.add(key)
  expect([...set]).toEqual([0, 31, 32, 9_999])
  expect([set.has(31), set.has(30), set.has(1e9)]).toEqual([true, false, false])
  expect([set.remove(31), set.remove(31), set.size]).toEqual([true, false, 3])
})
