/** A running Pinwheel server as the live load asks it: over HTTP, and believing nothing. */
import { type EventEntry, pinwheelError } from '../../base/index.ts'
import type { GenerationName } from '../../ranking/index.ts'
import type { Feed, FeedAsk, Outcome, Taken, Target } from '../../simulator/index.ts'
import type { ClientReply, ClientRequest } from './http-client.ts'

/** What requests go through; neither method throws. */
export interface Client {
  request(request: ClientRequest): Promise<ClientReply>
  close(): void
}

export class LiveTarget implements Target {
  readonly #client: Client
  readonly #generation: GenerationName | undefined

  /** Feeds of the generation that the server gives by itself, where none is named. */
  constructor(client: Client, generation?: GenerationName) {
    this.#client = client
    this.#generation = generation
  }

  async feed({ user, limit, exclude = [], at, seed }: FeedAsk): Promise<Outcome<Feed>> {
    const query = [`limit=${limit}`]
    if (this.#generation) query.push(`generation=${this.#generation}`)
    if (at !== undefined) query.push(`at=${at}`)
    if (seed !== undefined) query.push(`seed=${seed}`)
    for (const pin of exclude) query.push(`exclude=${encodeURIComponent(pin)}`)
    const path = `/v1/users/${encodeURIComponent(user)}/recommendations?${query.join('&')}`
    return read(await this.#client.request({ method: 'GET', path }), readFeed)
  }

  async send(entries: readonly EventEntry[]): Promise<Outcome<Taken>> {
    const body = JSON.stringify({ entries })
    const reply = await this.#client.request({ method: 'POST', path: '/v1/events', body })
    return read(reply, (value) => readTaken(value, entries.length))
  }

  /**
   * Asks for a feed, before there is any load. TARGET_UNREACHABLE, TARGET_UNFIT, KEY_REQUIRED, each
   * with `address`; a server that is busy is none of these.
   */
  async check(user: string, address: string): Promise<void> {
    const path = `/v1/users/${encodeURIComponent(user)}/recommendations?limit=1`
    const reply = await this.#client.request({ method: 'GET', path })
    if (reply.failure === 'REFUSED' || reply.failure === 'LOST') {
      throw pinwheelError('TARGET_UNREACHABLE', { address, reason: reply.reason })
    }
    const { code } = read(reply, readFeed)
    if (code === undefined || busy.has(code)) return
    if (code === 'KEY_REQUIRED') throw pinwheelError('KEY_REQUIRED')
    const reason = reply.failure === undefined ? code : `${code}, ${reply.reason}`
    throw pinwheelError('TARGET_UNFIT', { address, reason })
  }

  close(): void {
    this.#client.close()
  }
}

const busy = new Set(['OVERLOADED', 'DEADLINE', 'SHARD_DOWN'])

/** The value of a good reply; the failure, the server's own code, or what is wrong with it. */
function read<T>(reply: ClientReply, shape: (value: unknown) => Outcome<T>): Outcome<T> {
  if (reply.failure !== undefined) return { code: reply.failure }
  const { status, body } = reply
  const isGood = status >= 200 && status < 300
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return { code: isGood ? 'NOT_JSON' : `STATUS_${status}` }
  }
  if (isGood) return shape(value)
  const code = fields(fields(value)?.['error'])?.['code']
  // A stranger's words never become a name of ours.
  const isCode = typeof code === 'string' && /^[A-Z][A-Z_]{2,39}$/.test(code)
  return { code: isCode ? code : `STATUS_${status}` }
}

const misshapen = { code: 'WRONG_SHAPE' } as const

function readFeed(value: unknown): Outcome<Feed> {
  const { request, generation, model, items } = fields(value) ?? {}
  if (typeof request !== 'string' || typeof generation !== 'string') return misshapen
  if (!Array.isArray(items) || !items.every(isShown)) return misshapen
  const pins = items.map(({ pin, propensity }) => ({ pin, propensity }))
  const known = typeof model === 'string' ? { model } : {}
  return { value: { request, generation, ...known, pins } }
}

function isShown(item: unknown): item is Feed['pins'][number] {
  const { pin, propensity } = fields(item) ?? {}
  if (typeof pin !== 'string' || pin === '') return false
  return typeof propensity === 'number' && propensity > 0 && propensity <= 1
}

function readTaken(value: unknown, count: number): Outcome<Taken> {
  const verdicts = fields(value)?.['entries']
  if (!Array.isArray(verdicts) || verdicts.length !== count) return misshapen
  let duplicate = 0
  for (const verdict of verdicts) {
    const { status, code } = fields(verdict) ?? {}
    if (status === 'rejected') return { code: typeof code === 'string' ? code : 'REJECTED' }
    if (status === 'duplicate') duplicate++
    else if (status !== 'accepted') return misshapen
  }
  return { value: { accepted: count - duplicate, duplicate } }
}

function fields(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined
}
