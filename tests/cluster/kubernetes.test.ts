/**
 * deploy/kubernetes as kustomize builds it: every document against its schema, all of them against
 * each other, and NATS's configuration in a real server. Each check is shown a mistake, and finds it.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  annotationProblems,
  build,
  findKubernetesLint,
  installHint,
  readDocuments,
  schemaProblems,
  schemaVersions,
} from '../setup/kubernetes.ts'
import { at, type Document, everywhere, type Fields, problemsOf } from '../setup/manifests.ts'
import { findNats, installHint as natsHint } from '../setup/nats.ts'
import { describeWith } from '../setup/require.ts'

const overlays = ['small', 'large'] as const
const folderOf = (overlay: string) => `deploy/kubernetes/${overlay}`
const tools = {
  server: 'kubernetes',
  found: findKubernetesLint(),
  hint: installHint,
} as const

const find = (documents: readonly Document[], kind: string, name: string) =>
  documents.find((document) => document.kind === kind && document.metadata.name === name)!

/** The documents as text with a mistake in them, which must be somewhere. */
function planted(documents: readonly Document[], from: string, to: string): Document[] {
  const text = JSON.stringify(documents)
  expect(text).toContain(from)
  return JSON.parse(text.replace(from, to)) as Document[]
}

describeWith(tools, 'kubernetes', (folder) => {
  describe.each(overlays)('%s', (overlay) => {
    const documents = build(folder, folderOf(overlay))
    test.each(schemaVersions(folder))('fits the schemas of Kubernetes %s', (version) => {
      expect(schemaProblems(folder, version, documents)).toEqual([])
    })
    test('names, ports and rights fit together', () => {
      expect(problemsOf(documents)).toEqual([])
      expect(annotationProblems(folder, documents)).toEqual([])
    })
    test('everything is in one namespace, has one name once, and keeps no secret', () => {
      const names = documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`)
      expect(new Set(names).size).toBe(names.length)
      expect(names.filter((name) => name.startsWith('Secret'))).toEqual([])
      const elsewhere = documents.filter(
        ({ kind, metadata }) =>
          kind !== 'Namespace' && (metadata as Fields)['namespace'] !== 'pinwheel',
      )
      expect(elsewhere).toEqual([])
    })
    test('every image has a release', () => {
      const images = everywhere(documents, 'image')
      expect(images.length).toBeGreaterThan(3)
      expect(images.filter((image) => !/:[\w.-]*\d/.test(String(image)))).toEqual([])
    })
    test('what Dapr is told is components/, but for where the secret is', () => {
      const source = (path: string) => readDocuments(readFileSync(`components/${path}`, 'utf8'))[0]!
      const resiliency = source('policies/resiliency.yaml')
      expect(find(documents, 'Resiliency', 'pinwheel')['spec']).toEqual(resiliency['spec'])
      const told = find(documents, 'Configuration', 'pinwheel')['spec'] as Fields
      expect(told).toEqual(source('configuration.yaml')['spec'])
      expect(told['accessControl']).toMatchObject({ defaultAction: 'deny' })
      const component = find(documents, 'Component', 'state')['spec'] as Fields
      const written = source('cluster/statestore.postgresql.yaml')['spec'] as Fields
      const [secret, ...plain] = component['metadata'] as readonly Fields[]
      const [, ...writtenPlain] = written['metadata'] as readonly Fields[]
      expect(plain).toEqual(writtenPlain)
      expect(secret).not.toHaveProperty('envRef')
      expect(at(secret, 'secretKeyRef', 'key')).toBe('connectionString')
    })
  })

  test.each([
    ['small', '/healthz'],
    ['large', '/healthz?js-enabled-only=true'],
  ])('NATS of %s is started again when %s says so', (overlay, path) => {
    const nats = find(build(folder, folderOf(overlay)), 'StatefulSet', 'pinwheel-nats')
    const probes = everywhere(nats, 'livenessProbe')
    expect(probes.map((probe) => at(probe, 'httpGet', 'path'))).toEqual([path])
  })

  describe('a mistake is found', () => {
    const documents = build(folder, folderOf('large'))
    const [version = ''] = schemaVersions(folder)
    test.each([
      ['a misspelt field of Kubernetes', '"terminationGracePeriodSeconds"', '"terminationGrace"'],
      ['text for a number', '"maxUnavailable":0', '"maxUnavailable":{}'],
      ['a probe that is none', '"httpGet":{', '"httpGett":{'],
      ['a misspelt field of KEDA', '"maxReplicaCount"', '"maxReplicas"'],
      ['a behaviour that KEDA lacks', '"currentReplicasIfHigher"', '"higher"'],
      [
        'a misspelt field of a component',
        '"secretKeyRef":{"key":"conn',
        '"secretRef":{"key":"conn',
      ],
      ['a misspelt field of the policy', '"timeouts"', '"timeOuts"'],
      ['a misspelt field of the configuration', '"defaultAction"', '"default"'],
      ['a kind that nobody knows', '"kind":"ScaledObject"', '"kind":"ScaleObject"'],
    ])('%s, by a schema', (_what, from, to) => {
      // The one that it is in: reading the schemas is what takes long.
      const wrong = planted(documents, from, to).filter(
        (document, i) => JSON.stringify(document) !== JSON.stringify(documents[i]),
      )
      expect(schemaProblems(folder, version, wrong)).toHaveLength(1)
    })
    test.each([
      ['a port that a Service has not', '"targetPort":"http"', '"targetPort":"web"'],
      ['a port that a sidecar looks at', '"dapr.io/app-port":"6101"', '"dapr.io/app-port":"6102"'],
      ['a port of a policy', '"port":4222,"protocol"', '"port":4223,"protocol"'],
      ['a port of a probe', '"port":"monitor"', '"port":"monitoring"'],
      [
        'a Service of nobody',
        '"selector":{"app.kubernetes.io/component":"api"}',
        '"selector":{"a":"b"}',
      ],
      ['an account', '"serviceAccountName":"pinwheel-api"', '"serviceAccountName":"api"'],
      ['a configuration of a sidecar', '"dapr.io/config":"pinwheel"', '"dapr.io/config":"pin"'],
      ['settings that nobody made', '"configMapRef":{"name":"pin', '"configMapRef":{"name":"pan'],
      ['a volume', '"mountPath":"/data","name":"data"', '"mountPath":"/data","name":"disk"'],
      ['a target of scaling', '"scaleTargetRef":{"name":"pin', '"scaleTargetRef":{"name":"pan'],
      ['an app of a component', '["pinwheel-api"', '["pinwheel"'],
      ['Services as settings', '"enableServiceLinks":false', '"enableServiceLinks":true'],
      ['a root', '"runAsNonRoot":true', '"runAsNonRoot":false'],
    ])('%s, by what it should fit', (_what, from, to) => {
      expect(problemsOf(documents)).toEqual([])
      expect(problemsOf(planted(documents, from, to)).length).toBeGreaterThan(0)
    })
    test('a misspelt annotation', () => {
      const wrong = planted(documents, '"dapr.io/app-health-threshold"', '"dapr.io/app-threshold"')
      expect(annotationProblems(folder, wrong)).toHaveLength(1)
    })
    test('a kustomization that cannot be built', () => {
      expect(() => build(folder, 'deploy/kubernetes')).toThrow('kustomization')
    })
  })
})

describeWith({ server: 'nats', found: findNats(), hint: natsHint }, 'nats.conf', (program) => {
  const check = (file: string) =>
    spawnSync(program, ['-t', '-c', file], {
      encoding: 'utf8',
      env: { ...process.env, POD_NAME: 'pinwheel-nats-0', NATS_PASSWORD: 'p0123abc' },
    })
  test.each(overlays)('%s is taken by a real server', (overlay) => {
    const { status, stderr } = check(`${folderOf(overlay)}/nats.conf`)
    expect(stderr).toContain('is valid')
    expect(status).toBe(0)
  })
  test('a file that is none is refused', () => {
    expect(check('dapr.yaml').status).not.toBe(0)
  })
})
