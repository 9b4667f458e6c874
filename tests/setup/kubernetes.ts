/**
 * The programs and schemas that deploy/install/kubernetes-lint.sh puts into the cache: overlays are
 * built by the real kustomize, documents held against the schemas of Kubernetes, and those of Dapr
 * and KEDA against the definitions that their own releases bring. Nothing asks a network.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { annotationsOf, at, type Document, type Fields, listAt } from './manifests.ts'
import { isProgram } from './program.ts'

export const installHint = 'deploy/install/kubernetes-lint.sh installs it'

/** The folder of all of it. */
export function findKubernetesLint(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const cache = env['PINWHEEL_CACHE'] ?? join(env['HOME'] ?? '', '.cache/pinwheel')
  const folder = join(cache, 'kubernetes')
  const programs = ['kustomize', 'kubeconform'].map((name) => join(folder, 'bin', name))
  return programs.every(isProgram) ? folder : undefined
}

export const readDocuments = (text: string): Document[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as Document | null)
    .filter((document) => document !== null)

/** What `kubectl apply -k` would send. */
export function build(tools: string, overlay: string): Document[] {
  const { status, stdout, stderr } = spawnSync(join(tools, 'bin/kustomize'), ['build', overlay], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return readDocuments(stdout)
}

/** Fields that are not known are refused, as `kubectl apply` does, and nothing is left out. */
function strict(schema: Fields): Fields {
  const { properties, items, additionalProperties: more, ...others } = schema
  if (schema['x-kubernetes-int-or-string']) return { type: ['integer', 'string'] }
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  const inner = Object.entries((properties ?? {}) as Record<string, Fields>)
  return {
    ...others,
    ...(properties !== undefined && {
      properties: Object.fromEntries(inner.map(([name, value]) => [name, strict(value)])),
    }),
    ...(properties !== undefined && !isOpen && { additionalProperties: false }),
    ...(items !== undefined && { items: strict(items as Fields) }),
    ...(more !== undefined && {
      additionalProperties: typeof more === 'object' ? strict(more as Fields) : more,
    }),
  }
}

/** Schemas of the kinds that are no part of Kubernetes, in a folder: group-kind-version. */
function writeDefinitions(tools: string, folder: string): void {
  for (const file of readdirSync(join(tools, 'definitions'))) {
    if (!file.endsWith('.yaml')) continue
    const definition: unknown = parse(readFileSync(join(tools, 'definitions', file), 'utf8'))
    const kind = String(at(definition, 'spec', 'names', 'kind')).toLowerCase()
    const group = String(at(definition, 'spec', 'group')).split('.')[0]
    for (const version of listAt(definition, 'spec', 'versions')) {
      const schema = strict(at(version, 'schema', 'openAPIV3Schema') as Fields)
      const name = `${kind}-${group}-${String(version['name'])}.json`
      writeFileSync(join(folder, name), JSON.stringify(schema))
    }
  }
}

export const schemaVersions = (tools: string): string[] =>
  readdirSync(join(tools, 'schemas')).sort()

/** What a schema of a version has against the documents, in kubeconform's words. */
export function schemaProblems(
  tools: string,
  version: string,
  documents: readonly Document[],
): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pinwheel-kubernetes-'))
  try {
    mkdirSync(join(folder, 'definitions'))
    writeDefinitions(tools, join(folder, 'definitions'))
    const name = '{{ .ResourceKind }}{{ .KindSuffix }}.json'
    const places = [join(tools, 'schemas', version), join(folder, 'definitions')]
    const locations = places.flatMap((place) => ['-schema-location', join(place, name)])
    const { stdout, stderr } = spawnSync(
      join(tools, 'bin/kubeconform'),
      ['-strict', '-output', 'json', '-verbose', ...locations],
      { encoding: 'utf8', input: documents.map((one) => JSON.stringify(one)).join('\n---\n') },
    )
    const { resources } = JSON.parse(stdout || `{"resources":[],"error":${stderr}}`) as {
      readonly resources: readonly Record<'kind' | 'name' | 'status' | 'msg', string>[]
    }
    // One that was passed over would be none that is well.
    if (resources.length !== documents.length)
      return [`${resources.length} of ${documents.length} documents were checked`]
    return resources
      .filter(({ status }) => status !== 'statusValid')
      .map(({ kind, name: named, msg }) => `${kind} ${named}: ${msg}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Annotations under Dapr's name that its injector does not know: it passes over them. */
export function annotationProblems(tools: string, documents: readonly Document[]): string[] {
  const list = readFileSync(join(tools, 'definitions/annotations.go'), 'utf8')
  const known = new Set([...list.matchAll(/= "(dapr\.io\/[\w-]+)"/g)].map(([, name]) => name))
  return documents.flatMap((document) =>
    Object.keys(annotationsOf(document))
      .filter((name) => name.startsWith('dapr.io/') && !known.has(name))
      .map((name) => `${document.metadata.name} has ${name}, which Dapr does not know`),
  )
}
