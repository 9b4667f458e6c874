import { describe, expect, test } from 'vitest'
import {
  bySpace,
  errorTable,
  heapAllocator,
  Interner,
  ManualClock,
  nothingShape,
  numberShape,
  pinwheelError,
  recordShape,
  stateSchema,
  systemClock,
  textShape,
  u32,
} from '../../base/index.ts'
import { type ActorContext, actorType } from '../actor.ts'
import { Shard } from '../shard/shard.ts'
import { Asks, type AsksOptions, askDefaults, ShardPlace } from './index.ts'
import type { StateStore } from './state-store.ts'

const fields = { sum: u32 }
type Context = ActorContext<typeof fields>
/** What reads wait for. */
type Services = { readonly wait: () => Promise<number> }

class Purse {
  readonly #context: Context
  readonly #services: Services
  constructor(context: Context, services: Services) {
    this.#context = context
    this.#services = services
  }
  add({ by }: { readonly by: number }): number {
    const { state } = this.#context
    state.sum += by
    if (by === 13) throw Symbol('not an Error')
    return state.sum
  }
  sum(): number {
    return this.#context.state.sum
  }
  async slow(): Promise<number> {
    const { sum } = this.#context.state
    return sum + (await this.#services.wait())
  }
  say(text: string): number {
    return text.length
  }
}
const count = numberShape(0, 1e9)
const purse = actorType({
  name: 'Purse',
  state: stateSchema('Purse', 1, fields),
  methods: {
    add: { kind: 'write', argument: recordShape({ by: count }), result: count },
    sum: { kind: 'read', argument: nothingShape, result: count },
    slow: { kind: 'read', argument: nothingShape, result: count },
    say: { kind: 'read', argument: textShape(1_000), result: count },
  },
  create: (context: Context, services: Services) => new Purse(context, services),
})

/** A store that answers when it is told to. */
class HeldStore implements StateStore {
  readonly states = new Map<string, Uint8Array>()
  readonly held: { readonly accept: () => void; readonly refuse: () => void }[] = []
  get(type: string, id: string): Uint8Array | undefined {
    return this.states.get(`${type} ${id}`)
  }
  put(type: string, id: string, bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.held.push({
        accept: () => {
          this.states.set(`${type} ${id}`, bytes)
          resolve()
        },
        refuse: () => reject(pinwheelError('LOG_WRITE_FAILED', { reason: 'ENOSPC' })),
      })
    })
  }
  async sent(): Promise<void> {}
}

type Waiter = (value: number) => void

function start(options: Partial<AsksOptions> = {}) {
  const names = bySpace(() => new Interner())
  const clock = new ManualClock()
  const waiters: Waiter[] = []
  const wait = () => new Promise<number>((resolve) => waiters.push(resolve))
  const pages = { allocate: heapAllocator, pageBytes: 1 << 17 }
  const shard = new Shard({ type: purse, space: 'actor', names, pages, services: { wait } })
  const place = new ShardPlace(new Map([['Purse', shard]]), options.states !== undefined)
  const types = [{ type: purse, space: 'actor' as const }]
  const asks = new Asks({ types, names, place, clock, ...options })
  const ask = (id: string, method: string, argument?: unknown, deadlineMs?: number) =>
    asks.ask('Purse', id, method, argument, deadlineMs)
  return { asks, ask, shard, clock, waiters, names }
}
/** Everything that may happen without time or answers has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve))
/** What has become of promises so far. */
function outcomes(promises: readonly Promise<unknown>[]): unknown[] {
  const list: unknown[] = promises.map(() => 'open')
  promises.forEach((promise, i) => {
    promise.then(
      (value) => {
        list[i] = value
      },
      (error: { code?: string }) => {
        list[i] = error.code
      },
    )
  })
  return list
}

