/**
 * Documents of Kubernetes, and what a schema cannot say of them: that one names another which is
 * there, that ports are those of somebody who listens, that every pod is as locked up as said.
 */
export type Fields = Readonly<Record<string, unknown>>
export type Document = Fields & {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Fields }
}

/** What lies at a path of names; undefined where anything on the way is missing. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => (found as Fields | undefined)?.[name], value)
}

export const listAt = (value: unknown, ...path: readonly string[]): readonly Fields[] =>
  (at(value, ...path) as readonly Fields[] | undefined) ?? []

/** Every value of a name, wherever it stands. */
export function everywhere(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === name ? [inner] : []),
    ...everywhere(inner, name),
  ])
}

const isWorkload = ({ kind }: Document) => kind === 'Deployment' || kind === 'StatefulSet'
const labelsOf = (workload: Document) => at(workload, 'spec', 'template', 'metadata', 'labels')
const podOf = (workload: Document) => at(workload, 'spec', 'template', 'spec') as Fields
export const annotationsOf = (workload: Document) =>
  (at(workload, 'spec', 'template', 'metadata', 'annotations') ?? {}) as Fields
const hasSidecar = (workload: Document) => annotationsOf(workload)['dapr.io/enabled'] === 'true'

/** Where an injected sidecar is called by its like, and tells of itself. */
const SIDECAR_PORTS = [50002, 9090]

function isChosen(workload: Document, labels: unknown): boolean {
  const has = labelsOf(workload) as Fields
  return Object.entries((labels ?? {}) as Fields).every(([key, value]) => has[key] === value)
}

const portsOf = (workload: Document) =>
  listAt(podOf(workload), 'containers').flatMap((container) => listAt(container, 'ports'))

/** Each way in which the documents do not fit together, in words; none where all is well. */
export function problemsOf(documents: readonly Document[]): string[] {
  const workloads = documents.filter(isWorkload)
  return [
    ...workloads.flatMap((workload) => [
      ...namesOf(workload, documents),
      ...portsAsked(workload),
      ...lockedUp(workload),
    ]),
    ...documents.flatMap((document) => choices(document, workloads)),
    ...documents.flatMap((document) => scaling(document, workloads)),
  ]
}

function namesOf(workload: Document, documents: readonly Document[]): string[] {
  const { name } = workload.metadata
  const pod = podOf(workload)
  const annotations = annotationsOf(workload)
  const wanted: [string, unknown][] = [
    ['ServiceAccount', pod['serviceAccountName']],
    ...everywhere(pod, 'configMapRef').map((ref): [string, unknown] => [
      'ConfigMap',
      at(ref, 'name'),
    ]),
    ...everywhere(pod, 'configMap').map((ref): [string, unknown] => ['ConfigMap', at(ref, 'name')]),
  ]
  if (hasSidecar(workload)) wanted.push(['Configuration', annotations['dapr.io/config']])
  if (workload.kind === 'StatefulSet') wanted.push(['Service', at(workload, 'spec', 'serviceName')])
  const missing = wanted.filter(
    ([kind, wants]) =>
      !documents.some((other) => other.kind === kind && other.metadata.name === wants),
  )
  const volumes = [
    ...listAt(pod, 'volumes').map((volume) => volume['name']),
    ...listAt(workload, 'spec', 'volumeClaimTemplates').map((claim) =>
      at(claim, 'metadata', 'name'),
    ),
  ]
  const mounts = listAt(pod, 'containers').flatMap((container) => listAt(container, 'volumeMounts'))
  const budgets = documents.filter(
    ({ kind, spec }) =>
      kind === 'PodDisruptionBudget' && isChosen(workload, at(spec, 'selector', 'matchLabels')),
  )
  return [
    ...missing.map(([kind, wants]) => `${name} wants ${kind} ${String(wants)}, which is not there`),
    ...mounts
      .filter((mount) => !volumes.includes(mount['name']))
      .map((mount) => `${name} mounts ${String(mount['name'])}, which is no volume of it`),
    ...(isChosen(workload, at(workload, 'spec', 'selector', 'matchLabels'))
      ? []
      : [`${name} does not choose its own pods`]),
    ...(budgets.length === 1 ? [] : [`${name} has ${budgets.length} disruption budgets`]),
  ]
}

function portsAsked(workload: Document): string[] {
  const { name } = workload.metadata
  const annotations = annotationsOf(workload)
  const complaints: string[] = []
  for (const container of listAt(podOf(workload), 'containers')) {
    const own = listAt(container, 'ports').flatMap((port) => [port['name'], port['containerPort']])
    for (const key of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const probe = container[key]
      if (!probe && key !== 'startupProbe')
        complaints.push(`${name} has a container that lacks a probe`)
      const asked = at(probe, 'httpGet', 'port') ?? at(probe, 'tcpSocket', 'port')
      if (asked === undefined || own.includes(asked)) continue
      complaints.push(`${name} is asked on port ${String(asked)}, where it does not listen`)
    }
    const command = (container['command'] ?? []) as readonly string[]
    const listens = command[command.indexOf('--port') + 1]
    if (command.includes('--port') && listens !== annotations['dapr.io/app-port'])
      complaints.push(`${name} listens on ${listens}, and its sidecar looks elsewhere`)
  }
  if (hasSidecar(workload) && annotations['dapr.io/app-id'] !== name)
    complaints.push(`${name} has the app id ${String(annotations['dapr.io/app-id'])}`)
  return complaints
}

