import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { type Entry, type Logger, silentLogger, systemClock } from '../../../base/index.ts'
import { harm, saboteur } from '../../../tests/contracts/saboteur.ts'
import { Runtime } from './runtime.ts'
import type { RuntimeOptions } from './runtime-options.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-revival-test-'))
const running = new Set<Runtime>()
let directories = 0
afterEach(async () => {
  await Promise.all(Array.from(running, stop))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const newDirectory = () => join(scratch, String(directories++))
const module = new URL('../../../tests/contracts/saboteur.ts', import.meta.url).href
async function start(directory: string, more: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await Runtime.start({
    directory,
    workers: 2,
    partitions: 2,
    usersMax: 1_000,
    pinsMax: 1_000,
    boardsMax: 2_000,
    tagsMax: 1_000,
    clock: systemClock,
    logger: silentLogger,
    types: [{ type: saboteur, module, exported: 'saboteur', space: 'user' }],
    ports: { bounds: { stuckMs: 1_500 } },
    ...more,
  })
  running.add(runtime)
  return runtime
}
async function stop(runtime: Runtime): Promise<void> {
  running.delete(runtime)
  await runtime.stop()
}

const save = (n: number, more: Partial<Entry> = {}) =>
  ({ kind: 'save', id: `e${n}`, time: n, user: `u${n % 7}`, pin: `p${n}`, ...more }) as Entry
const saves = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => save(from + n))
/** The actors without the saboteurs, who differ. */
const users = (runtime: Runtime) =>
  Promise.all(
    [0, 1, 2, 3, 4, 5, 6].map(async (n) => {
      return (await runtime.inspect('user', runtime.names.user.find(`u${n}`))).state
    }),
  )
const countOf = (runtime: Runtime, user: string) => runtime.asks.ask('Saboteur', user, 'count')

describe('a worker that ends', () => {
  test('is started again and knows everything, what came meanwhile too', async () => {
    const runtime = await start(newDirectory())
    await runtime.ingest(saves(0, 200))
    await runtime.snapshot()
    await runtime.ingest(saves(200, 300))
    const digest = await runtime.digest()
    for (const user of ['u0', 'u1', 'u2', 'u3']) {
      await expect(runtime.asks.ask('Saboteur', user, 'end')).rejects.toMatchObject({
        code: 'SHARD_DOWN',
      })
      expect(runtime.failure).toMatch(/started again/)
      // Others go on, and what is taken in meanwhile is not lost on it.
      await runtime.ingest(saves(300, 350))
      await runtime.settled()
      expect(runtime.failure).toBeUndefined()
    }
    const grown = await runtime.digest()
    expect(grown).not.toBe(digest)
    expect(runtime.resends).toBe(150)
    const ask = { user: 0, limit: 5, generation: 'mixed', exclude: [], explain: false } as const
    const reply = await runtime.recommend({ ...ask, at: 1, seed: 1, deadlineMs: 5e3, off: [] })
    expect(reply.pins).toHaveLength(5)
    const other = await start(newDirectory())
    for (const [from, to] of [
      [0, 200],
      [200, 300],
      [300, 350],
    ] as const) {
      await other.ingest(saves(from, to))
    }
    expect(await other.digest()).toBe(grown)
    expect(other.features.columns).toEqual(runtime.features.columns)
  })

  test('at an entry that ends every thread: that one is left out, also at the next start', async () => {
    const directory = newDirectory()
    const runtime = await start(directory)
    await runtime.ingest(saves(0, 100))
    const poison = [save(100, { weight: harm.end }), save(101, { weight: harm.hang })]
    await runtime.ingest([...saves(102, 150), ...poison, ...saves(150, 200)])
    await runtime.settled()
    const letters = runtime.deadLetters.map(({ type, id, isFatal, reason }) => {
      return { type, id, isFatal, reason }
    })
    expect(letters).toHaveLength(2)
    expect(letters).toContainEqual({
      type: 'Saboteur',
      id: 'u2',
      isFatal: true,
      reason: 'it ended with 3',
    })
    expect(letters).toContainEqual({
      type: 'Saboteur',
      id: 'u3',
      isFatal: true,
      reason: 'a turn did not end in 1500 ms',
    })
    // Only the type that it kills does without it.
    const states = await users(runtime)
    const actions = states.map((state) => (state['actions'] as unknown[]).length)
    expect(actions.reduce((sum, n) => sum + n, 0)).toBe(200)
    expect([await countOf(runtime, 'u2'), await countOf(runtime, 'u3')]).toEqual([28, 28])
    const digest = await runtime.digest()
    await stop(runtime)
    const next = await start(directory, { workers: 1 })
    expect(await next.digest()).toBe(digest)
    expect(next.deadLetters).toHaveLength(2)
  })

  test('in a method that never waits: who asked hears that, the thread comes back', async () => {
    const runtime = await start(newDirectory(), { workers: 1 })
    await runtime.ingest(saves(0, 50))
    const digest = await runtime.digest()
    const endless = runtime.asks.ask('Saboteur', 'u1', 'hang', undefined, 60_000)
    const others = [countOf(runtime, 'u2'), countOf(runtime, 'u3')]
    await expect(endless).rejects.toMatchObject({ code: 'TURN_ENDLESS' })
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'SHARD_DOWN' })
    await runtime.settled()
    expect(await countOf(runtime, 'u2')).toBe(7)
    expect(await runtime.digest()).toBe(digest)
  })

  test('because a state out of memory is damaged: everything is read again', async () => {
    const directory = newDirectory()
    const said: unknown[] = []
    const logger = { ...silentLogger, error: (_: unknown, words: unknown) => said.push(words) }
    // Enough that states are written to the file, which happens in batches of some megabytes.
    const sizes = { workers: 1, usersMax: 60_000, pinsMax: 60_000, boardsMax: 60_000 }
    const few = { ...sizes, stateBytesMax: 4_000, logger: logger as Logger, ports: {} }
    const runtime = await start(directory, few)
    const many = Array.from({ length: 30_000 }, (_, n) => save(n, { user: `u${n}` }))
    await runtime.ingest(many)
    await runtime.settled()
    const digest = await runtime.digest()
    damageStates(directory)
    const again = many.map((entry) => ({ ...entry, id: `again ${entry.id}` }) as Entry)
    await runtime.ingest(again)
    await runtime.settled()
    expect(runtime.failure).toBeUndefined()
    expect(said).toContain('a worker ended; it is started again')
    const other = await start(newDirectory(), sizes)
    await other.ingest(many)
    expect(await other.digest()).toBe(digest)
    await other.ingest(again)
    expect(await runtime.digest()).toBe(await other.digest())
  })

  test('is not waited for when the host has to stop', async () => {
    const directory = newDirectory()
    const runtime = await start(directory, { workers: 1, ports: { bounds: { stuckMs: 60_000 } } })
    await runtime.ingest(saves(0, 50))
    const digest = await runtime.digest()
    const endless = runtime.asks.ask('Saboteur', 'u1', 'hang', undefined, 60_000)
    const heard = expect(endless).rejects.toMatchObject({ code: 'STOPPING' })
    running.delete(runtime)
    const deadline = new AbortController()
    const stopping = runtime.stop(deadline.signal)
    await expect(runtime.asks.ask('Saboteur', 'u1', 'count')).rejects.toMatchObject({
      code: 'STOPPING',
    })
    await systemClock.yield()
    deadline.abort()
    await stopping
    await heard
    expect(await (await start(directory)).digest()).toBe(digest)
  })

  test('again and again is given up, and the host says so', async () => {
    const runtime = await start(newDirectory())
    await runtime.ingest(saves(0, 20))
    for (let n = 0; n < 5; n++) {
      await expect(runtime.asks.ask('Saboteur', 'u1', 'end')).rejects.toThrow()
      await runtime.settled()
    }
    expect(runtime.failure).toMatch(/ended 5 times in a minute/)
  })
})

/** Changes bytes in every page of the file in which states may lie. */
function damageStates(directory: string): void {
  const derived = join(directory, 'derived')
  const name = readdirSync(derived).find((file) => file.endsWith('.mdb'))!
  const path = join(derived, name)
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  for (let at = 8_192 + 2_048; at < bytes.length; at += 4_096) {
    writeSync(file, Uint8Array.of(bytes[at]! ^ 0xff), 0, 1, at)
  }
}