describe('order', () => {
  test('asks of one actor run in order of arrival; a turn that waits holds up its own alone', async () => {
    const { ask, waiters } = start()
    const mine = outcomes([
      ask('a', 'add', { by: 1 }),
      ask('a', 'slow'),
      ask('a', 'add', { by: 2 }),
    ])
    const others = outcomes([ask('b', 'add', { by: 5 }), ask('b', 'sum')])
    await settled()
    expect(mine).toEqual([1, 'open', 'open'])
    expect(others).toEqual([5, 5])
    waiters[0]!(10)
    await settled()
    expect(mine).toEqual([1, 11, 3])
  })

  test('timers and I/O get their turn between slices', async () => {
    const { asks, ask } = start({ clock: systemClock })
    let ticks = 0
    let over = false
    const tick = () => {
      ticks++
      if (!over) setImmediate(tick)
    }
    setImmediate(tick)
    const turns = 20 * askDefaults.turnsPerSlice
    for (let n = 0; n < turns; n += 1_000) {
      await Promise.all(Array.from({ length: 1_000 }, (_, i) => ask(`a${i}`, 'add', { by: 1 })))
    }
    over = true
    expect(ticks).toBeGreaterThan(10)
    expect(asks.waiting).toBe(0)
  })
})

describe('deadlines', () => {
  test('a turn that never ends is answered, and the next of its actor goes on', async () => {
    const { ask, clock, waiters, asks } = start()
    const answers = outcomes([
      ask('a', 'slow', undefined, 100),
      ask('a', 'add', { by: 1 }, 5_000),
      ask('a', 'slow', undefined, 50),
    ])
    await settled()
    for (let ms = 0; ms < 60; ms += 20) {
      clock.advance(20)
      await settled()
    }
    // The third never began.
    expect(answers).toEqual(['open', 'open', 'DEADLINE'])
    for (let ms = 0; ms < 60; ms += 20) {
      clock.advance(20)
      await settled()
    }
    expect(answers).toEqual(['DEADLINE', 1, 'DEADLINE'])
    expect(waiters).toHaveLength(1)
    // It ends after all, when somebody else has the turn: nobody hears of it, nothing is freed.
    const later = outcomes([ask('a', 'slow'), ask('a', 'sum')])
    await settled()
    waiters[0]!(7)
    await settled()
    expect(later).toEqual(['open', 'open'])
    waiters[1]!(0)
    await settled()
    expect(later).toEqual([1, 1])
    expect(asks.waiting).toBe(0)
  })

  test('a write that the store is slow with is late, but stays first in line', async () => {
    const states = new HeldStore()
    const { ask, clock } = start({ states })
    const answers = outcomes([ask('a', 'add', { by: 1 }, 100), ask('a', 'sum', undefined, 1_000)])
    await settled()
    for (let ms = 0; ms < 200; ms += 20) {
      clock.advance(20)
      await settled()
    }
    expect(answers).toEqual(['DEADLINE', 'open'])
    states.held[0]!.accept()
    await settled()
    expect(answers).toEqual(['DEADLINE', 1])
  })
})

