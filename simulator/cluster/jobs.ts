/**
 * Requests and other work on their way through the hosts: columns, and slots that are used again.
 */
export class Jobs {
  arrivedAt = new Float64Array(1024)
  /** When the service that runs ends: an event of another time is of a host that died. */
  doneAt = new Float64Array(1024)
  serviceMs = new Float64Array(1024)
  stream = new Uint8Array(1024)
  stage = new Uint8Array(1024)
  tries = new Uint8Array(1024)
  /** Whose request it is: stages that are owned go to the owner of this. */
  key = new Int32Array(1024)
  /** The host it is at, or -1. */
  host = new Int32Array(1024)
  #free: number[] = []
  #made = 0
  /** Of all slots that were ever used. */
  get made(): number {
    return this.#made
  }

  start({ stream, key, now }: { stream: number; key: number; now: number }): number {
    const job = this.#free.pop() ?? this.#make()
    this.arrivedAt[job] = now
    this.doneAt[job] = -1
    this.stream[job] = stream
    this.key[job] = key
    this.stage[job] = 0
    this.tries[job] = 0
    this.host[job] = -1
    return job
  }

  end(job: number): void {
    this.doneAt[job] = -1
    this.host[job] = -1
    this.#free.push(job)
  }

  #make(): number {
    if (this.#made === this.host.length) this.#grow()
    return this.#made++
  }

  #grow(): void {
    const length = 2 * this.host.length
    const more = <T extends Float64Array | Uint8Array | Int32Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.arrivedAt = more(this.arrivedAt, new Float64Array(length))
    this.doneAt = more(this.doneAt, new Float64Array(length))
    this.serviceMs = more(this.serviceMs, new Float64Array(length))
    this.stream = more(this.stream, new Uint8Array(length))
    this.stage = more(this.stage, new Uint8Array(length))
    this.tries = more(this.tries, new Uint8Array(length))
    this.key = more(this.key, new Int32Array(length))
    this.host = more(this.host, new Int32Array(length))
  }
}
