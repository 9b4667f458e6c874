/** Dapr's placement and scheduler, and a sidecar's first answer. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { freePorts, hasService } from './ports.ts'
import { answering, type Program, startProgram, untilAnswers, type Waiting } from './program.ts'
import type { ServerStart } from './servers.ts'

const HEAR_MS = 1_000

export const greetPlacement = (port: number) =>
  hasService(port, 'dapr.proto.placement.v1.Placement')
export const greetScheduler = (port: number) =>
  hasService(port, 'dapr.proto.scheduler.v1.Scheduler')

/** Placement, once it answers; its other ports are drawn. */
export async function startPlacement(
  programs: string,
  { port, ...given }: ServerStart,
  waiting: Waiting = {},
): Promise<Program> {
  const [health = 0, metrics = 0, raft = 0] = await freePorts(3)
  const words = placementArguments(port, health, [metrics, raft])
  const started = startProgram(join(programs, 'placement'), words, { name: 'placement', ...given })
  return answering(started, () => answersWell(healthOf(health)), waiting)
}

export function placementArguments(
  port: number,
  health: number,
  [metrics = 0, raft = 0]: readonly number[],
): string[] {
  return [
    ...listening(port, health, metrics),
    ...['--initial-cluster', `dapr-placement-0=127.0.0.1:${raft}`],
  ]
}

/** The scheduler, once it answers; its jobs lie in its folder. */
export async function startScheduler(
  programs: string,
  { port, ...given }: ServerStart,
  waiting: Waiting = {},
): Promise<Program> {
  const [health = 0, metrics = 0, client = 0, peer = 0] = await freePorts(4)
  const jobs = join(given.folder, 'jobs')
  mkdirSync(jobs, { recursive: true, mode: 0o700 })
  const words = [
    ...listening(port, health, metrics),
    ...['--etcd-data-dir', jobs, '--etcd-client-port', `${client}`],
    ...['--etcd-client-listen-address', '127.0.0.1'],
    ...['--etcd-initial-cluster', `dapr-scheduler-server-0=http://127.0.0.1:${peer}`],
    // What it tells sidecars: without, the address of a network that they may not reach.
    ...['--override-broadcast-host-port', `127.0.0.1:${port}`],
  ]
  const started = startProgram(join(programs, 'scheduler'), words, { name: 'scheduler', ...given })
  return answering(started, () => answersWell(healthOf(health)), waiting)
}

/** Resolves when a sidecar answers and its application's actors can be called. */
export async function sidecarAnswers(
  port: number,
  sidecar: Pick<Program, 'name' | 'child' | 'log'>,
  {
    token,
    ...waiting
  }: Waiting & {
    /** What it wants of everybody, where DAPR_API_TOKEN is in its environment. */
    readonly token?: string | undefined
  } = {},
): Promise<void> {
  const base = `http://127.0.0.1:${port}/v1.0`
  const headers = token === undefined ? {} : { 'dapr-api-token': token }
  const healthy = () => answersWell(`${base}/healthz`, { headers })
  const ready = () => answersWell(`${base}/metadata`, { headers, good: actorsAreReady })
  await untilAnswers(sidecar, `${base}/healthz`, healthy, waiting)
  await untilAnswers(sidecar, `${base}/metadata`, ready, waiting)
}

const healthOf = (port: number) => `http://127.0.0.1:${port}/healthz`

function listening(port: number, health: number, metrics: number): string[] {
  return [
    ...['--port', `${port}`, '--listen-address', '127.0.0.1'],
    ...['--healthz-port', `${health}`, '--healthz-listen-address', '127.0.0.1'],
    ...['--metrics-port', `${metrics}`, '--metrics-listen-address', '127.0.0.1'],
  ]
}

const actorsAreReady = (body: string) => {
  const { actorRuntime } = JSON.parse(body) as { actorRuntime?: { hostReady?: boolean } }
  return actorRuntime?.hostReady === true
}

/** Whether a good answer comes. */
export async function answersWell(
  url: string,
  {
    good = () => true,
    headers = {},
  }: {
    readonly good?: (body: string) => boolean
    readonly headers?: Readonly<Record<string, string>>
  } = {},
): Promise<boolean> {
  try {
    const reply = await fetch(url, { headers, signal: AbortSignal.timeout(HEAR_MS) })
    return good(await reply.text()) && reply.ok
  } catch {
    // Not listening yet.
    return false
  }
}
