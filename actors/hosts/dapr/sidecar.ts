/**
 * Calls of actors through the sidecar. daprd 1.18 may keep a call open for good that meets an actor
 * just as it is halted, after a host died: its callers wait until the daemon ends. So no call waits
 * longer than any turn and its draining take; whoever called sends it again. That is safe: a frame
 * is known by its positions, and a call that writes has a name (`shard-call.ts`).
 */
import { Agent, request } from 'node:http'
import {
  type Clock,
  errorCode,
  fromWire,
  pinwheelError,
  type WireError,
} from '../../../base/index.ts'

/** What our own hosts answer. */
export type Envelope =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: WireError }

/** What a call carries that is not JSON. */
export const BINARY = 'application/octet-stream'
const JSON_TYPE = 'application/json'

/** Twice `drainOngoingCallTimeout`, in milliseconds. */
export const PATIENCE_MS = 10_000

/** What every call carries where the sidecar wants a token (DAPR_API_TOKEN). */
export const tokenHeaders = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { 'dapr-api-token': token }

type Reply = { readonly status: number; readonly text: string }
type Component = { readonly name: string; readonly type: string }
type Metadata = { readonly runtimeVersion?: string; readonly components?: Component[] }

/** Looks at the sidecar, and how many without an answer mean that it is gone. */
const LOOK_MS = 1_000
const MISSES = 5
/** What actors here are tested with; what older ones do is not known. */
const LEAST_VERSION = '1.18'
/** How long a connection may be idle before it is closed from this side. */
const IDLE_MS = 4_000

export class Sidecar {
  readonly #port: number
  readonly #address: string
  readonly #agent = new Agent({ keepAlive: true, timeout: IDLE_MS })
  readonly #patienceMs: number
  readonly #headers: Readonly<Record<string, string>>

  constructor(
    port: number,
    { patienceMs = PATIENCE_MS, token }: { patienceMs?: number; token?: string | undefined } = {},
  ) {
    this.#port = port
    this.#address = `http://127.0.0.1:${port}`
    this.#patienceMs = patienceMs
    this.#headers = tokenHeaders(token)
  }

  /**
   * Resolves when it has not answered for a while, or is not to be looked at any more. SIDECAR_OLD,
   * when it answers first; `hears` is then told what it has.
   */
  async gone(
    clock: Clock,
    signal: AbortSignal,
    {
      least = LEAST_VERSION,
      hears,
    }: { readonly least?: string; readonly hears?: (components: Component[]) => void } = {},
  ): Promise<void> {
    // One that was never there may still come.
    let misses = Number.NEGATIVE_INFINITY
    let known: Metadata | undefined
    while (misses < MISSES && !signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => {})
      misses = (await this.answers()) ? 0 : misses + 1
      if (misses !== 0 || known) continue
      known = await this.#metadata()
      const { runtimeVersion: version = '', components = [] } = known ?? {}
      if (isOlder(version, least)) {
        throw pinwheelError('SIDECAR_OLD', { address: this.#address, version, least })
      }
      if (known) hears?.(components)
    }
  }

  /** What it says of itself, once it says anything. */
  async #metadata(): Promise<Metadata | undefined> {
    const options = { headers: this.#headers, signal: AbortSignal.timeout(LOOK_MS) }
    try {
      const reply = await fetch(`${this.#address}/v1.0/metadata`, options)
      return reply.ok ? ((await reply.json()) as Metadata) : undefined
    } catch {
      return undefined
    }
  }

  /** Whether anything listens there. */
  async answers(): Promise<boolean> {
    try {
      await fetch(`${this.#address}/v1.0/healthz/outbound`, { signal: AbortSignal.timeout(1_000) })
      return true
    } catch (error) {
      return (error as Error).name === 'TimeoutError'
    }
  }

  /** Bytes go as they are. SIDECAR_MISSING, CALL_UNANSWERED; else what the envelope says. */
  async invoke(
    type: string,
    id: string,
    method: string,
    body: unknown,
    patienceMs = this.#patienceMs,
  ): Promise<unknown> {
    const path = `/v1.0/actors/${type}/${encodeURIComponent(id)}/method/${method}`
    // Whole milliseconds: it takes no others.
    const signal = AbortSignal.timeout(Math.ceil(patienceMs))
    let status: number
    let text: string
    try {
      ;({ status, text } = await this.#put(path, body, signal))
    } catch (error) {
      if (!signal.aborted) throw pinwheelError('SIDECAR_MISSING', { address: this.#address }, error)
      const details = { actor: `${type}/${id}`, method, ms: patienceMs }
      throw pinwheelError('CALL_UNANSWERED', details, error)
    }
    if (status >= 300) {
      throw pinwheelError('SIDECAR_MISSING', { address: `${this.#address} (${text})` })
    }
    const envelope = JSON.parse(text) as Envelope
    if (!envelope.ok) throw fromWire(envelope.error)
    return envelope.value
  }

  /** By hand, since `fetch` takes a millisecond of CPU more where calls are few (20 a second). */
  #put(path: string, body: unknown, signal: AbortSignal): Promise<Reply> {
    const isBinary = body instanceof Uint8Array
    const headers = { ...this.#headers, 'content-type': isBinary ? BINARY : JSON_TYPE }
    const place = { host: '127.0.0.1', port: this.#port, path, agent: this.#agent }
    return new Promise((resolve, reject) => {
      const call = request({ ...place, method: 'PUT', headers, signal }, (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('error', reject)
        reply.on('end', () => {
          resolve({ status: reply.statusCode!, text: Buffer.concat(parts).toString() })
        })
      })
      call.on('error', reject)
      call.end(isBinary ? body : JSON.stringify(body))
    })
  }
}

/** Of releases; what is none, as what somebody built for himself, is not judged. */
function isOlder(version: string, least: string): boolean {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)\./.exec(version) ?? []).map(Number)
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number)
  return major > 0 && (major < leastMajor || (major === leastMajor && minor < leastMinor))
}

/** How often a call is sent whose actor somebody else wrote meanwhile, or that nobody answered. */
const TRIES = 3

/** Sends a call, and again, under the same name, when that may help at once. */
export async function sendCall<T>(send: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send()
    } catch (error) {
      const code = errorCode(error)
      const again = code === 'STATE_CONFLICT' || code === 'CALL_UNANSWERED'
      if (tries === TRIES || !again) throw error
    }
  }
}
