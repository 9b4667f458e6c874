/**
 * What Pinwheel takes from Dapr, seen on a real daprd: turns, state that stays, components that
 * load.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Dapr, findDapr, installHint, startDapr } from '../setup/dapr.ts'
import { describeWith } from '../setup/require.ts'
import { type CounterApp, startCounterApp } from './counter-app.ts'

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const

describeWith(dapr, 'a real sidecar', (programs) => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-cluster-'))
  let app: CounterApp
  let sidecar: Dapr

  const start = async () => {
    sidecar = await startDapr({ programs, appPort: app.port, folder })
    app.sidecar(sidecar.httpPort)
  }
  const add = async (id: string, amount: number, method = 'add') => {
    const url = `http://127.0.0.1:${sidecar.httpPort}/v1.0/actors/Counter/${id}/method/${method}`
    const reply = await fetch(url, { method: 'POST', body: `${amount}` })
    return { status: reply.status, body: await reply.text() }
  }

  beforeAll(async () => {
    app = await startCounterApp()
    await start()
  })
  afterAll(async () => {
    await sidecar?.stop()
    await app?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('invokes an actor through the six routes', async () => {
    expect(await add('first', 2)).toEqual({ status: 200, body: '2' })
    expect(await add('first', 3)).toEqual({ status: 200, body: '5' })
    expect(app.calls).toContain('GET /dapr/config')
    expect(app.calls).toContain('PUT /actors/Counter/first/method/add')
  })

  test('takes one turn at a time for an id: 50 concurrent adds make 50', async () => {
    const replies = await Promise.all(Array.from({ length: 50 }, () => add('busy', 1)))
    const sums = replies.map(({ body }) => Number(body)).sort((a, b) => a - b)
    expect(sums).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(app.mostAtOnce()).toBe(1)
  })

  test('passes an unknown method on as a failure, and the host lives', async () => {
    expect((await add('first', 1, 'nonsense')).status).toBeGreaterThanOrEqual(400)
    expect((await add('first', 0)).status).toBe(200)
  })

  test('puts an idle actor away', async () => {
    await add('idle', 1)
    await vi.waitFor(() => expect(app.calls).toContain('DELETE /actors/Counter/idle'), 10_000)
    expect((await add('idle', 1)).body).toBe('2')
  })

  test('finds the state again after a restart of the sidecar', async () => {
    expect((await add('stays', 7)).body).toBe('7')
    await sidecar.stop()
    await start()
    expect((await add('stays', 1)).body).toBe('8')
  })

  test('a component that does not load ends the sidecar, with its log in the error', async () => {
    const components = join(folder, 'bad-components')
    mkdirSync(components)
    const good = readFileSync('components/one-machine/statestore.sqlite.yaml', 'utf8')
    const bad = good.replace('state.sqlite', 'state.nonsense')
    writeFileSync(join(components, 'statestore.yaml'), bad)
    const starting = startDapr({ programs, appPort: app.port, components: [components] })
    await expect(starting).rejects.toThrow(/state\.nonsense/)
  })
})

describe('findDapr', () => {
  test('finds nothing where nothing is', () => {
    expect(findDapr({ HOME: '/nowhere', PATH: '/nowhere' })).toBeUndefined()
  })
})
