/**
 * What every host of actors promises. An implementation calls `hostContract` with a way to start
 * itself; the cases know nothing of threads, sidecars or stores.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeclaredKind, DeclaredKinds, Entry } from '../../base/index.ts'
import { boardCases } from './boards.ts'
import { emitterOf } from './test-actors.ts'

/** What a host of the contract is started with. */
export const contractKinds: DeclaredKinds = new Map([['purchase', 2]])

export type IdeasAsk = { readonly limit: number; readonly at: number; readonly seed: number }
export type Ideas = {
  readonly board?: string
  readonly user?: string
  readonly rung: string
  readonly items: readonly { readonly pin: string }[]
}

export interface ContractHost {
  /** Whether what turns emit finds its way into the log. */
  readonly emits: boolean
  /** Calls a listed method of an actor by its outside id. */
  ask(type: string, id: string, method: string, argument?: unknown): Promise<unknown>
  /** Appends entries to the host's log; resolves when their actors have them. */
  append(entries: readonly Entry[]): Promise<void>
  /** Delivers the whole log again. */
  redeliver(): Promise<void>
  /** Pins for a board, as the outside asks for them; the same for the same `at` and `seed`. */
  ideas(board: string, ask: IdeasAsk): Promise<Ideas>
  /** Makes graph and catalogue from everything appended. */
  build(): Promise<void>
  /** Takes an actor out of memory. */
  evict(type: string, id: string): Promise<void>
  /** Ends and starts again over the same storage. */
  restart(): Promise<void>
  /** Actors and positions of entries that could not be applied. */
  deadLetters(): readonly { readonly id: string; readonly reason: string }[]
  stop(): Promise<void>
}

let events = 0
const event = (user: string, more: Partial<Entry> = {}): Entry =>
  ({ kind: 'save', id: `e${events++}`, time: 1_000, user, pin: 'p1', ...more }) as Entry
const refused = (promise: Promise<unknown>, code: string) =>
  expect(promise).rejects.toMatchObject({ code, message: expect.any(String) })

/** Ids that are hard on addresses, files and JSON. */
const oddIds = [
  'plain',
  '42',
  'with space',
  'a/b/../c',
  'ünï-ço∂é 木',
  '"quoted" \\ back',
  '%2F?x=1#y',
  '__proto__',
  'constructor',
  '..',
  'x'.repeat(200),
  '🦊'.repeat(50),
]

export function hostContract(name: string, start: () => Promise<ContractHost>): void {
  describe(`host contract: ${name}`, { timeout: 30_000 }, () => {
    let host: ContractHost
    beforeAll(async () => {
      host = await start()
    }, 60_000)
    afterAll(() => host?.stop())

    commandedCases(() => host)
    emittingCases(() => host)
    foldedCases(() => host)
    boardCases(() => host)
    lifeCases(() => host)
  })
}

