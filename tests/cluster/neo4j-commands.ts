/** The commands of `graph` as processes, against a running Neo4j. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { systemClock } from '../../base/index.ts'
import { type Neo4j, password } from '../setup/neo4j.ts'
import { startServer, stopServer } from '../setup/server.ts'

type Json = Readonly<Record<string, unknown>>

export function describeCommands(running: () => Neo4j, programs: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'pinwheel-neo4j-commands-'))
  afterAll(() => rmSync(scratch, { recursive: true }))
  const environment = () => ({
    ...process.env,
    NEO4J_HOME: running().home,
    PINWHEEL_NEO4J_URL: running().url,
    PINWHEEL_NEO4J_PASSWORD: password,
  })
  const wordsOf = (words: readonly string[]) => [
    'serving/pinwheel.mjs',
    'graph',
    ...words,
    '--json',
  ]
  const run = (...words: string[]) =>
    new Promise<Json>((done, failed) => {
      execFile(process.execPath, wordsOf(words), { env: environment() }, (error, out, err) => {
        if (error) failed(new Error(err))
        else done(JSON.parse(out) as Json)
      })
    })

  test('sync beside a server that has the directory, once and following', async () => {
    const data = join(scratch, 'data')
    const server = await startServer(['--data', data])
    const save = async (id: string, pin: string) => {
      const entries = [{ kind: 'save', id, time: 1, user: 'ann', pin, board: 'b' }]
      const body = JSON.stringify({ entries })
      const headers = { 'content-type': 'application/json' }
      const url = `${server.address}v1/events`
      expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202)
    }
    await save('e1', 'cup')
    await run('push', '--data', data)
    await save('e2', 'jug')
    expect(await run('sync', '--data', data, '--lag')).toMatchObject({ lagEntries: 1, edges: 1 })
    expect(await run('sync', '--data', data)).toMatchObject({ added: 1, lagEntries: 0, edges: 2 })
    const words = wordsOf(['sync', '--data', data, '--follow'])
    const child = spawn(process.execPath, words, {
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let out = ''
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString()
    })
    await save('e3', 'pot')
    const until = systemClock.monotonic() + 30_000
    while ((await run('pull'))['edges'] !== 3) {
      expect(systemClock.monotonic()).toBeLessThan(until)
    }
    expect(await run('explore', 'together', 'cup')).toEqual({
      pin: 'cup',
      together: [
        { pin: 'jug', boards: 1 },
        { pin: 'pot', boards: 1 },
      ],
    })
    child.kill('SIGINT')
    expect((await once(child, 'close'))[0]).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ added: 1, lagEntries: 0, edges: 3 })
    expect(await stopServer(server)).toBe(0)
  })

  test('files of bulk make the same graph, which a push finds equal', async () => {
    await running().kill()
    const generated = ['--generated', '30000', '--seed', '9']
    const admin = ['--gzip', '--admin', join(programs, 'neo4j-admin')]
    const bulk = await run('bulk', ...generated, '--out', join(scratch, 'bulk'), ...admin)
    await running().start()
    const pulled = await run('pull', '--snapshot', join(scratch, 'graph.bin'))
    expect(pulled).toMatchObject({ digest: bulk['digest'], complete: true, edges: 30_000 })
    const pushed = await run('push', ...generated)
    expect(pushed).toMatchObject({ added: 0, removed: 0, digest: bulk['digest'] })
  })
}
