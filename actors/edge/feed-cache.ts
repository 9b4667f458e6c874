/**
 * Answers kept for when nobody can give a new one: in a state store of its own behind the sidecar,
 * so that every edge finds them. An answer that cannot be kept or found is none.
 */
import type { Clock } from '../../base/index.ts'
import { tokenHeaders } from '../hosts/dapr/index.ts'
import type { Answer } from '../recommender/answer.ts'

export interface FeedCache {
  find(user: string, generation: string): Promise<Answer | undefined>
  keep(user: string, answer: Answer): Promise<void>
  forget(user: string): Promise<void>
}

export const feedCacheDefaults = Object.freeze({
  store: 'feeds',
  keptSeconds: 3_600,
  /** An answer is kept again when it is older. */
  freshMs: 60_000,
  patienceMs: 300,
  /** A store that refused, or that the sidecar does not have, is left alone for so long. */
  pauseMs: 30_000,
  /** Users whose answers this edge remembers having kept. */
  usersMax: 50_000,
})

export type DaprFeedCacheOptions = Partial<typeof feedCacheDefaults> & {
  readonly daprPort: number
  readonly clock: Clock
  readonly token?: string | undefined
  readonly generations: readonly string[]
}

export class DaprFeedCache implements FeedCache {
  readonly #options: typeof feedCacheDefaults & DaprFeedCacheOptions
  readonly #address: string
  #pausedUntil = Number.NEGATIVE_INFINITY
  /** When the answer of a key was kept last, oldest first; monotonic. */
  readonly #kept = new Map<string, number>()

  constructor(options: DaprFeedCacheOptions) {
    this.#options = { ...feedCacheDefaults, ...options }
    this.#address = `http://127.0.0.1:${options.daprPort}/v1.0/state/${this.#options.store}`
  }

  async find(user: string, generation: string): Promise<Answer | undefined> {
    const reply = await this.#send(`/${encodeURIComponent(keyOf(user, generation))}`)
    if (reply?.status !== 200) return undefined
    try {
      return (await reply.json()) as Answer
    } catch {
      return undefined
    }
  }

  async keep(user: string, answer: Answer): Promise<void> {
    const { clock, freshMs, usersMax, keptSeconds } = this.#options
    const key = keyOf(user, answer.generation)
    const now = clock.monotonic()
    if (now - (this.#kept.get(key) ?? Number.NEGATIVE_INFINITY) < freshMs) return
    this.#kept.delete(key)
    this.#kept.set(key, now)
    if (this.#kept.size > usersMax) this.#kept.delete(this.#kept.keys().next().value!)
    const { trace: _trace, ...value } = answer
    const document = { key, value, metadata: { ttlInSeconds: String(keptSeconds) } }
    const reply = await this.#send('', 'POST', JSON.stringify([document]))
    if (!reply?.ok) this.#kept.delete(key)
  }

  async forget(user: string): Promise<void> {
    for (const generation of this.#options.generations) {
      const key = keyOf(user, generation)
      this.#kept.delete(key)
      await this.#send(`/${encodeURIComponent(key)}`, 'DELETE')
    }
  }

  /** Undefined where nobody answers in time, or did not lately. */
  async #send(path: string, method = 'GET', body?: string): Promise<Response | undefined> {
    const { token, patienceMs, pauseMs, clock } = this.#options
    if (clock.monotonic() < this.#pausedUntil) return undefined
    const signal = AbortSignal.timeout(patienceMs)
    const given = { method, signal, ...(body !== undefined && { body }) }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { ...tokenHeaders(token), ...type }
    const reply = await fetch(this.#address + path, { ...given, headers }).catch(() => undefined)
    if (!reply || reply.status >= 400) this.#pausedUntil = clock.monotonic() + pauseMs
    return reply
  }
}

/** Ids may have what a key must not. */
const keyOf = (user: string, generation: string) =>
  `${generation}.${Buffer.from(user).toString('base64url')}`