function lockedUp(workload: Document): string[] {
  const pod = podOf(workload)
  const asked: [string, boolean][] = [
    ['mounts a token', pod['automountServiceAccountToken'] === false],
    ['is told of Services in its environment', pod['enableServiceLinks'] === false],
    ['may run as root', at(pod, 'securityContext', 'runAsNonRoot') === true],
    ['has no seccomp profile', at(pod, 'securityContext', 'seccompProfile') !== undefined],
  ]
  for (const container of listAt(pod, 'containers')) {
    const context = container['securityContext']
    asked.push(
      ['may write to its image', at(context, 'readOnlyRootFilesystem') === true],
      ['may gain rights', at(context, 'allowPrivilegeEscalation') === false],
      ['keeps capabilities', String(at(context, 'capabilities', 'drop')) === 'ALL'],
      ['asks for no processor time', at(container, 'resources', 'requests', 'cpu') !== undefined],
      ['has no bound of memory', at(container, 'resources', 'limits', 'memory') !== undefined],
    )
  }
  return asked.filter(([, isSo]) => !isSo).map(([what]) => `${workload.metadata.name} ${what}`)
}

/** Services, budgets and policies choose pods that are there, and ports where these listen. */
function choices(document: Document, workloads: readonly Document[]): string[] {
  const { kind, metadata, spec } = document
  const here = `${kind} ${metadata.name}`
  const chosen = (labels: unknown) => workloads.filter((workload) => isChosen(workload, labels))
  const listening = (labels: unknown, port: unknown) =>
    chosen(labels).some((workload) => {
      const ports = portsOf(workload).flatMap((own) => [own['name'], own['containerPort']])
      return [...ports, ...(hasSidecar(workload) ? SIDECAR_PORTS : [])].includes(port)
    })
  const check = (labels: unknown, ports: readonly unknown[]) =>
    chosen(labels).length === 0
      ? [`${here} chooses no pods: ${JSON.stringify(labels)}`]
      : ports
          .filter((port) => !listening(labels, port))
          .map((port) => `${here} speaks of port ${String(port)}, where nobody listens`)
  if (kind === 'Service') {
    const ports = listAt(spec, 'ports').map(({ targetPort, port }) => targetPort ?? port)
    return check(at(spec, 'selector'), ports)
  }
  if (kind === 'PodDisruptionBudget') return check(at(spec, 'selector', 'matchLabels'), [])
  if (kind !== 'NetworkPolicy') return []
  const numbers = (rule: Fields) => listAt(rule, 'ports').map(({ port }) => port)
  const own = at(spec, 'podSelector', 'matchLabels')
  return [
    ...check(own, listAt(spec, 'ingress').flatMap(numbers)),
    ...listAt(spec, 'egress').flatMap((rule) =>
      listAt(rule, 'to')
        .filter((peer) => !peer['namespaceSelector'] && !peer['ipBlock'])
        .flatMap((peer) => check(at(peer, 'podSelector', 'matchLabels'), numbers(rule))),
    ),
    ...listAt(spec, 'ingress').flatMap((rule) =>
      listAt(rule, 'from')
        .filter((peer) => !peer['namespaceSelector'] && !peer['ipBlock'])
        .flatMap((peer) => check(at(peer, 'podSelector', 'matchLabels'), [])),
    ),
  ]
}

/** What is scaled is there, and nobody else says how many of it. */
function scaling(document: Document, workloads: readonly Document[]): string[] {
  const { kind, metadata, spec } = document
  if (kind === 'Component') {
    const apps = workloads.map((workload) => annotationsOf(workload)['dapr.io/app-id'])
    return ((document['scopes'] ?? []) as readonly string[])
      .filter((scope) => !apps.includes(scope))
      .map((scope) => `${kind} ${metadata.name} is for ${scope}, which is no app`)
  }
  if (kind !== 'ScaledObject' && kind !== 'HorizontalPodAutoscaler') return []
  const wanted = at(spec, 'scaleTargetRef', 'name')
  const target = workloads.find(({ metadata: { name } }) => name === wanted)
  if (!target) return [`${kind} ${metadata.name} scales ${String(wanted)}, which is not there`]
  const containers = listAt(podOf(target), 'containers').map(({ name }) => name)
  const named = [...everywhere(spec, 'container'), ...everywhere(spec, 'containerName')]
  return [
    ...named
      .filter((name) => !containers.includes(name))
      .map((name) => `${kind} ${metadata.name} looks at ${String(name)}, which is no container`),
    ...(at(target, 'spec', 'replicas') === undefined
      ? []
      : [`${String(wanted)} has a number of its own beside ${kind} ${metadata.name}`]),
  ]
}