describe('bounds', () => {
  test('beyond what may wait asks are refused, to be sent again; the rest is answered', async () => {
    const { ask, asks } = start({ bounds: { waitingMax: 8 } })
    const answers = outcomes(Array.from({ length: 12 }, (_, n) => ask(`a${n}`, 'add', { by: n })))
    await settled()
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, ...Array(4).fill('OVERLOADED')])
    expect(asks.waiting).toBe(0)
    await expect(ask('a1', 'sum')).resolves.toBe(1)
    expect(errorTable.OVERLOADED.retry).toBe('later')
  })

  test('the mailbox of one actor is full, others go on', async () => {
    const { ask, waiters } = start({ bounds: { waitingPerActorMax: 2 } })
    const mine = outcomes(Array.from({ length: 4 }, () => ask('a', 'slow')))
    const other = outcomes([ask('b', 'add', { by: 1 })])
    await settled()
    expect(mine).toEqual(['open', 'open', 'open', 'OVERLOADED'])
    expect(other).toEqual([1])
    for (let n = 0; n < 3; n++) {
      waiters[n]!(n)
      await settled()
    }
    expect(mine).toEqual([0, 1, 2, 'OVERLOADED'])
  })

  test.each([
    ['10 KB', 'x'.repeat(10_240)],
    ['empty', ''],
    ['a line break', 'a\nb'],
    ['NUL', 'a\0b'],
    ['half a character', '\ud800'],
    ['a number', 5 as unknown as string],
    ['nothing', undefined as unknown as string],
  ])('an id that is %s', async (_what, id) => {
    const { ask, names } = start()
    await expect(ask(id, 'sum')).rejects.toMatchObject({ code: 'ACTOR_ID_INVALID' })
    expect(names.actor.size).toBe(0)
  })

  test('an argument of 5 MB, or with a getter that throws', async () => {
    const { ask } = start()
    await expect(ask('a', 'say', 'x'.repeat(5 << 20))).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringMatching(/^.{1,400}$/s),
    })
    const trap = {
      get by(): number {
        throw new Error('a trap')
      },
    }
    await expect(ask('a', 'add', trap)).rejects.toMatchObject({
      code: 'ARGUMENT_INVALID',
      message: expect.stringContaining('a trap'),
    })
    await expect(ask('a', 'sum')).resolves.toBe(0)
  })
})

describe('the store', () => {
  test('a reply leaves when the store has the state', async () => {
    const states = new HeldStore()
    const { ask } = start({ states })
    const answers = outcomes([ask('a', 'add', { by: 1 }), ask('a', 'add', { by: 2 })])
    await settled()
    expect(answers).toEqual(['open', 'open'])
    states.held[0]!.accept()
    await settled()
    expect(answers).toEqual([1, 'open'])
    states.held[1]!.accept()
    await settled()
    expect(answers).toEqual([1, 3])
  })

  test('when it refuses, the actor is put back, and later asks see nothing of the write', async () => {
    const states = new HeldStore()
    const { ask, shard } = start({ states })
    const first = outcomes([ask('a', 'add', { by: 1 }), ask('a', 'sum')])
    await settled()
    states.held[0]!.refuse()
    await settled()
    expect(first).toEqual(['LOG_WRITE_FAILED', 0])
    expect(shard.actors).toBe(0)
    const second = outcomes([
      ask('a', 'add', { by: 4 }),
      ask('a', 'add', { by: 5 }),
      ask('a', 'sum'),
    ])
    await settled()
    states.held[1]!.accept()
    await settled()
    states.held[2]!.refuse()
    await settled()
    expect(second).toEqual([4, 'LOG_WRITE_FAILED', 4])
  })

  test('a state in the store is found again', async () => {
    const states = new HeldStore()
    const before = start({ states })
    const answers = outcomes([before.ask('a', 'add', { by: 7 })])
    await settled()
    states.held[0]!.accept()
    await settled()
    expect(answers).toEqual([7])
    await expect(start({ states }).ask('a', 'sum')).resolves.toBe(7)
  })
})

test('what a turn throws may be no Error; it leaves nothing', async () => {
  const { ask } = start()
  await expect(ask('a', 'add', { by: 13 })).rejects.toMatchObject({ code: 'TURN_FAILED' })
  await expect(ask('a', 'sum')).resolves.toBe(0)
})

test('stopping refuses what is new and waits for what is not', async () => {
  const { ask, asks, waiters } = start()
  const answers = outcomes([ask('a', 'slow'), ask('a', 'sum')])
  await settled()
  let stopped = false
  const stop = asks.stop().then(() => {
    stopped = true
  })
  await expect(ask('b', 'sum')).rejects.toMatchObject({ code: 'STOPPING' })
  await settled()
  expect(stopped).toBe(false)
  waiters[0]!(3)
  await stop
  expect(answers).toEqual([3, 0])
})
