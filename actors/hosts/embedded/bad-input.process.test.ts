/** Bad input to the embedded host: each has a code, the process lives and other actors go on. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Entry, silentLogger, systemClock } from '../../../base/index.ts'
import { laterCounterActor } from '../../../tests/contracts/future-actors.ts'
import { counterActor, tallyActor } from '../../../tests/contracts/test-actors.ts'
import { type Disk, realDisk } from '../../log/index.ts'
import { Runtime } from './runtime.ts'
import type { HostedModule, RuntimeOptions } from './runtime-options.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-bad-input-'))
let directory = ''
let directories = 0
let running: Runtime | undefined
async function stop(): Promise<void> {
  await running?.stop()
  running = undefined
}
afterAll(async () => {
  await stop()
  rmSync(scratch, { recursive: true, force: true })
})

const module = (file: string) => new URL(`../../../tests/contracts/${file}`, import.meta.url).href
const today: readonly HostedModule[] = [
  {
    type: counterActor,
    module: module('test-actors.ts'),
    exported: 'counterActor',
    space: 'actor',
  },
  { type: tallyActor, module: module('test-actors.ts'), exported: 'tallyActor', space: 'user' },
]
const later: readonly HostedModule[] = [
  {
    type: laterCounterActor,
    module: module('future-actors.ts'),
    exported: 'laterCounterActor',
    space: 'actor',
  },
]

/** Starts the host on the directory of the test; the one before is stopped. */
async function start(more: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  await stop()
  running = await Runtime.start({
    directory,
    workers: 2,
    partitions: 2,
    usersMax: 2_000,
    pinsMax: 2_000,
    boardsMax: 2_000,
    tagsMax: 1_000,
    clock: systemClock,
    logger: silentLogger,
    types: today,
    ...more,
  })
  return running
}

/** The real disk; while `isReadOnly` says so, nothing is written. */
function turningDisk(isReadOnly: () => boolean): Disk {
  const change = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isReadOnly()) throw Object.assign(new Error('read-only'), { code: 'EROFS' })
    return work()
  }
  return {
    ...realDisk,
    replace: (path, bytes) => change(() => realDisk.replace(path, bytes)),
    async open(path, mode) {
      const file = await (mode === 'read'
        ? realDisk.open(path, mode)
        : change(() => realDisk.open(path, mode)))
      return {
        read: (into, at) => file.read(into, at),
        flush: () => file.flush(),
        close: () => file.close(),
        write: (bytes, at) => change(() => file.write(bytes, at)),
        truncate: (bytes) => change(() => file.truncate(bytes)),
      }
    },
  }
}

async function expectAlive(runtime: Runtime): Promise<void> {
  const before = Number(await runtime.asks.ask('Counter', 'other', 'get'))
  expect(await runtime.asks.ask('Counter', 'other', 'add', 1)).toBe(before + 1)
  expect(runtime.failure).toBeUndefined()
}

describe('asks', () => {
  let runtime: Runtime
  beforeAll(async () => {
    directory = join(scratch, String(directories++))
    runtime = await start()
  })
  const megabytes = 'x'.repeat(5 * 1024 * 1024)
  test.each([
    ['a method that is not listed', 'x', 'forget', undefined, 'METHOD_UNLISTED'],
    ['an argument of another shape', 'x', 'add', { by: 1 }, 'ARGUMENT_INVALID'],
    ['five megabytes of text', 'x', 'write', { note: megabytes }, 'ARGUMENT_INVALID'],
    ['five megabytes for a number', 'x', 'add', megabytes, 'ARGUMENT_INVALID'],
    ['a member called by five megabytes', 'x', 'write', { [megabytes]: 1 }, 'ARGUMENT_INVALID'],
    ['an id of ten kilobytes', 'x'.repeat(10_240), 'get', undefined, 'ACTOR_ID_INVALID'],
    ['an id with a bell', 'a\u0007b', 'get', undefined, 'ACTOR_ID_INVALID'],
    ['an id with an escape', '\u001b[31m', 'get', undefined, 'ACTOR_ID_INVALID'],
    ['a turn that throws an Error', 'x', 'addThenThrow', 1, 'TURN_FAILED'],
    ['a turn that throws no Error', 'x', 'throwNothing', undefined, 'TURN_FAILED'],
  ])('%s', async (_what, id, method, argument, code) => {
    await expectAlive(runtime)
    const ask = runtime.asks.ask('Counter', id, method, argument)
    const error = await ask.then(
      () => undefined,
      (refusal: { code: string; message: string }) => refusal,
    )
    expect(error?.code).toBe(code)
    // What a stranger sent is not poured into logs.
    expect(error?.message.length).toBeLessThan(500)
    expect(error?.message).not.toMatch(/\p{Cc}/u)
    expect(await runtime.asks.ask('Counter', 'x', 'calls')).toBe(0)
    await expectAlive(runtime)
  })
})

