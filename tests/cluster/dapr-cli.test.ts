/**
 * What Dapr's own CLI starts for the example, against what our launcher would: the record that
 * serving/cluster/dapr-launch.test.ts compares with, made anew.
 */
import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'

import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onPath } from '../../serving/cluster/find.ts'
import { isOpen } from '../../serving/cluster/ports.ts'
import { findDapr } from '../setup/dapr.ts'
import { comparable, readStarted, type Started, writeExample } from '../setup/dapr-example.ts'
import { describeWith } from '../setup/require.ts'

const programs = findDapr()
const hint = 'it is an installation of its own: docs.dapr.io, "dapr init --slim"'
const cli = programs && onPath('dapr', process.env)

describeWith({ server: 'dapr-cli', found: cli, hint }, 'dapr run -f', (dapr) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pinwheel-dapr-cli-')))
  let run: ReturnType<typeof spawn>
  const app = `require('node:http').createServer((_, reply) => reply.end()).listen(process.env.APP_PORT)`
  beforeAll(() => {
    const file = writeExample(folder)
    writeFileSync(join(folder, 'host.cjs'), app)
    mkdirSync(join(folder, 'PREFIX/.dapr'), { recursive: true })
    symlinkSync(programs!, join(folder, 'PREFIX/.dapr/bin'))
    const env = { ...process.env, DAPR_RUNTIME_PATH: join(folder, 'PREFIX') }
    run = spawn(dapr, ['run', '-f', file], { cwd: folder, env, stdio: 'ignore' })
  })
  afterAll(async () => {
    const ended = new Promise((done) => run.once('exit', done))
    run.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })

  test('it starts what our launcher starts', async () => {
    const areUp = async () => (await isOpen(3601)) && (await isOpen(3602)) && isOpen(6102)
    await expect.poll(areUp, { timeout: 30_000 }).toBe(true)
    const started = processes().filter(({ cwd }) => cwd === folder)
    const known = started.filter(({ program }) => program === 'daprd' || program === 'node')
    const text = JSON.stringify(known).replaceAll(join(folder, 'PREFIX'), 'PREFIX')
    expect(comparable(JSON.parse(text))).toEqual(comparable(readStarted(folder)))
  })
})

function processes(): Started[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const list = (name: string) =>
        readFileSync(`/proc/${pid}/${name}`, 'utf8').split('\0').slice(0, -1)
      const [program = '', ...words] = list('cmdline')
      const pairs = list('environ').map((line) => /^([^=]*)=([\s\S]*)$/.exec(line)!.slice(1, 3))
      const environment = Object.fromEntries(pairs) as Record<string, string>
      const cwd = readlinkSync(`/proc/${pid}/cwd`)
      return [{ program: basename(program), arguments: words, environment, cwd }]
    } catch {
      // It has ended, or is another user's.
      return []
    }
  })
}
