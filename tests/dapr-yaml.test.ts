/** What `dapr run -f .` is told. The tool itself is not needed to see the mistakes that hurt. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const text = readFileSync('dapr.yaml', 'utf8').replace(/#.*/g, '')
const values = (key: RegExp) => [...text.matchAll(key)].map((found) => found[1]!)

test('two hosts share one app id, since it is part of the key of the state', () => {
  expect(values(/appID: (\S+)/g)).toEqual(['pinwheel', 'pinwheel'])
})

test('no two things listen on one port', () => {
  const ports = values(/Port: (\d+)/gi)
  expect(ports).toHaveLength(8)
  expect(new Set(ports).size).toBe(8)
})

test('each host listens where its sidecar looks for it', () => {
  expect(values(/--port, "(\d+)"/g)).toEqual(values(/appPort: (\d+)/g))
})

test('the files that it reads exist', () => {
  const files = values(/(\.\/components[\w./]*|serving\/[\w.]+)/g)
  expect(files.length).toBeGreaterThanOrEqual(3)
  expect(files.filter((file) => !existsSync(file))).toEqual([])
})

test('a crashed host is noticed, and a long turn is not taken for a crash', () => {
  expect(text).toMatch(/enableAppHealthCheck: true/)
  expect(Number(values(/appHealthProbeTimeout: (\d+)/g)[0])).toBeGreaterThan(500)
})
