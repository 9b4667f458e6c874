/** Ports of this machine: free ones, who has one, whether the right thing listens there. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { connect, createServer } from 'node:net'
import { systemClock } from '../../base/index.ts'

const WAIT_MS = 1_000

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) => {
          server.listen(0, '127.0.0.1', () => {
            const address = server.address()
            done(address && typeof address === 'object' ? address.port : 0)
          })
        }),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** Whether anything listens there on loopback. */
export function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: WAIT_MS })
    const end = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

/** Whether a server on loopback says what it should, once it is greeted where it wants to be. */
export function greets(
  port: number,
  { say, hears }: { readonly say?: string | Uint8Array; readonly hears: (said: string) => boolean },
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: WAIT_MS })
    const end = (isRight: boolean) => {
      socket.destroy()
      resolve(isRight)
    }
    if (say !== undefined) socket.once('connect', () => socket.write(say))
    socket.once('data', (bytes) => end(hears(bytes.toString('latin1'))))
    socket.once('error', () => end(false))
    socket.once('close', () => resolve(false))
    socket.once('timeout', () => end(false))
  })
}

/** Whether a gRPC server there has a service: it says so when a method is asked that none has. */
export function hasService(port: number, service: string): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const patience = new AbortController()
    const end = (isRight: boolean) => {
      patience.abort()
      session.destroy()
      resolve(isRight)
    }
    systemClock.sleep(WAIT_MS, patience.signal).then(
      () => end(false),
      () => {},
    )
    session.once('error', () => end(false))
    session.once('close', () => end(false))
    const request = session.request({
      ':method': 'POST',
      ':path': `/${service}/PinwheelGreets`,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    const hear = (headers: object) => {
      const said = String((headers as Record<string, unknown>)['grpc-message'] ?? '')
      if (said !== '') end(said.includes('unknown method'))
    }
    request.on('response', hear)
    request.on('trailers', hear)
    request.once('error', () => end(false))
    request.resume()
    request.end()
  })
}

const LISTENING = '0A'

/** The process that listens on a port, as far as this user may see. */
export function ownerOf(
  port: number,
): { readonly pid: number; readonly words: string } | undefined {
  const inodes = new Set(['tcp', 'tcp6'].flatMap((table) => inodesOf(table, port)))
  if (inodes.size === 0) return undefined
  for (const pid of readable(() => readdirSync('/proc'))) {
    if (!/^\d+$/.test(pid)) continue
    for (const fd of readable(() => readdirSync(`/proc/${pid}/fd`))) {
      const [inode] = readable(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)])
      if (!inodes.has(/^socket:\[(\d+)\]$/.exec(inode ?? '')?.[1] ?? '')) continue
      const [words = ''] = readable(() => [readFileSync(`/proc/${pid}/cmdline`, 'utf8')])
      return { pid: Number(pid), words: words.replaceAll('\0', ' ').trim() }
    }
  }
  return undefined
}

function inodesOf(table: string, port: number): string[] {
  const [text = ''] = readable(() => [readFileSync(`/proc/net/${table}`, 'utf8')])
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    return local.endsWith(suffix) && state === LISTENING ? [inode] : []
  })
}

/** Nothing where the system does not let us look. */
function readable(look: () => string[]): string[] {
  try {
    return look()
  } catch {
    return []
  }
}
