/**
 * A wire between clients and a server that can be cut: both ends get a reset, as from a router that
 * forgot the connection. The address stays while the server behind is started anew.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export class CuttingProxy {
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  /** Where connections lead, on loopback; undefined while nobody is there. */
  port: number | undefined

  private constructor() {
    this.#server = createServer((client) => this.#join(client))
  }

  static async listen(): Promise<CuttingProxy> {
    const proxy = new CuttingProxy()
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  /** Resets every connection there is; gives how many ends that were. */
  cut(): number {
    const count = this.#ends.size
    for (const end of this.#ends) end.resetAndDestroy()
    return count
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.cut()
    await closed
  }

  #join(client: Socket): void {
    this.#keep(client)
    if (this.port === undefined) {
      client.resetAndDestroy()
      return
    }
    const server = connect(this.port, '127.0.0.1')
    this.#keep(server)
    client.pipe(server)
    server.pipe(client)
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  #keep(end: Socket): void {
    this.#ends.add(end)
    end.on('error', () => end.destroy())
    end.on('close', () => this.#ends.delete(end))
  }
}
