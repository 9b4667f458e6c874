/** What is found, what is missing and what is in the way, without any real server. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { addCluster } from '../cli/cluster.ts'
import { checkPorts, startByCli } from './apps.ts'
import { startCluster } from './cluster.ts'
import { readDaprFile } from './dapr-file.ts'
import { connectionOf, isHere, placeOf } from './places.ts'
import { freePorts, isOpen, ownerOf } from './ports.ts'
import { isAlive, startProgram } from './program.ts'
import { lookFor, serverNames } from './servers.ts'

const folder = mkdtempSync(join(tmpdir(), 'pinwheel-servers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const nobody = { PATH: '', HOME: folder, PINWHEEL_CACHE: join(folder, 'none') }
const listening: NetServer[] = []
afterEach(() => {
  for (const server of listening.splice(0)) server.close()
})

/** Something that says `line` to everybody; its port. */
async function foreign(line: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).end(line)
  })
  listening.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

/** dapr.yaml of one app, and where every server would be. */
async function given(port: number, app = '') {
  const file = join(folder, `dapr-${port}.yaml`)
  const places = `placementHostAddress: 127.0.0.1:${port}, schedulerHostAddress: 127.0.0.1:${port}`
  const one = `{appDirPath: ., command: [node, x.js]${app}}`
  writeFileSync(file, `version: 1\ncommon: {${places}}\napps: [${one}]`)
  const env = {
    ...nobody,
    PINWHEEL_NATS_URL: `nats://127.0.0.1:${port}`,
    PINWHEEL_POSTGRES: `host=127.0.0.1 port=${port} user=u dbname=d`,
    PINWHEEL_REDIS: `127.0.0.1:${port}`,
    PINWHEEL_NEO4J_URL: `bolt://127.0.0.1:${port}`,
  }
  return { file, env, entries: readDaprFile(file) }
}

describe.each(serverNames)('%s', (name) => {
  test('a foreign program on its port is named, with the port', async () => {
    const port = await foreign('SSH-2.0-OpenSSH_9.2\r\n')
    const { entries, env } = await given(port)
    await expect(lookFor(name, entries, env)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      details: { port, program: expect.stringContaining(`process ${process.pid} (`) },
    })
  })
  test('where it is not installed, the script is named that installs it', async () => {
    const [port = 0] = await freePorts(1)
    const { entries, env } = await given(port)
    // PostgreSQL of Debian is found without any variable.
    const looked = lookFor(name, entries, env).catch((error: unknown) => error)
    const script = (await looked) as { code?: string; details?: { script: string } }
    if (name === 'postgres' && script.code === undefined) return
    expect(script.code).toBe('PROGRAM_MISSING')
    expect(existsSync(join('deploy/install', script.details!.script))).toBe(true)
  })
})

test('a silent program is not taken for a server', async () => {
  const server = createServer(() => {})
  listening.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { entries, env } = await given((server.address() as AddressInfo).port)
  await expect(lookFor('redis', entries, env)).rejects.toMatchObject({ code: 'PORT_TAKEN' })
})

test('NATS without JetStream is of no use; what speaks as it should is found', async () => {
  const plain = await given(await foreign('INFO {"server_id":"x"}\r\n'))
  await expect(lookFor('nats', plain.entries, plain.env)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  })
  const good = await given(await foreign('INFO {"server_id":"x","jetstream":true}\r\n'))
  expect(await lookFor('nats', good.entries, good.env)).toMatchObject({
    ...{ state: 'found', pid: process.pid },
  })
})

test('a server of another machine is left to it', async () => {
  const env = { ...nobody, PINWHEEL_POSTGRES: 'postgres://u:p@db.example:6000/d' }
  expect(await lookFor('postgres', [], env)).toMatchObject({
    ...{ state: 'elsewhere', place: { host: 'db.example', port: 6000 } },
  })
})

test('a port of an app that is in use is named before anything starts', async () => {
  const port = await foreign('x')
  const { entries } = await given(port, `, appID: a, appPort: ${port}`)
  await expect(checkPorts(entries)).rejects.toMatchObject({
    ...{ code: 'PORT_TAKEN', details: { port, name: 'a', where: 'appPort in dapr.yaml' } },
  })
})

test('a data folder that cannot be written', async () => {
  const [port = 0] = await freePorts(1)
  const { file, env } = await given(port)
  const data = join(folder, 'a-file', 'below')
  writeFileSync(join(folder, 'a-file'), '')
  const started = startCluster({ file, data, without: [], env })
  await expect(started).rejects.toMatchObject({ code: 'DIRECTORY_UNWRITABLE' })
})

