/**
 * The API as the page uses it. Every failure is an `ApiError` with the server's code and sentence;
 * a server that does not answer is one too, with the code UNREACHABLE of our own.
 */
import type { Entry } from '../../base/index.ts'
import type { GenerationName, RequestPlace } from '../../ranking/index.ts'
import type { PinCard, RecommendedPin, RecommendReply, UserSummary } from '../http/index.ts'

export type { GenerationName, PinCard, RecommendedPin, RecommendReply, UserSummary }

export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A feed with the time that the server took for it, where it told. */
export type Feed = RecommendReply & { readonly ms?: number }

export type FeedAsk = {
  readonly user: string
  readonly generation: GenerationName
  readonly limit: number
  readonly seed: number
  readonly place: RequestPlace
  readonly after?: string
  readonly exclude?: readonly string[]
}
type EventsReply = {
  readonly position?: string
  readonly entries: readonly { readonly status: string; readonly reason?: string }[]
}
type Options = { readonly signal?: AbortSignal }

const KEY = 'pinwheel-key'

/** The key for this tab; gone when the tab is closed. */
export const keyStore = {
  get: (): string | null => sessionStorage.getItem(KEY),
  set: (key: string): void => sessionStorage.setItem(KEY, key),
}

export async function fetchFeed(ask: FeedAsk, { signal }: Options = {}): Promise<Feed> {
  const query = new URLSearchParams({
    generation: ask.generation,
    limit: String(ask.limit),
    seed: String(ask.seed),
    explain: 'true',
    ...ask.place,
  })
  if (ask.after !== undefined) query.set('after', ask.after)
  for (const pin of ask.exclude ?? []) query.append('exclude', pin)
  const path = `/v1/users/${encodeURIComponent(ask.user)}/recommendations?${query}`
  const reply = await send(path, { ...(signal && { signal }) })
  const ms = serverTime(reply.headers.get('server-timing'))
  const feed = (await reply.json()) as RecommendReply
  return ms === undefined ? feed : { ...feed, ms }
}

export async function fetchRelated(
  pin: string,
  limit: number,
  { signal }: Options = {},
): Promise<RecommendReply> {
  const path = `/v1/pins/${encodeURIComponent(pin)}/related?limit=${limit}`
  const reply = await send(path, { ...(signal && { signal }) })
  return (await reply.json()) as RecommendReply
}

export async function fetchUsers(limit: number): Promise<readonly UserSummary[]> {
  const reply = await send(`/v1/users?limit=${limit}`)
  return ((await reply.json()) as { users: UserSummary[] }).users
}

/** The position to read after; an entry that was rejected is an error here. */
export async function sendEvents(entries: readonly Entry[]): Promise<string | undefined> {
  const reply = await send('/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ entries }),
    // What was seen is still told when the tab is closed.
    keepalive: true,
  })
  const taken = (await reply.json()) as EventsReply
  const rejected = taken.entries.find((entry) => entry.status === 'rejected')
  if (rejected) throw new ApiError('REJECTED', rejected.reason ?? 'The event was rejected.')
  return taken.position
}

async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const key = keyStore.get()
  const headers = new Headers(init.headers)
  if (key !== null) headers.set('authorization', `Bearer ${key}`)
  const reply = await fetch(path, { ...init, headers }).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause
    throw new ApiError('UNREACHABLE', 'The server does not answer. Is it running?')
  })
  if (reply.ok) return reply
  const body = (await reply.json().catch(() => undefined)) as
    | { readonly error?: { readonly code: string; readonly message: string } }
    | undefined
  throw new ApiError(body?.error?.code ?? 'UNREACHABLE', body?.error?.message ?? reply.statusText)
}

/** Milliseconds in `total;dur=12.3`. */
export function serverTime(header: string | null): number | undefined {
  const found = /\btotal;dur=([\d.]+)/.exec(header ?? '')
  return found?.[1] === undefined ? undefined : Number(found[1])
}
