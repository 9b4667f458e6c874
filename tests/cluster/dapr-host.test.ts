/**
 * The host contract behind one real daprd, and a feed asked of `User/{id}` as any Dapr client
 * would.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DaprHost, encodeFront } from '../../actors/index.ts'
import { type Entry, systemClock } from '../../base/index.ts'
import { type ContractHost, contractKinds, hostContract } from '../contracts/host.ts'
import { counterActor, tallyActor } from '../contracts/test-actors.ts'
import { findDapr, freePorts, installHint, startDapr } from '../setup/dapr.ts'
import { describeWith } from '../setup/require.ts'

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

type Started = ContractHost & { readonly httpPort: number; readonly host: () => DaprHost }

async function start(programs: string): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-host-'))
  const open = () =>
    DaprHost.open({
      directory,
      partitions: 2,
      pinsMax: 5_000,
      boardsMax: 5_000,
      clock: systemClock,
      kinds: contractKinds,
      types: [
        { type: counterActor, space: 'actor' },
        { type: tallyActor, space: 'user' },
      ],
    })
  let host = await open()
  const appPort = await host.serve()
  const sidecar = await startDapr({ programs, appPort })
  await host.connect(sidecar.httpPort)
  return {
    httpPort: sidecar.httpPort,
    host: () => host,
    ask: (type, id, method, argument) => host.ask(type, id, method, argument),
    append: (entries) => host.append(entries),
    redeliver: () => host.redeliver(),
    evict: async (type, id) => {
      await host.evict(type, id)
    },
    restart: async () => {
      await host.stop()
      host = await open()
      await host.serve(appPort)
      await host.connect(sidecar.httpPort)
    },
    deadLetters: () => host.deadLetters,
    stop: async () => {
      await host.stop()
      await sidecar.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

describeWith(dapr, 'our actors behind a real sidecar', (programs) => {
  hostContract('Dapr, one daprd, SQLite', () => start(programs))

  test('pinwheel host, as dapr.yaml starts it, over imported data', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-data-'))
    const file = join(directory, 'rows.txt')
    const rows = Array.from({ length: 30 }, (_, user) => {
      return `${user} ${Array.from({ length: 6 }, (_, n) => (user * 5 + n * n) % 40).join(' ')}`
    })
    writeFileSync(file, rows.join('\n'))
    const data = join(directory, 'data')
    const pinwheel = (...words: string[]) => ['serving/pinwheel.mjs', ...words]
    execFileSync(process.execPath, pinwheel('import', file, '--format', 'lightgcn', '--data', data))
    const [appPort = 0, httpPort = 0] = await freePorts(2)
    const words = pinwheel('host', '--port', String(appPort), '--data', data)
    const env = { ...process.env, DAPR_HTTP_PORT: String(httpPort), PINWHEEL_LOG_LEVEL: 'error' }
    const child = spawn(process.execPath, words, { env, stdio: 'inherit' })
    const sidecar = await startDapr({ programs, appPort, httpPort })
    const address = `http://127.0.0.1:${httpPort}/v1.0/actors/User/7/method/recommend`
    const ask = async () => {
      const reply = await fetch(address, { method: 'PUT', body: JSON.stringify({ limit: 5 }) })
      return (await reply.json()) as { ok: boolean; value?: { items: unknown[] } }
    }
    await expect.poll(async () => (await ask()).value?.items.length, { timeout: 30_000 }).toBe(5)
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    await sidecar.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  describe('a feed through the sidecar', () => {
    let host: Started
    beforeAll(async () => {
      host = await start(programs)
    }, 60_000)
    afterAll(() => host?.stop())

    test('User/{id}/method/recommend answers from shards, graph and features', async () => {
      const entries: Entry[] = []
      for (let n = 0; n < 200; n++) {
        const user = n % 20
        const pin = 2 * ((n * 7) % 15) + (user % 2)
        entries.push({ kind: 'save', id: `e${n}`, time: n, user: `u ${user}`, pin: `p${pin}` })
      }
      await host.append(entries)
      host.host().buildEpoch()
      const id = encodeFront('u 4')
      const address = `http://127.0.0.1:${host.httpPort}/v1.0/actors/User/${id}/method/recommend`
      const reply = await fetch(address, { method: 'PUT', body: JSON.stringify({ limit: 5 }) })
      const envelope = (await reply.json()) as {
        ok: boolean
        value: { user: string; rung: string; items: { pin: string }[] }
      }
      expect(envelope).toMatchObject({ ok: true, value: { user: 'u 4', rung: 'light' } })
      const saved = entries.filter((e) => 'user' in e && e.user === 'u 4')
      const known = new Set(saved.map((e) => ('pin' in e ? e.pin : '')))
      for (const { pin } of envelope.value.items) expect(known.has(pin)).toBe(false)
      expect(envelope.value.items.length).toBeGreaterThan(0)
      // The first ones come from the user's own community: even pins.
      expect(Number(envelope.value.items[0]!.pin.slice(1)) % 2).toBe(0)
    })
  })
})