test('a missing program is said before anything starts', async () => {
  const [port = 0] = await freePorts(1)
  const { file, env } = await given(port)
  const data = join(folder, 'data')
  const started = startCluster({ file, data, without: ['neo4j', 'redis', 'scheduler'], env })
  await expect(started).rejects.toMatchObject({ code: 'PROGRAM_MISSING' })
  expect(await isOpen(port)).toBe(false)
})

test('a name that cannot be left out is refused by the command', async () => {
  const program = new Command()
  const unused = () => expect.unreachable()
  const context = { config: unused, environment: unused, variables: unused, finish: unused }
  addCluster(program, context)
  const typed = (names: string) =>
    program.parseAsync(['cluster', '--without', names], { from: 'user' })
  const refused = { code: 'CLUSTER_OPTIONS', details: { option: '--without', value: 'nats' } }
  await expect(typed('neo4j, nats')).rejects.toMatchObject(refused)
  await expect(typed('toString')).rejects.toMatchObject({ code: 'CLUSTER_OPTIONS' })
})

test('where the CLI is, it runs the file, and its end is an error with its last words', async () => {
  const [port = 0] = await freePorts(1)
  const { file, env } = await given(port, `, daprHTTPPort: ${port}`)
  const cli = join(folder, 'dapr')
  writeFileSync(
    cli,
    '#!/bin/sh\necho "$@"\necho "in $DAPR_RUNTIME_PATH, $PINWHEEL_REDIS"\nexit 3\n',
  )
  chmodSync(cli, 0o755)
  const ended: string[] = []
  const started = startByCli(cli, {
    ...{ programs: folder, file, entries: readDaprFile(file), folder, onReady: () => {} },
    env: { ...env, PATH: process.env['PATH'] },
    onEnded: (_, how) => ended.push(how),
  })
  await expect(started).rejects.toMatchObject({
    code: 'PROGRAM_FAILED',
    details: { name: 'dapr', problems: `run -f ${file} | in ${folder}, 127.0.0.1:${port}` },
  })
  expect(existsSync(join(folder, '.dapr/bin/dapr'))).toBe(true)
  expect(ended).toEqual(['ended with exit code 3'])
})

test('the end of a program is told in words, and a missing one does not end us', async () => {
  const start = (path: string, words: string[] = []) =>
    startProgram(path, words, { folder, name: 'one', env: process.env, apart: true })
  const missing = start(join(folder, 'nothing'))
  expect(await missing.ended).toBe('cannot start: ENOENT')
  expect(isAlive(missing)).toBe(false)
  await missing.stop()
  const code = ['-e', 'console.log("last words"); process.exit(4)']
  const said = start(process.execPath, code)
  expect(await said.ended).toBe('ended with exit code 4')
  expect(readFileSync(said.log, 'utf8')).toContain('last words')
  // Who does not listen to SIGTERM is ended all the same, with its own children.
  const deaf = startProgram('/bin/sh', ['-c', 'trap "" TERM; sleep 60 & echo $!; wait; wait'], {
    ...{ folder, name: 'deaf', env: process.env, apart: true, patienceMs: 300 },
  })
  await expect.poll(() => readFileSync(deaf.log, 'utf8')).toMatch(/^\d+\n$/)
  await deaf.stop()
  const child = Number(readFileSync(deaf.log, 'utf8'))
  const isGone = () => !existsSync(`/proc/${child}`) || stateOf(child) === 'Z'
  await expect.poll(isGone).toBe(true)
})

const stateOf = (pid: number) => / ([A-Z]) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]

test('addresses, in every form that clients are told', () => {
  expect(placeOf('', 7)).toEqual({ host: '127.0.0.1', port: 7 })
  expect(placeOf('nats://u:p@a:1,b:2', 7)).toEqual({ host: 'a', port: 1 })
  expect(placeOf('bolt+s://[::1]:9/x', 7)).toEqual({ host: '[::1]', port: 9 })
  expect(isHere(placeOf('localhost', 7))).toBe(true)
  expect(isHere(placeOf('10.0.0.1', 7))).toBe(false)
  expect(() => placeOf('a b:c', 7)).toThrow('no address')
  const words = connectionOf("host=h port=3 user='a b' dbname=d sslmode=disable")
  expect(words).toEqual({ host: 'h', port: 3, user: 'a b', database: 'd' })
  expect(connectionOf('postgresql://u@h/d')).toEqual({
    ...{ host: 'h', port: 5432, user: 'u', database: 'd' },
  })
  expect(connectionOf('user=u')).toMatchObject({ host: '127.0.0.1', database: 'u' })
  expect(() => connectionOf('nonsense')).toThrow('connection string')
})

test('who has a port is told', async () => {
  expect(ownerOf(await foreign('x'))?.pid).toBe(process.pid)
  expect(ownerOf((await freePorts(1))[0]!)).toBe(undefined)
})
