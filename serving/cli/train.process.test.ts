/** From saves to a server's answers, as a person does it: serve, train beside it, compare. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ManualClock } from '../../base/index.ts'
import { rowOf } from '../../ranking/algebra/index.ts'
import { grouped } from '../../ranking/fitted/testing.ts'
import { servedNamed } from '../../ranking/index.ts'
import { startServer, stopServer } from '../../tests/setup/server.ts'
import { evaluateServed } from './evaluate-served.ts'
import { Progress } from './progress.ts'
import { readChoice } from './train.ts'

const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-train-test-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
const [data, dataset] = [join(scratch, 'data'), join(scratch, 'set')]

type Ended = { readonly code: number; readonly out: string; readonly err: string }
function run(...words: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, PINWHEEL_CACHE: scratch }, timeout: 60_000 }
    execFile(process.execPath, ['serving/pinwheel.mjs', ...words], options, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err })
    })
  })
}

/** The last save of each user is the test; the others are entries, too. */
function writeDataset(): object[] {
  const { train, users } = grouped(40)
  const rows = Array.from({ length: users }, (_, user) => {
    return Array.from(rowOf(train, user), (item) => `p${item}`)
  })
  mkdirSync(dataset)
  const write = (name: string, of: (row: readonly string[]) => readonly string[]) => {
    const lines = rows.map((row, user) => `u${user} ${of(row).join(' ')}`)
    writeFileSync(join(dataset, name), lines.join('\n'))
  }
  write('train.txt', (row) => row.slice(0, -1))
  write('test.txt', (row) => row.slice(-1))
  return rows.flatMap((row, user) =>
    row.slice(0, -1).map((pin, n) => {
      return { kind: 'save', id: `${user}-${n}`, time: 1_000 + n, user: `u${user}`, pin }
    }),
  )
}

test('what is served over HTTP is what evaluate ranks by the model', {
  timeout: 60_000,
}, async () => {
  const entries = writeDataset()
  const server = await startServer(['--data', data, '--workers', '1'])
  try {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ entries })
    const posted = await fetch(`${server.address}v1/events`, { method: 'POST', headers, body })
    expect(posted.status).toBe(202)
    // Beside the running server, which takes it up by itself.
    const trained = await run('train', '--data', data, '--model', 'low-pass', '--at', '3', '--json')
    const { version, options, metrics } = JSON.parse(trained.out)
    expect(options.parts).toMatchObject([{ model: 'low-pass', weight: 1 }])
    expect(metrics['fold ndcg@3']).toBeGreaterThan(0.2)
    const url = `${server.address}v1/users/u3/recommendations?generation=collaborative`
    const versionOf = async () => {
      return ((await (await fetch(url)).json()) as { readonly model?: string }).model
    }
    await expect.poll(versionOf, { timeout: 20_000 }).toBe(version)
    const where = { served: server.address, data, dataset, format: 'lightgcn' }
    const asked = { ...where, users: 30, at: 3, seed: 1 }
    const quiet = new Progress('evaluate', 'users', new ManualClock(0))
    const { served, evaluated, ...result } = await evaluateServed(asked, quiet)
    expect(result).toMatchObject({ model: version, users: 30, different: 0, examples: [] })
    expect(result.equal).toBeGreaterThanOrEqual(29)
    expect(served['recall@3']).toBeCloseTo(evaluated['recall@3']!, 1)
    expect(served['recall@3']).toBeGreaterThan(0.2)
  } finally {
    await stopServer(server)
  }
})

test('choices are those that evaluate prints; others are refused', async () => {
  const path = join(scratch, 'choice.json')
  const read = (value: unknown, model = 'best') => {
    writeFileSync(path, JSON.stringify(value))
    return readChoice(path, model)
  }
  const settings = { lambda: 20, userPower: 0, itemPower: 0 }
  const parts = [{ model: 'ease', weight: 1, settings }]
  expect(await read({ model: 'best', options: { parts, fold: {}, dropped: {} } })).toEqual({
    parts,
  })
  expect(await read({ parts })).toEqual({ parts })
  expect(await read({ model: 'ease', options: settings }, 'ease')).toEqual({ parts })
  for (const bad of [7, {}, { parts: [] }, { parts: [{ ...parts[0], model: 'walk' }] }]) {
    await expect(read(bad)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  }
  await expect(readChoice(join(scratch, 'none'), 'ease')).rejects.toThrow('--choice')
  expect(() => servedNamed('walk')).toThrow('low-pass')
})
