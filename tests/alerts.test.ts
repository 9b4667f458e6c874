/** deploy/alerts.yaml against what the program tells at /metrics, and against the runbook. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { testServer } from '../serving/http/test-server.ts'
import { readDocuments } from './setup/kubernetes.ts'
import { everywhere, listAt } from './setup/manifests.ts'

const [document] = readDocuments(readFileSync('deploy/alerts.yaml', 'utf8'))
const rules = listAt(listAt(document!, 'groups')[0]!, 'rules')
const names = rules.map((rule) => String(rule['alert']))
const expressions = rules.map((rule) => String(rule['expr']))

/** Totals that are told once there is something to count: the code names them so. */
function countedIn(files: readonly string[]): string[] {
  const found = files.flatMap((file) => [
    ...readFileSync(file, 'utf8').matchAll(/count(?:\?\.)?\('(\w+)'|(requests_refused):/g),
  ])
  return found.map(([, name, refused]) => `pinwheel_${name ?? refused}_total`)
}

test('every metric and label that an alert asks for is told', async () => {
  const { server } = await testServer()
  await server.inject('/v1/users/u1/recommendations')
  const post = { method: 'POST', url: '/v1/events', payload: { entries: [] } } as const
  await server.inject(post)
  const { body } = await server.inject('/metrics')
  await server.close()
  const totals = countedIn([
    'actors/edge/cluster-recommender.ts',
    'actors/hosts/dapr/feed-path.ts',
    'serving/http/admitted-recommender.ts',
  ])
  for (const expression of expressions) {
    const asked = [...expression.matchAll(/(pinwheel_\w+)(?:\{(.*?)\})?/g)]
    expect(asked.length).toBeGreaterThan(0)
    for (const [, name = '', labels] of asked) {
      if (totals.includes(name)) continue
      const [label, value] = /(\w+)="([^"]*)"/.exec(labels ?? '')?.slice(1) ?? []
      const told = label === undefined ? `\n${name}[{ ]` : `\n${name}\\{[^}]*${label}="${value}"`
      expect(body).toMatch(new RegExp(told))
    }
  }
})

test('the number of partitions is that of the manifests', () => {
  const settings = readFileSync('deploy/kubernetes/base/settings.env', 'utf8')
  const [, partitions] = /^PINWHEEL_PARTITIONS=(\d+)$/m.exec(settings) ?? []
  const asks = expressions.filter((expression) => expression.endsWith(`< ${partitions}`))
  expect(asks).toHaveLength(1)
})

test('the runbook has each alert, in the same order, and none besides', () => {
  const runbook = readFileSync('docs/operations.md', 'utf8')
  expect([...runbook.matchAll(/^\*\*(Pinwheel\w+)\*\*/gm)].map(([, name]) => name)).toEqual(names)
  expect(everywhere(document!, 'severity').length).toBe(names.length)
})
