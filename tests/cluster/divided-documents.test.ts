/**
 * Documents that are divided, over the real stores: what is read is what was written, whoever wrote
 * it, a write costs what has changed, and no piece outlives the document that names it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaprDocuments } from '../../actors/hosts/dapr/dapr-documents.ts'
import { writeAndRead } from '../../actors/hosts/dapr/document-store.ts'
import { Random } from '../../base/index.ts'
import { postgresDocuments } from '../../serving/cluster/postgres-documents.ts'
import { clustered, findDapr, installHint, oneMachine, startDapr } from '../setup/dapr.ts'
import { findPostgres, Postgres, installHint as postgresHint } from '../setup/postgres.ts'
import { ownEnvironment } from '../setup/program.ts'
import { describeWith } from '../setup/require.ts'
import { startCounterApp } from './counter-app.ts'

type Place = {
  readonly httpPort: number
  /** Keys that the store has, without the component's prefix. */
  readonly keys: () => Promise<string[]>
  readonly stop: () => Promise<void>
}

const bytesOf = (seed: number, length: number) => {
  const random = new Random(seed)
  return Uint8Array.from({ length }, () => random.below(256))
}

function cases(start: () => Promise<Place>): void {
  let place: Place
  let one: DaprDocuments
  let two: DaprDocuments
  beforeAll(async () => {
    place = await start()
    one = new DaprDocuments(place.httpPort)
    two = new DaprDocuments(place.httpPort)
  }, 120_000)
  afterAll(async () => {
    await one?.stop()
    await two?.stop()
    await place?.stop()
  })

  const keysOf = async (key: string) => {
    return (await place.keys()).filter((each) => each === key || each.startsWith(`${key}.`))
  }
  /** Writes a state over what is known by `etag`, and reads it as somebody else does. */
  const put = async (key: string, state: Uint8Array, position: number, etag?: string) => {
    const document = { applied: new Map([[0, position]]), state, answered: [] }
    const write = { key, document, ...(etag !== undefined && { etag }) }
    const written = (await writeAndRead(one, [write])).get(key)!
    const read = (await two.read([key])).get(key)!
    expect(Buffer.compare(read.state, state)).toBe(0)
    expect(read.applied.get(0)).toBe(position)
    expect(read.etag).toBe(written)
    return written
  }

  test('one that grows has pieces beside it, and none when it is small again', async () => {
    const key = 'User-grows'
    let state = bytesOf(1, 8_000)
    let etag: string | undefined
    for (let n = 0; n < 12; n++) {
      etag = await put(key, state, n, etag)
      state = Buffer.concat([state, bytesOf(n, 60)])
      state[0] = n
    }
    const keys = await keysOf(key)
    expect(keys.length).toBeGreaterThan(4)
    // Some leave at its front, as of a trail that is full, and with them the pieces that they were.
    for (let n = 0; n < 12; n++) {
      state = Buffer.concat([state.subarray(0, 50), state.subarray(450)])
      etag = await put(key, state, 20 + n, etag)
    }
    const first = new Set(keys)
    expect((await keysOf(key)).some((each) => !first.has(each))).toBe(true)
    expect((await keysOf(key)).length).toBeLessThan(keys.length)
    await put(key, new Uint8Array(3), 40, etag)
    expect(await keysOf(key)).toEqual([key])
  })

  test('who is refused leaves nothing, and takes no piece away', async () => {
    const key = 'User-refused'
    const state = bytesOf(2, 6_000)
    const early = await put(key, state, 0)
    const late = await put(key, state, 1, early)
    const stale = { key, etag: early, document: doc(bytesOf(3, 6_000), 2) }
    await expect(two.write([stale])).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
    const emptied = { key, etag: early, document: doc(new Uint8Array(1), 2) }
    await expect(two.write([emptied])).rejects.toMatchObject({ code: 'STATE_CONFLICT' })
    const found = (await two.read([key])).get(key)!
    expect(found.etag).toBe(late)
    expect(Buffer.compare(found.state, state)).toBe(0)
  })

  test('one that was written whole before is divided when it is written next', async () => {
    const key = 'User-before'
    const state = bytesOf(4, 5_000)
    const value = { v: 1, applied: { 0: 1 }, state: Buffer.from(state).toString('base64') }
    const at = `http://127.0.0.1:${place.httpPort}/v1.0/state/state`
    await fetch(at, { method: 'POST', body: JSON.stringify([{ key, value }]) })
    const { etag } = (await one.read([key])).get(key)!
    const next = await put(key, state, 2, etag)
    await put(key, state, 3, next)
    expect((await keysOf(key)).length).toBeGreaterThan(3)
  })

  test('one whose piece is gone is damaged, and says which', async () => {
    const key = 'User-lacks'
    const state = bytesOf(5, 4_000)
    await put(key, state, 1, await put(key, state, 0))
    const piece = (await keysOf(key)).find((each) => each !== key)!
    const at = `http://127.0.0.1:${place.httpPort}/v1.0/state/state/${piece}`
    await fetch(at, { method: 'DELETE' })
    const damaged = { code: 'STATE_DAMAGED', details: { id: key } }
    await expect(two.read([key])).rejects.toMatchObject(damaged)
  })
}

const doc = (state: Uint8Array, position: number) => {
  return { applied: new Map([[0, position]]), state, answered: [] }
}

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

describeWith(dapr, 'divided documents', (programs) => {
  async function sidecar(components: readonly string[], env: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-divided-'))
    const app = await startCounterApp()
    const running = await startDapr({ programs, folder, appPort: app.port, components, env })
    const stop = async () => {
      await running.stop()
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    return { folder, httpPort: running.httpPort, stop }
  }
  const bare = (key: string) => key.slice(key.indexOf('||') + 2)

  describe('SQLite', () =>
    cases(async () => {
      const running = await sidecar(oneMachine, {})
      const keys = async () => {
        const file = new DatabaseSync(join(running.folder, 'pinwheel-state.sqlite'))
        const rows = file.prepare('select key from state').all() as { key: string }[]
        file.close()
        return rows.map(({ key }) => bare(key))
      }
      return { ...running, keys }
    }))

  const postgres = { server: 'postgres', found: findPostgres(), hint: postgresHint } as const
  describeWith(postgres, 'PostgreSQL', (folder) => {
    cases(async () => {
      const server = await Postgres.start(folder)
      const env = { PINWHEEL_POSTGRES: server.connection }
      const running = await sidecar(clustered, env)
      const archive = postgresDocuments(server.connection, ownEnvironment())
      const keys = async () => {
        const found: string[] = []
        for await (const { key } of archive.stored()) found.push(bare(key))
        return found
      }
      const stop = async () => {
        await running.stop()
        await server.remove()
      }
      return { ...running, keys, stop }
    })
  })
})
