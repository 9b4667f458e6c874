/**
 * The smallest application that Dapr accepts as a host of actors: its six routes over a plain
 * server, and one type, `Counter`, which keeps its sum in the sidecar's state store.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../base/index.ts'

export type CounterApp = {
  readonly port: number
  /** `METHOD /path` of every call from the sidecar, health probes left out. */
  readonly calls: readonly string[]
  /** The most turns of one id that were ever under way together. */
  readonly mostAtOnce: () => number
  /** Where the state is; known once the sidecar runs. */
  sidecar(httpPort: number): void
  stop(): Promise<void>
}

export async function startCounterApp(): Promise<CounterApp> {
  const calls: string[] = []
  const underWay = new Map<string, number>()
  let mostAtOnce = 0
  let state = ''

  const add = async (id: string, amount: number) => {
    const now = (underWay.get(id) ?? 0) + 1
    underWay.set(id, now)
    mostAtOnce = Math.max(mostAtOnce, now)
    const at = `${state}/v1.0/actors/Counter/${id}/state`
    const read = await fetch(`${at}/sum`)
    const sum = (read.status === 200 ? ((await read.json()) as number) : 0) + amount
    // Long enough for a second turn to slip in, if the sidecar let it.
    await systemClock.sleep(5)
    const upsert = [{ operation: 'upsert', request: { key: 'sum', value: sum } }]
    const wrote = await fetch(at, { method: 'POST', body: JSON.stringify(upsert) })
    if (!wrote.ok) throw new Error(`the state store answered ${wrote.status}`)
    underWay.set(id, now - 1)
    return sum
  }

  const answer = async (request: IncomingMessage): Promise<{ status: number; body?: unknown }> => {
    const path = request.url ?? ''
    if (path === '/healthz') return { status: 204 }
    calls.push(`${request.method} ${path}`)
    if (path === '/dapr/config') return { status: 200, body: daprConfig }
    const turn = /^\/actors\/Counter\/([^/]+)\/method\/add$/.exec(path)
    if (turn && request.method === 'PUT') {
      return { status: 200, body: await add(turn[1]!, Number(await textOf(request))) }
    }
    if (request.method === 'DELETE' && path.startsWith('/actors/Counter/')) return { status: 200 }
    return { status: 404 }
  }

  const server = createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => {
        response.statusCode = status
        response.end(body === undefined ? undefined : JSON.stringify(body))
      },
      (error: unknown) => {
        response.statusCode = 500
        response.end(String(error))
      },
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    mostAtOnce: () => mostAtOnce,
    sidecar: (httpPort) => {
      state = `http://127.0.0.1:${httpPort}`
    },
    stop: () => {
      server.closeAllConnections()
      return new Promise((done) => server.close(() => done()))
    },
  }
}

/** Idle soon, so that a test sees an actor put away. */
const daprConfig = { entities: ['Counter'], actorIdleTimeout: '1s', actorScanInterval: '1s' }

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
