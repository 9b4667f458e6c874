/**
 * A TCP relay before a server. It can be cut: nothing goes either way any more and nobody is told,
 * as where packets vanish; what was sent meanwhile arrives when it is whole again, as TCP sends it
 * anew, late requests of those who have long given up among it. And it can watch what passes.
 */
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Hears what a connection sends before the other side does; false ends the connection. */
export type Watch = {
  readonly fromClient?: (bytes: Buffer) => boolean
  readonly fromServer?: (bytes: Buffer) => boolean
}

export type RelayOptions = {
  /** The port of the server, by default the relay's own, on an address of its own then. */
  readonly to?: number
  /** Of the server; 127.0.0.1 by default, where the relay listens, on a free port. */
  readonly host?: string
  /** Of each connection. */
  readonly watch?: () => Watch
}

/** Whose connections are cut: those of a process, or all. */
type Cut = { readonly of: (() => number | undefined) | undefined }
type Pair = { readonly client: Socket; server?: Socket }

export class Relay {
  readonly #to: number | undefined
  readonly #host: string
  readonly #watch: () => Watch
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #cuts = new Set<Cut>()

  private constructor({ to, host = '127.0.0.1', watch = () => ({}) }: RelayOptions) {
    this.#to = to
    this.#host = host
    this.#watch = watch
    // Who comes while it is cut is heard when it is not.
    this.#server = createServer({ pauseOnConnect: true }, (client) => {
      const pair: Pair = { client }
      this.#pairs.add(pair)
      client.on('error', () => {}).on('close', () => this.#end(pair))
      this.#settle()
    })
  }

  static async start(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options)
    relay.#server.listen(0, '127.0.0.1')
    await once(relay.#server, 'listening')
    return relay
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Cuts what the process `of` opens, by default everything; what it gives ends that. */
  cut(of?: () => number | undefined): () => void {
    const cut = { of }
    this.#cuts.add(cut)
    this.#settle()
    return () => {
      this.#cuts.delete(cut)
      this.#settle()
    }
  }

  close(): void {
    this.#server.close()
    for (const pair of [...this.#pairs]) this.#end(pair)
  }

  /** Each connection stands still or goes on. */
  #settle(): void {
    const cuts = [...this.#cuts].map(({ of }) => of && portsOf(of()))
    for (const pair of this.#pairs) {
      const { client, server } = pair
      const isCut = cuts.some((ports) => ports?.has(client.remotePort ?? 0) ?? true)
      if (!isCut && !server) this.#join(pair)
      for (const socket of [client, server]) isCut ? socket?.pause() : socket?.resume()
    }
  }

  #join(pair: Pair): void {
    const { client } = pair
    const server = connect({ port: this.#to ?? this.port, host: this.#host })
    pair.server = server
    const { fromClient, fromServer } = this.#watch()
    const pass = (to: Socket, hears: Watch['fromClient']) => (bytes: Buffer) => {
      if (hears?.(bytes) === false) this.#end(pair)
      else to.write(bytes)
    }
    client.on('data', pass(server, fromClient)).on('end', () => server.end())
    server.on('data', pass(client, fromServer)).on('end', () => client.end())
    server.on('error', () => {}).on('close', () => this.#end(pair))
  }

  #end(pair: Pair): void {
    this.#pairs.delete(pair)
    pair.client.destroy()
    pair.server?.destroy()
  }
}

/** The TCP ports from which a process speaks. */
function portsOf(pid: number | undefined): ReadonlySet<number> {
  if (pid === undefined) return new Set()
  const inodes = new Set<string>()
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      inodes.add(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? '')
    }
  } catch {
    // It has just ended.
  }
  const sockets = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1)
  const own = sockets.map((line) => line.trim().split(/\s+/)).filter((of) => inodes.has(of[9]!))
  return new Set(own.map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)))
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
