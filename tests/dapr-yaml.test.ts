/**
 * What dapr.yaml says of the local cluster. The mistakes that hurt are seen without any server;
 * that it runs is tests/cluster/dapr-run.test.ts, how it is read serving/cluster/dapr-file.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { hostRoles } from '../actors/index.ts'
import { readConfig } from '../base/index.ts'
import { readDaprFile, readDaprYaml } from '../serving/cluster/index.ts'
import { readDocuments } from './setup/kubernetes.ts'

const entries = readDaprFile('dapr.yaml')
const of = (role: string) => entries.filter(({ appID }) => appID === `pinwheel-${role}`)
const wordAfter = (words: readonly string[], flag: string) => words[words.indexOf(flag) + 1]

test('each role that answers is two hosts with one app id, which is in the key of the state', () => {
  const roles = ['shards', 'shards', 'ranker', 'ranker', 'jobs', 'api', 'api']
  expect(entries.map(({ appID }) => appID)).toEqual(roles.map((role) => `pinwheel-${role}`))
  for (const role of hostRoles) {
    for (const { command } of of(role)) expect(wordAfter(command, '--role')).toBe(role)
  }
})

test('who ranks uses what the host of jobs trains', () => {
  const [jobs] = of('jobs')
  for (const { command } of of('ranker')) {
    expect(command).toContain('--watch-models')
    expect(wordAfter(command, '--data')).toBe(wordAfter(jobs!.command, '--data'))
  }
})

test('no two things listen on one port', () => {
  const ports = entries.flatMap((entry) => {
    return ['appPort', 'daprHTTPPort', 'daprGRPCPort', 'metricsPort'].map((key) => entry[key])
  })
  expect(ports.every((port) => typeof port === 'number')).toBe(true)
  expect(new Set(ports).size).toBe(4 * entries.length)
})

test('each host listens where its sidecar looks for it, and sidecars on loopback', () => {
  for (const { command, appPort, apiListenAddresses } of entries) {
    expect(wordAfter(command, '--port')).toBe(String(appPort))
    expect(apiListenAddresses).toBe('127.0.0.1')
  }
})

test('a sidecar has one store of states, and an API the cache of feeds', () => {
  for (const entry of entries) {
    const folders = entry['resourcesPaths'] as readonly string[]
    const stores = folders
      .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
      .flatMap((file) => readDocuments(readFileSync(file, 'utf8')))
      .filter(({ kind }) => kind === 'Component')
    const names = stores.map(({ metadata }) => metadata?.name)
    expect(names.sort()).toEqual(entry.appID === 'pinwheel-api' ? ['feeds', 'state'] : ['state'])
    expect(folders).toContain(resolve('components/policies'))
  }
})

test('a crashed host is noticed, and a long turn is not taken for a crash', () => {
  for (const entry of entries) {
    expect(entry['enableAppHealthCheck']).toBe(true)
    expect(entry['appHealthProbeTimeout']).toBeGreaterThan(500)
  }
  for (const { appHealthCheckPath } of of('api')) expect(appHealthCheckPath).toBe('/livez')
})

test('all say the same of the log, in settings that the program takes', () => {
  const said = entries.map(({ env }) => readConfig(env, {}, {}))
  for (const config of said) expect(config).toEqual(said[0])
  expect(said[0]?.natsUrl).toBe('nats://127.0.0.1:4222')
})

test('a key that Dapr would pass over is refused', () => {
  const text = readFileSync('dapr.yaml', 'utf8')
  expect(() => readDaprYaml(text.replace('appHealthThreshold', 'appHealthTreshold'))).toThrow(
    'appHealthTreshold',
  )
})
