/**
 * The ways between machines of a cluster, each through a relay, so that one can be cut off: a host
 * and its sidecar are one machine, a server is one. Between a host and its sidecar, and from
 * clients to an API, nothing is cut.
 */
import { Relay } from '../setup/relay.ts'

type Way = { readonly from: string | undefined; readonly to: string; readonly relay: Relay }

export class Ways {
  readonly #ways: Way[] = []

  /** The port by which a machine reaches a server. */
  async between(from: string, to: string, port: number): Promise<number> {
    const relay = await Relay.start({ to: port })
    this.#ways.push({ from, to, relay })
    return relay.port
  }

  /**
   * Everybody's to the sidecar of a machine, which shall listen on `host`, on the port that this
   * gives: others are told of 127.0.0.1.
   */
  async into(to: string, host: string): Promise<number> {
    const relay = await Relay.start({ host })
    this.#ways.push({ from: undefined, to, relay })
    return relay.port
  }

  /** Cuts a machine off; `sidecar` says which process opens its ways to other sidecars. */
  cut(machine: string, sidecar: () => number | undefined): () => void {
    const mends = this.#ways.flatMap(({ from, to, relay }) => {
      if (from === machine || to === machine) return [relay.cut()]
      return from === undefined ? [relay.cut(sidecar)] : []
    })
    return () => {
      for (const mend of mends) mend()
    }
  }

  close(): void {
    for (const { relay } of this.#ways) relay.close()
  }
}
