/**
 * A TCP proxy before a Bolt server that loses a commit on purpose: the message itself, or only the
 * answer to it.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** COMMIT, without fields, in one chunk. */
const COMMIT = Buffer.from('0002b0120000', 'hex')

export type BoltProxy = {
  readonly url: string
  /** How many commits were lost so far. */
  readonly lost: () => number
  close(): void
}

/** Loses every commit whose number, counted from 1, `loses` names. */
export async function startBoltProxy(
  port: number,
  loses: (commit: number) => 'message' | 'answer' | undefined,
): Promise<BoltProxy> {
  let commits = 0
  let lost = 0
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect({ port, host: '127.0.0.1' })
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', end).on('close', end)
    }
    let isDeaf = false
    client.on('data', (bytes) => {
      const fault = bytes.includes(COMMIT) ? loses(++commits) : undefined
      if (fault !== undefined) lost++
      if (fault === 'message') return end()
      if (fault === 'answer') isDeaf = true
      upstream.write(bytes)
    })
    // The server's answer says that it has committed; the client never hears it.
    upstream.on('data', (bytes) => (isDeaf ? end() : client.write(bytes)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `bolt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost: () => lost,
    close: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