function commandedCases(host: () => ContractHost): void {
  test('a new actor has a blank state, and reading does not make one', async () => {
    expect(await host().ask('Counter', 'blank', 'get')).toBe(0)
    expect(await host().ask('Counter', 'blank', 'calls')).toBe(0)
  })
  test('a write changes the state and answers', async () => {
    expect(await host().ask('Counter', 'one', 'add', 5)).toBe(5)
    expect(await host().ask('Counter', 'one', 'add', -2)).toBe(3)
    expect(await host().ask('Counter', 'one', 'get')).toBe(3)
  })
  test('actors of one type do not share state', async () => {
    await host().ask('Counter', 'left', 'add', 1)
    await host().ask('Counter', 'right', 'add', 2)
    expect(await host().ask('Counter', 'left', 'get')).toBe(1)
    expect(await host().ask('Counter', 'right', 'get')).toBe(2)
  })
  test('fifty adds at once all count: one turn at a time', async () => {
    const sums = await Promise.all(
      Array.from({ length: 50 }, () => host().ask('Counter', 'fifty', 'add', 1)),
    )
    expect([...sums].sort((a, b) => Number(a) - Number(b))).toEqual(sums.map((_, i) => i + 1))
    expect(await host().ask('Counter', 'fifty', 'calls')).toBe(50)
  })
  test('fifty actors at once', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `many${i}`)
    await Promise.all(ids.map((id, i) => host().ask('Counter', id, 'add', i)))
    expect(await Promise.all(ids.map((id) => host().ask('Counter', id, 'get')))).toEqual(
      ids.map((_, i) => i),
    )
  })
  test('a throw after a change leaves nothing of it', async () => {
    await host().ask('Counter', 'thrower', 'add', 7)
    await refused(host().ask('Counter', 'thrower', 'addThenThrow', 100), 'TURN_FAILED')
    expect(await host().ask('Counter', 'thrower', 'get')).toBe(7)
    expect(await host().ask('Counter', 'thrower', 'read')).toBe('')
    // Nor does a later turn bring it in.
    expect(await host().ask('Counter', 'thrower', 'add', 1)).toBe(8)
    expect(await host().ask('Counter', 'thrower', 'calls')).toBe(2)
  })
  test('a throw in an actor’s first turn leaves no actor', async () => {
    await refused(host().ask('Counter', 'stillborn', 'addThenThrow', 1), 'TURN_FAILED')
    expect(await host().ask('Counter', 'stillborn', 'calls')).toBe(0)
  })
  test('what is thrown may be nothing at all', async () => {
    await refused(host().ask('Counter', 'nothing', 'throwNothing'), 'TURN_FAILED')
    expect(await host().ask('Counter', 'nothing', 'calls')).toBe(0)
  })
  test('the message names type, method and reason', async () => {
    const call = host().ask('Counter', 'named', 'addThenThrow', 1)
    await expect(call).rejects.toThrow(/Counter\.addThenThrow.*thrown after the change/)
  })
  test('a result of the wrong shape is refused and undone', async () => {
    await refused(host().ask('Counter', 'wrong', 'answerWrongly'), 'TURN_FAILED')
    expect(await host().ask('Counter', 'wrong', 'get')).toBe(0)
  })
  test('a read that writes is refused and changes nothing', async () => {
    await host().ask('Counter', 'sneaky', 'add', 1)
    await refused(host().ask('Counter', 'sneaky', 'readThatWrites'), 'READ_WROTE')
    expect(await host().ask('Counter', 'sneaky', 'get')).toBe(1)
  })
  test.each(['nope', 'apply', 'constructor', 'toString', '__proto__', '#context', ''])(
    'method %j is not listed',
    (method) => refused(host().ask('Counter', 'x', method), 'METHOD_UNLISTED'),
  )
  test('a type that is not hosted', () =>
    refused(host().ask('Nobody', 'x', 'get'), 'ACTOR_TYPE_UNKNOWN'))
  test.each([
    ['text for a number', 'add', '5'],
    ['nothing for a number', 'add', undefined],
    ['beyond the range', 'add', 1e12],
    ['something for nothing', 'get', 1],
    ['a missing member', 'write', {}],
    ['a member too many', 'write', { note: 'a', more: 1 }],
    ['a member of the wrong type', 'write', { note: 'a', loud: 'yes' }],
    ['text too long', 'write', { note: 'x'.repeat(201) }],
  ])('an argument that does not fit: %s', async (_what, method, argument) => {
    await refused(host().ask('Counter', 'args', method, argument), 'ARGUMENT_INVALID')
    expect(await host().ask('Counter', 'args', 'calls')).toBe(0)
  })
  test('arguments are copied: what the caller does later is not seen', async () => {
    const note = { note: 'first', loud: true }
    const call = host().ask('Counter', 'copies', 'write', note)
    note.note = 'changed'
    await call
    expect(await host().ask('Counter', 'copies', 'read')).toBe('FIRST')
  })
  test('false, zero and empty text come back as they are', async () => {
    expect(await host().ask('Counter', 'empty', 'add', 0)).toBe(0)
    expect(await host().ask('Counter', 'empty', 'write', { note: '', loud: false })).toBe('')
    expect(await host().ask('Counter', 'empty', 'read')).toBe('')
  })
  test.each(oddIds)('an actor called %j', async (id) => {
    expect(await host().ask('Counter', id, 'add', 1)).toBe(1)
    expect(await host().ask('Counter', id, 'whoAmI')).toBe(id)
    expect(await host().ask('Counter', id, 'get')).toBe(1)
  })
  test.each(['', 'x'.repeat(201), 'a\u0000b', 'line\nbreak', '\ud800'])('%j is no id', (id) =>
    refused(host().ask('Counter', id, 'get'), 'ACTOR_ID_INVALID'),
  )
}

