/**
 * A cheap HTTP client for benches that must not be what limits: requests are bytes that somebody
 * else made, connections are kept alive, and of a reply only the status is read, or the code where
 * it refuses. A request goes to a connection that is idle if one is found at once, else it waits
 * behind another (pipelining).
 */
import { connect, type Socket } from 'node:net'

/** How a request was answered; status 0 when the connection broke. */
export type Told = {
  readonly status: number
  /** Of the error table, where it was refused. */
  readonly code?: string
  /** Whether it may be sent again later: the head says so. */
  readonly isLater: boolean
}
type Hear = (told: Told) => void

export class HttpLoad {
  readonly #connections: Connection[]
  #next = 0

  private constructor(connections: Connection[]) {
    this.#connections = connections
  }

  static async open(address: string, connections: number): Promise<HttpLoad> {
    const { hostname, port } = new URL(address)
    const opened = Array.from({ length: connections }, () =>
      Connection.open(hostname, Number(port)),
    )
    return new HttpLoad(await Promise.all(opened))
  }

  /** Sends bytes of one whole request. */
  send(request: Uint8Array, hear: Hear): void {
    const count = this.#connections.length
    let best = this.#connections[this.#next++ % count]!
    // A few looks find an idle one, unless hardly any is.
    for (let look = 0; look < 4 && best.waiting > 0; look++) {
      const other = this.#connections[this.#next++ % count]!
      if (other.waiting < best.waiting) best = other
    }
    best.send(request, hear)
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }
}

/** A reply whose head is [at, end) and whose body ends at `next`. */
function read(text: string, at: number, end: number, next: number): Told {
  const status = Number(text.slice(at + 9, at + 12))
  if (status < 400) return { status, isLater: false }
  const code = /"code":"(\w+)"/.exec(text.slice(end, next))?.[1]
  const isLater = text.slice(at, end).includes('\r\nretry-after: ')
  return { status, isLater, ...(code !== undefined && { code }) }
}

class Connection {
  readonly #socket: Socket
  readonly #waiting: Hear[] = []
  #head = 0
  #unread = ''

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: unknown) => this.#read(chunk as string))
    socket.on('error', () => {})
    socket.on('close', () => {
      while (this.waiting > 0) this.#tell({ status: 0, isLater: false })
    })
  }

  static open(host: string, port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host)
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Connection(socket)))
    })
  }

  get waiting(): number {
    return this.#waiting.length - this.#head
  }

  send(request: Uint8Array, hear: Hear): void {
    this.#waiting.push(hear)
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.destroy()
  }

  #tell(told: Told): void {
    const hear = this.#waiting[this.#head++]!
    if (this.#head === this.#waiting.length) {
      this.#waiting.length = 0
      this.#head = 0
    }
    hear(told)
  }

  #read(chunk: string): void {
    const text = this.#unread === '' ? chunk : this.#unread + chunk
    let at = 0
    for (;;) {
      const end = text.indexOf('\r\n\r\n', at)
      if (end < 0) break
      const length = text.indexOf('content-length: ', at)
      // A server that tells no length is not one of ours.
      if (length < 0 || length > end) throw new Error('a reply without content-length')
      const next = end + 4 + Number.parseInt(text.slice(length + 16, length + 26), 10)
      if (next > text.length) break
      this.#tell(read(text, at, end, next))
      at = next
    }
    this.#unread = text.slice(at)
  }
}
