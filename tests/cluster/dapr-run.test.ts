/**
 * dapr.yaml as `dapr run -f .` starts it: two hosts of one app id, each behind its own sidecar, one
 * state store. Shards lie on both, either sidecar answers by the trained ranker, and a host may
 * die.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { featureNames, saveModel, trainRanker } from '../../ranking/index.ts'
import { plantedRows } from '../../ranking/training/testing.ts'
import { findDapr, installHint } from '../setup/dapr.ts'
import { type DaprRun, runDaprYaml } from '../setup/dapr-run.ts'
import { describeWith } from '../setup/require.ts'

const dapr = { server: 'dapr', found: findDapr(), hint: installHint } as const
const USERS = 60

describeWith(dapr, 'dapr run -f .', (programs) => {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-dapr-run-'))
  const data = join(folder, 'data')
  let run: DaprRun
  let model: string

  type Feed = {
    readonly rung: string
    readonly model?: string
    readonly items: readonly { readonly pin: string }[]
  }
  const feed = async (through: number, user: number): Promise<Feed> => {
    const { httpPort } = run.apps[through]!
    const address = `http://127.0.0.1:${httpPort}/v1.0/actors/User/${user}/method/recommend`
    const body = JSON.stringify({ limit: 5, at: 1_600_000_000_000, seed: 7 })
    // A sidecar may keep a call open for good that meets an actor as its host dies.
    const signal = AbortSignal.timeout(5_000)
    const reply = await fetch(address, { method: 'PUT', body, signal })
    const text = await reply.text()
    const envelope = JSON.parse(text) as { ok?: boolean; value?: Feed }
    if (!reply.ok || envelope.ok !== true) throw new Error(text)
    return envelope.value!
  }
  const feeds = async (through: number) => {
    const pins: string[][] = []
    for (let user = 0; user < USERS; user++) {
      pins.push((await feed(through, user)).items.map(({ pin }) => pin))
    }
    return pins
  }
  const shardsOn = async (place: number): Promise<number> => {
    const reply = await fetch(`http://127.0.0.1:${run.apps[place]!.httpPort}/v1.0/metadata`)
    const { actorRuntime } = (await reply.json()) as {
      actorRuntime: { activeActors?: { type: string; count?: number }[] }
    }
    const shards = actorRuntime.activeActors?.filter(({ type }) => type.endsWith('Shard')) ?? []
    return shards.reduce((sum, { count = 0 }) => sum + count, 0)
  }

  beforeAll(async () => {
    const lines = Array.from({ length: USERS }, (_, user) => {
      return `${user} ${Array.from({ length: 6 }, (_, n) => (user * 7 + n * n) % 80).join(' ')}`
    })
    const file = join(folder, 'rows.txt')
    writeFileSync(file, lines.join('\n'))
    const words = ['import', file, '--format', 'lightgcn', '--data', data, '--json']
    execFileSync(process.execPath, ['serving/pinwheel.mjs', ...words], { stdio: 'ignore' })
    const rows = plantedRows(featureNames, { count: 1_000, seed: 1 }, (features) => features[0]!)
    const { bytes, version, metrics, range } = trainRanker(rows)
    const about = { version, metrics, range, inputs: featureNames, entries: 1, trainedAt: 1 }
    await saveModel(join(data, 'models'), bytes, about)
    model = version
    run = await runDaprYaml({ programs, folder, data })
  }, 120_000)
  afterAll(async () => {
    await run?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  test('either sidecar answers, and the shards lie on both hosts', async () => {
    for (const through of [0, 1]) {
      const answer = () => feed(through, 7).catch((error: unknown) => String(error))
      const expected = { rung: 'full', model, items: expect.any(Array) }
      await expect.poll(answer, { timeout: 40_000 }).toMatchObject(expected)
    }
    // The log is delivered while questions are answered.
    const known = () => feeds(0).catch((error: unknown) => String(error))
    await expect.poll(known, { timeout: 40_000, interval: 500 }).toHaveLength(USERS)
    const first = await feeds(0)
    expect(new Set(first.map(String)).size).toBeGreaterThan(USERS / 2)
    expect(await feeds(1)).toEqual(first)
    expect(await shardsOn(0)).toBeGreaterThan(0)
    expect(await shardsOn(1)).toBeGreaterThan(0)
  })

  test('a host that is killed gives its shards to the other, which finds their state', async () => {
    const before = await feeds(0)
    run.apps[1]!.app.child.kill('SIGKILL')
    const all = async () => feeds(0).catch((error: unknown) => String(error))
    await expect.poll(all, { timeout: 40_000, interval: 500 }).toEqual(before)
    expect(await shardsOn(1)).toBe(0)
  })
})