function emittingCases(host: () => ContractHost): void {
  const told = (counter: string) => host().ask('Tally', emitterOf(counter), 'entries')
  test('what a turn emits is folded by whom it concerns; where a host cannot, no turn was', async () => {
    const { emits } = host()
    const tell = host().ask('Counter', 'teller', 'tell', { times: 16, kind: 'outbound' })
    if (!emits) {
      await refused(tell, 'EMIT_REFUSED')
      expect(await host().ask('Counter', 'teller', 'calls')).toBe(0)
      return
    }
    expect(await tell).toBe(16)
    expect(await told('teller')).toBe(16)
    expect(await host().ask('Tally', emitterOf('teller'), 'weight')).toBe((16 * 15) / 2)
    await host().restart()
    expect(await told('teller')).toBe(16)
  })
  test.each([
    ['more than a turn may emit', { times: 17, kind: 'outbound' }, 'EMIT_REFUSED'],
    ['what is no event', { times: 1, kind: 'pin' }, 'EMIT_REFUSED'],
    ['a kind that nobody declared', { times: 1, kind: 'gift' }, 'EMIT_REFUSED'],
    ['a turn that throws', { times: 1, kind: 'outbound', fails: true }, 'TURN_FAILED'],
  ])('%s: nothing is changed or emitted', async (_what, argument, code) => {
    if (host().emits) await host().ask('Counter', 'mute', 'addAndTell', 1)
    const before = await host().ask('Counter', 'mute', 'calls')
    const expected = host().emits ? code : 'EMIT_REFUSED'
    await refused(host().ask('Counter', 'mute', 'tell', argument), expected)
    expect(await host().ask('Counter', 'mute', 'calls')).toBe(before)
    if (host().emits) expect(await told('mute')).toBe(before)
  })
  test('a read emits nothing', async () => {
    await refused(host().ask('Counter', 'mute', 'readThatTells'), 'EMIT_REFUSED')
  })
}

function foldedCases(host: () => ContractHost): void {
  test('entries reach their user’s actor, in order and no other', async () => {
    await host().append([event('ann'), event('bob'), event('ann', { weight: 4 })])
    expect(await host().ask('Tally', 'ann', 'entries')).toBe(2)
    expect(await host().ask('Tally', 'ann', 'weight')).toBe(5)
    expect(await host().ask('Tally', 'bob', 'entries')).toBe(1)
  })
  test('a delivery that comes again has no second effect', async () => {
    await host().append([event('again'), event('again')])
    await host().redeliver()
    await host().redeliver()
    expect(await host().ask('Tally', 'again', 'entries')).toBe(2)
    expect(await host().ask('Tally', 'ann', 'entries')).toBe(2)
  })
  test('a client’s resend has no second effect', async () => {
    const same = event('resender', { weight: 3 })
    await host().append([same])
    await host().append([same, event('resender')])
    await host().append([same, same])
    expect(await host().ask('Tally', 'resender', 'entries')).toBe(2)
    expect(await host().ask('Tally', 'resender', 'weight')).toBe(4)
  })
  test('the same event id of two users is two events', async () => {
    const one = event('twin1')
    await host().append([one, { ...one, user: 'twin2' } as Entry])
    expect(await host().ask('Tally', 'twin1', 'entries')).toBe(1)
    expect(await host().ask('Tally', 'twin2', 'entries')).toBe(1)
  })
  test('poison in a batch: the others are applied, it goes to the dead letters', async () => {
    const before = host().deadLetters().length
    await host().append([
      event('sick', { weight: 1 }),
      event('sick', { weight: 666 }),
      event('sick', { weight: 2 }),
      event('healthy'),
    ])
    expect(await host().ask('Tally', 'sick', 'entries')).toBe(2)
    expect(await host().ask('Tally', 'sick', 'weight')).toBe(3)
    expect(await host().ask('Tally', 'healthy', 'entries')).toBe(1)
    const letters = host().deadLetters().slice(before)
    expect(letters).toEqual([expect.objectContaining({ id: 'sick', reason: 'poison' })])
  })
  test('any split of the entries into requests gives the same state', async () => {
    const weights = [1, 2, 3, 4, 5, 6, 7]
    await host().append(weights.map((weight) => event('whole', { weight })))
    for (const weight of weights) await host().append([event('parts', { weight })])
    await host().append(weights.slice(0, 3).map((weight) => event('halves', { weight })))
    await host().append(weights.slice(3).map((weight) => event('halves', { weight })))
    for (const id of ['whole', 'parts', 'halves']) {
      expect(await host().ask('Tally', id, 'entries')).toBe(7)
      expect(await host().ask('Tally', id, 'weight')).toBe(28)
    }
  })
  test('a folded state takes no commands', () =>
    refused(host().ask('Tally', 'ann', 'apply', []), 'METHOD_UNLISTED'))
  test('a user of whom nothing was heard', () =>
    refused(host().ask('User', 'nobody at all', 'context'), 'USER_UNKNOWN'))
  test('the real actors answer too', async () => {
    await host().append([event('real', { pin: 'realpin' })])
    expect(await host().ask('User', 'real', 'context')).toMatchObject({ known: true, saves: 1 })
    expect(await host().ask('Pin', 'realpin', 'card')).toMatchObject({ saves: 1, stub: true })
  })
  test('kinds that the operator declared are events, with the weight that the host was told', async () => {
    const bought = event('buyer', { kind: 'purchase' as DeclaredKind, pin: 'kettle' })
    await host().append([event('buyer', { pin: 'cup' }), bought, bought])
    const said = (await host().ask('User', 'buyer', 'context')) as {
      seeds: { pin: string; weight: number }[]
      exclude: string[]
    }
    expect(said.seeds.map(({ pin }) => pin)).toEqual(['kettle', 'cup'])
    expect(said.seeds[0]!.weight).toBe(contractKinds.get('purchase'))
    expect(said.exclude).toEqual(['cup'])
    expect(await host().ask('Pin', 'kettle', 'card')).toMatchObject({ declared: 1 })
    const now = { at: 1 }
    expect(await host().ask('Pin', 'kettle', 'activity', now)).toMatchObject({ declared: 1 })
  })
}