describe('entries, states and files', () => {
  beforeEach(() => {
    directory = join(scratch, String(directories++))
  })

  test('one poisonous event in a batch of a thousand: 999 are applied, it is told', async () => {
    const runtime = await start()
    const entries = Array.from({ length: 1_000 }, (_, n): Entry => {
      const weight = n === 567 ? 666 : 1
      return { kind: 'save', id: `e${n}`, time: n, user: `u${n % 40}`, pin: `p${n}`, weight }
    })
    const { verdicts } = await runtime.ingest(entries)
    expect(verdicts).toHaveLength(1_000)
    await runtime.settled()
    const users = Array.from({ length: 40 }, (_, n) => `u${n}`)
    const counts = await Promise.all(users.map((id) => runtime.asks.ask('Tally', id, 'entries')))
    expect(counts.map(Number)).toEqual(users.map((id) => (id === `u${567 % 40}` ? 24 : 25)))
    expect(runtime.deadLetters).toEqual([
      expect.objectContaining({ id: `u${567 % 40}`, reason: 'poison' }),
    ])
    // It is poison for one type of actor only: the pin has it.
    expect(await runtime.asks.ask('Pin', 'p567', 'card')).toMatchObject({ saves: 1 })
    await expectAlive(runtime)
  })

  test('the state of a later program is refused and kept as it is', async () => {
    const future = await start({ types: later })
    expect(await future.asks.ask('Counter', 'traveller', 'add', 7)).toBe(7)
    const runtime = await start()
    for (const [method, argument] of [['get'], ['add', 1]] as const) {
      const ask = runtime.asks.ask('Counter', 'traveller', method, argument)
      await expect(ask).rejects.toMatchObject({
        code: 'STATE_NEWER',
        details: { type: 'Counter', version: 2, known: 1 },
      })
    }
    await expectAlive(runtime)
    const again = await start({ types: later })
    expect(await again.asks.ask('Counter', 'traveller', 'get')).toBe(7)
  })

  test('a segment that is missing in the middle of the log refuses the start', async () => {
    const files = { segmentBytes: 500 }
    const runtime = await start({ files, partitions: 1 })
    for (let n = 0; n < 30; n++) {
      await runtime.ingest([{ kind: 'save', id: `e${n}`, time: n, user: 'u', pin: `p${n}` }])
    }
    await stop()
    const part = join(directory, 'log', 'p00')
    const segments = readdirSync(part).sort()
    expect(segments.length).toBeGreaterThan(3)
    rmSync(join(part, segments[1]!))
    await expect(start({ files, partitions: 1 })).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
      details: { file: join(part, segments[2]!), offset: 0 },
    })
    // The directory is free again: for those who agree to the loss.
    const found = await start({ files: { ...files, acceptLoss: true }, partitions: 1 })
    expect(found.entries).toBeLessThan(30)
    await expectAlive(found)
  })

  test('a disk that is read-only for a while: writes are refused, reads go on, nothing is lost', async () => {
    let isReadOnly = false
    const files = { disk: turningDisk(() => isReadOnly) }
    const runtime = await start({ files })
    const save = (n: number): Entry => {
      return { kind: 'save', id: `e${n}`, time: n, user: 'u', pin: 'p' }
    }
    await runtime.ingest([save(0)])
    await expectAlive(runtime)
    isReadOnly = true
    const refusal = { code: 'LOG_WRITE_FAILED', details: { reason: 'EROFS' } }
    for (let n = 1; n < 5; n++) {
      await expect(runtime.ingest([save(n)])).rejects.toMatchObject(refusal)
      const add = runtime.asks.ask('Counter', 'other', 'add', 1)
      await expect(add).rejects.toMatchObject(refusal)
    }
    expect(await runtime.asks.ask('Counter', 'other', 'get')).toBe(1)
    expect(await runtime.asks.ask('Pin', 'p', 'card')).toMatchObject({ saves: 1 })
    isReadOnly = false
    await runtime.ingest([save(5)])
    await expectAlive(runtime)
    const digest = await runtime.digest()
    isReadOnly = true
    await expect(start({ files })).rejects.toMatchObject({ code: 'DIRECTORY_UNWRITABLE' })
    isReadOnly = false
    const again = await start({ files })
    expect(again.entries).toBe(2)
    expect(await again.asks.ask('Counter', 'other', 'get')).toBe(2)
    expect(await again.digest()).toBe(digest)
  })
})
