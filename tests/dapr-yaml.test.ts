/**
 * What `dapr run -f .` is told. The mistakes that hurt are seen without any server; that it runs is
 * tests/cluster/dapr-run.test.ts.
 */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readDaprYaml } from './setup/dapr-run.ts'

const text = readFileSync('dapr.yaml', 'utf8')
const entries = readDaprYaml(text)

test('two hosts share one app id, since it is part of the key of the state', () => {
  expect(entries.map((entry) => entry['appID'])).toEqual(['pinwheel', 'pinwheel'])
})

test('no two things listen on one port', () => {
  const ports = entries.flatMap((entry) => {
    return ['appPort', 'daprHTTPPort', 'daprGRPCPort', 'metricsPort'].map((key) => entry[key])
  })
  expect(ports.every((port) => typeof port === 'number')).toBe(true)
  expect(new Set(ports).size).toBe(8)
})

test('each host listens where its sidecar looks for it', () => {
  for (const { command, appPort } of entries) {
    expect(command[command.indexOf('--port') + 1]).toBe(String(appPort))
  }
})

test('the files that it reads exist', () => {
  const files = entries.flatMap((entry) => [
    ...(entry['resourcesPaths'] as string[]),
    String(entry['configFilePath']),
    entry.command[1]!,
  ])
  expect(files).toHaveLength(8)
  expect(files.filter((file) => !existsSync(file))).toEqual([])
})

test('a crashed host is noticed, and a long turn is not taken for a crash', () => {
  for (const entry of entries) {
    expect(entry['enableAppHealthCheck']).toBe(true)
    expect(entry['appHealthProbeTimeout']).toBeGreaterThan(500)
  }
})

test('a key that Dapr would pass over is refused', () => {
  expect(() => readDaprYaml(text.replace('appHealthThreshold', 'appHealthTreshold'))).toThrow(
    'appHealthTreshold',
  )
})