function lifeCases(host: () => ContractHost): void {
  test('an evicted actor comes back as it was', async () => {
    await host().ask('Counter', 'leaver', 'add', 5)
    await host().ask('Counter', 'leaver', 'write', { note: 'kept' })
    await host().evict('Counter', 'leaver')
    expect(await host().ask('Counter', 'leaver', 'get')).toBe(5)
    await host().evict('Counter', 'leaver')
    expect(await host().ask('Counter', 'leaver', 'add', 1)).toBe(6)
    expect(await host().ask('Counter', 'leaver', 'read')).toBe('kept')
  })
  test('an evicted folded actor comes back for its next entry', async () => {
    await host().append([event('roamer'), event('roamer')])
    await host().evict('Tally', 'roamer')
    await host().append([event('roamer')])
    expect(await host().ask('Tally', 'roamer', 'entries')).toBe(3)
  })
  test('evicting what is not there is nothing', async () => {
    await host().evict('Counter', 'never was')
    expect(await host().ask('Counter', 'never was', 'calls')).toBe(0)
  })
  test('a reply that nobody took: the write stands, once', async () => {
    // The caller turns away; calls that nobody awaits have no order among them, so the next waits.
    host()
      .ask('Counter', 'lost', 'add', 1)
      .catch(() => {})
    await expect.poll(() => host().ask('Counter', 'lost', 'get')).toBe(1)
    expect(await host().ask('Counter', 'lost', 'add', 10)).toBe(11)
    expect(await host().ask('Counter', 'lost', 'calls')).toBe(2)
  })
  test('after a restart every answered write and every entry is there, once', async () => {
    await host().ask('Counter', 'phoenix', 'add', 3)
    await host().append([event('ash'), event('ash')])
    const before = await host().ask('Tally', 'ann', 'weight')
    await host().restart()
    expect(await host().ask('Counter', 'phoenix', 'get')).toBe(3)
    expect(await host().ask('Counter', 'fifty', 'calls')).toBe(50)
    expect(await host().ask('Counter', 'thrower', 'get')).toBe(8)
    expect(await host().ask('Tally', 'ash', 'entries')).toBe(2)
    expect(await host().ask('Tally', 'ann', 'weight')).toBe(before)
    expect(await host().ask('Tally', 'sick', 'entries')).toBe(2)
  })
  test('a resend is known even across a restart', async () => {
    const same = event('patient')
    await host().append([same])
    await host().restart()
    await host().append([same])
    expect(await host().ask('Tally', 'patient', 'entries')).toBe(1)
  })
}
