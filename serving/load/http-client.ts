/**
 * The HTTP client of the live load, over sockets: it must take little of the machine that it
 * measures, and never hold a request back. Each request has a connection to itself, one that is
 * idle or a new one; where all are taken the request is refused at once, not queued.
 *
 * Why not an agent of a library: at 1,000 requests a second `node:http` took .28 of a core, undici
 * .22 to .29 and this .17, on the same machine with the same load beside (docs/measurements).
 */
import { connect, type Socket } from 'node:net'
import type { Clock } from '../../base/index.ts'
import type { FailureCode } from '../../simulator/index.ts'
import { NotHttp, type Reply, ReplyReader } from './reply-reader.ts'

export type ClientOptions = {
  /** http: alone; no more than its host and port are read. */
  readonly address: URL
  readonly clock: Clock
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly connectionsMax: number
  /** From the call to the last byte of the reply. */
  readonly timeoutMs: number
}
export type ClientRequest = {
  readonly method: 'GET' | 'POST'
  /** With the query; ASCII. */
  readonly path: string
  /** JSON. */
  readonly body?: string
}
export type ClientReply =
  | (Reply & { readonly failure?: undefined })
  | { readonly failure: FailureCode; readonly reason: string }

const SWEEP_MS = 20
/** An idle connection is not used again after this long: its server may be about to end it. */
const IDLE_MS_MAX = 4_000

const closed = { failure: 'LOST', reason: 'the client was closed' } as const

type Hear = (reply: ClientReply) => void
type Deadline = { readonly at: number; readonly connection: Connection; readonly request: number }

export class HttpClient {
  readonly #options: ClientOptions
  readonly #origin: string
  /** In order of `idleSince`: the one used last is at the end, and is used next. */
  readonly #idle: Connection[] = []
  readonly #open = new Set<Connection>()
  /** In order of time: all requests have the same limit. */
  #deadlines: Deadline[] = []
  readonly #stop: () => void
  #isClosed = false

  constructor(options: ClientOptions) {
    const { address, headers = {}, clock } = options
    this.#options = options
    const fields = Object.entries({ host: address.host, ...headers })
    this.#origin = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#stop = clock.every(SWEEP_MS, () => this.#sweep())
  }

  /** Never rejects. LOST once the client is closed. */
  request({ method, path, body }: ClientRequest): Promise<ClientReply> {
    if (this.#isClosed) return Promise.resolve(closed)
    const head = `${method} ${path} HTTP/1.1\r\n${this.#origin}`
    const length = body === undefined ? 0 : Buffer.byteLength(body)
    const text =
      body === undefined
        ? `${head}\r\n`
        : `${head}content-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`
    return new Promise((hear) => {
      const connection = this.#take()
      if (!connection) return hear({ failure: 'CLIENT_BOUND', reason: 'no connection is free' })
      const number = connection.send(text, body !== undefined && length !== body.length, hear)
      const at = this.#options.clock.monotonic() + this.#options.timeoutMs
      this.#deadlines.push({ at, connection, request: number })
    })
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
    for (const connection of this.#open) connection.end(closed.failure, closed.reason)
  }

  #take(): Connection | undefined {
    const { clock, connectionsMax } = this.#options
    const oldest = clock.monotonic() - IDLE_MS_MAX
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (last.isOpen && last.idleSince >= oldest) return last
      last.drop()
    }
    if (this.#open.size >= connectionsMax) return undefined
    const connection = new Connection(this.#options.address, {
      onIdle: () => {
        connection.idleSince = clock.monotonic()
        this.#idle.push(connection)
      },
      onEnd: () => this.#open.delete(connection),
    })
    this.#open.add(connection)
    return connection
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic()
    while (this.#idle[0] && this.#idle[0].idleSince < now - IDLE_MS_MAX) this.#idle.shift()!.drop()
    const firstLeft = this.#deadlines.findIndex(({ at }) => at > now)
    const due = firstLeft < 0 ? this.#deadlines : this.#deadlines.slice(0, firstLeft)
    if (due.length === 0) return
    this.#deadlines = firstLeft < 0 ? [] : this.#deadlines.slice(firstLeft)
    for (const { connection, request } of due) {
      if (connection.isDoing(request)) {
        connection.end('TIMEOUT', `no answer in ${this.#options.timeoutMs} ms`)
      }
    }
  }
}

type Owner = { readonly onIdle: () => void; readonly onEnd: () => void }

/** One socket: a request, its reply, the next request. */
class Connection {
  readonly #socket: Socket
  readonly #owner: Owner
  #hear: Hear | undefined
  #reader: ReplyReader | undefined
  #requests = 0
  #isConnected = false
  isOpen = true
  idleSince = 0

  constructor({ hostname, port }: URL, owner: Owner) {
    this.#owner = owner
    const host = hostname.replace(/^\[|\]$/g, '')
    this.#socket = connect({ host, port: Number(port) || 80, noDelay: true })
    this.#socket.on('connect', () => {
      this.#isConnected = true
    })
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes))
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#broke(error))
    this.#socket.on('close', () => this.#closed())
  }

  /** Gives the number of the request on this connection. */
  send(text: string, isWide: boolean, hear: Hear): number {
    this.#hear = hear
    this.#reader = new ReplyReader()
    this.#socket.write(text, isWide ? 'utf8' : 'latin1')
    return ++this.#requests
  }

  isDoing(request: number): boolean {
    return this.#hear !== undefined && this.#requests === request
  }

  /** Ends it where nothing is asked of it. */
  drop(): void {
    this.end('LOST', 'the connection was idle for long')
  }

  end(failure: FailureCode, reason: string): void {
    this.#leave()
    this.#tell({ failure, reason })
  }

  #read(bytes: Buffer): void {
    try {
      if (!this.#reader) throw new NotHttp('bytes that nobody asked for')
      const reply = this.#reader.push(bytes)
      if (reply) this.#finish(reply)
    } catch (error) {
      if (!(error instanceof NotHttp)) throw error
      this.end('NOT_HTTP', error.message)
    }
  }

  #finish(reply: Reply): void {
    this.#reader = undefined
    if (reply.isKept) this.#owner.onIdle()
    else this.#leave()
    this.#tell(reply)
  }

  #broke({ code, message }: NodeJS.ErrnoException): void {
    this.end(this.#isConnected ? 'LOST' : 'REFUSED', code ?? message)
  }

  #closed(): void {
    const reply = this.#reader?.end()
    if (reply) this.#finish({ ...reply, isKept: false })
    else this.end(this.#isConnected ? 'LOST' : 'REFUSED', 'the connection ended')
  }

  #leave(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#socket.destroy()
    this.#owner.onEnd()
  }

  #tell(reply: ClientReply): void {
    const hear = this.#hear
    this.#hear = undefined
    hear?.(reply)
  }
}
