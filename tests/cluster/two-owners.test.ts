/**
 * Two hosts that believe, on purpose, that they have one shard, over the documents of a real store,
 * each through a sidecar of its own. Frames go to the one or the other, either writes when it
 * likes: a document never goes back, nothing has its effect twice or not at all, and who was
 * refused has let go of what it held.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaprDocuments } from '../../actors/hosts/dapr/dapr-documents.ts'
import { HostedShard } from '../../actors/hosts/dapr/hosted-shard.ts'
import { shardOf } from '../../actors/hosts/dapr/shard-of.ts'
import { userActor } from '../../actors/index.ts'
import { EntryWriter } from '../../actors/log/index.ts'
import { userServices } from '../../actors/user-services.ts'
import {
  bySpace,
  errorCode,
  Interner,
  noDeclaredKinds,
  Random,
  systemClock,
} from '../../base/index.ts'
import {
  clustered,
  type Dapr,
  findDapr,
  installHint,
  oneMachine,
  startDapr,
} from '../setup/dapr.ts'
import { findPostgres, Postgres, installHint as postgresHint } from '../setup/postgres.ts'
import { describeWith } from '../setup/require.ts'
import { type CounterApp, startCounterApp } from './counter-app.ts'

const ROUNDS = 8
const STEPS = 60
const USERS = 5
const PAST = 120
const PARTITION = 1

type Count = { readonly closeups: number }

/** Ids of one shard, others each time. */
function usersOf(shard: number, round: string): string[] {
  const users: string[] = []
  for (let n = 0; users.length < USERS; n++) {
    if (shardOf(`${round}-${n}`) === shard) users.push(`${round}-${n}`)
  }
  return users
}

class Owner {
  readonly #shard: number
  readonly #hosted: HostedShard
  /** How often it was told that somebody else has the shard. */
  refusals = 0

  constructor(store: DaprDocuments, shard: number) {
    const names = bySpace(() => new Interner())
    this.#shard = shard
    this.#hosted = new HostedShard({
      hosted: { type: userActor, space: 'user', services: userServices(noDeclaredKinds, names) },
      ...{ names, store, clock: systemClock, flushMs: 3_600_000, heldMs: 0 },
      onDeadLetter: ({ reason }) => {
        throw new Error(reason)
      },
    })
  }

  /** As a delivery does: what it lacks is sent before. */
  async take(frames: readonly Frame[]): Promise<void> {
    for (let from = frames.length - 1; ; ) {
      const missing = frames.slice(from)
      const delivery = {
        partition: PARTITION,
        after: (frames[from - 1]?.positions.at(-1) ?? -1) as number,
        positions: missing.flatMap(({ positions }) => positions),
        payload: Buffer.concat(missing.map(({ payload }) => payload)),
      }
      try {
        await this.#hosted.apply(this.#shard, delivery)
        return
      } catch (error) {
        if (errorCode(error) !== 'SHARD_BEHIND') throw error
        const { position } = (error as { details: { position: number } }).details
        from = frames.findIndex(({ positions }) => positions.at(-1)! > position)
      }
    }
  }

  async write(): Promise<void> {
    try {
      await this.#hosted.flush(this.#shard)
    } catch (error) {
      if (errorCode(error) !== 'STATE_CONFLICT') throw error
      this.refusals++
    }
  }

  async closeups(user: string): Promise<number> {
    const ask = { id: user, method: 'context', argument: undefined }
    return ((await this.#hosted.ask(this.#shard, ask)) as Count).closeups
  }

  stop(): Promise<void> {
    return this.#hosted.deactivate(this.#shard)
  }
}

type Frame = { readonly positions: number[]; readonly payload: Uint8Array }

function cases(start: () => Promise<{ dapr: Dapr[]; stop: () => Promise<void> }>): void {
  let running: Awaited<ReturnType<typeof start>>
  let stores: DaprDocuments[]
  beforeAll(async () => {
    running = await start()
    stores = running.dapr.map(({ httpPort }) => new DaprDocuments(httpPort))
  }, 120_000)
  afterAll(async () => {
    for (const store of stores ?? []) await store.stop()
    await running?.stop()
  })

  test.each(Array.from({ length: ROUNDS }, (_, seed) => seed))('schedule %i', async (seed) => {
    const random = new Random(seed)
    const shard = seed * 7
    const users = usersOf(shard, `r${seed}`)
    const owners = stores.map((store) => new Owner(store, shard))
    const frames: Frame[] = []
    const told = new Map(users.map((user) => [user, 0]))
    const reached = new Map<string, number>()
    let position = 0
    // So much has happened to each that its document is divided.
    const past = new EntryWriter()
    const earlier: number[] = []
    for (const user of users) {
      for (let n = 0; n < PAST; n++) {
        const event = { id: `e${position}`, time: 1_000 + position, user, pin: `p${position}` }
        past.append({ kind: 'closeup', ...event })
        earlier.push(position++)
      }
      told.set(user, PAST)
    }
    frames.push({ positions: earlier, payload: past.take().payload.slice() })
    for (let step = 0; step < STEPS; step++) {
      const owner = owners[random.below(2)]!
      if (random.below(3) > 0) {
        const writer = new EntryWriter()
        const positions: number[] = []
        for (let n = random.below(4); n >= 0; n--) {
          const user = users[random.below(USERS)]!
          const event = { id: `e${position}`, time: 1_000 + position, user, pin: 'p' }
          writer.append({ kind: 'closeup', ...event })
          told.set(user, told.get(user)! + 1)
          positions.push(position++)
        }
        frames.push({ positions, payload: writer.take().payload.slice() })
        await owner.take(frames)
      } else if (random.below(4) > 0) await owner.write()
      else await Promise.all(owners.map((each) => each.write()))
      // Nobody may have written what is older than what was there.
      const keys = users.map((user) => `User-${Buffer.from(user).toString('base64url')}`)
      for (const [key, { applied }] of await stores[0]!.read(keys)) {
        const now = applied.get(PARTITION) ?? -1
        expect(now).toBeGreaterThanOrEqual(reached.get(key) ?? -1)
        reached.set(key, now)
      }
    }
    // Either may be the one that has it in the end.
    const last = owners[seed % 2]!
    await last.take(frames)
    await last.write()
    await last.take(frames)
    await last.write()
    for (const owner of owners) {
      // The other holds what is old until it looks.
      if (owner !== last) await owner.stop()
      for (const user of users) expect(await owner.closeups(user)).toBe(told.get(user))
    }
    expect(owners.reduce((sum, { refusals }) => sum + refusals, 0)).toBeGreaterThan(0)
  })
}

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

describeWith(dapr, 'two hosts with one shard', (programs) => {
  async function sidecars(components: readonly string[], env: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), 'pinwheel-two-owners-'))
    const app: CounterApp = await startCounterApp()
    const given = { programs, folder, appPort: app.port, components, env }
    const one = await startDapr(given)
    const two = await startDapr({ ...given, placementPort: one.placementPort })
    const stop = async () => {
      await two.stop()
      await one.stop()
      await app.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    return { dapr: [one, two], stop }
  }

  describe('SQLite', () => cases(() => sidecars(oneMachine, {})))

  const postgres = { server: 'postgres', found: findPostgres(), hint: postgresHint } as const
  describeWith(postgres, 'PostgreSQL', (folder) => {
    cases(async () => {
      const server = await Postgres.start(folder)
      const running = await sidecars(clustered, { PINWHEEL_POSTGRES: server.connection })
      const stop = async () => {
        await running.stop()
        await server.remove()
      }
      return { ...running, stop }
    })
  })
})
