/**
 * `User/{id}`: what any Dapr client invokes for a feed. A thin front without state, on every host:
 * it takes the user's context from its shard and hands it to a ranker, wherever they live. With the
 * same log, `at` and `seed` it gives the feed that the embedded host gives.
 */
import {
  type Clock,
  hash32,
  limits,
  listShape,
  numberShape,
  oneOfShape,
  optionalShape,
  pinwheelError,
  recordShape,
  ShapeError,
  type ShapeOf,
  textShape,
} from '../../../base/index.ts'
import { generationNames } from '../../../ranking/index.ts'

const frontAskShape = recordShape({
  limit: optionalShape(numberShape(1, limits.recommendationsMax)),
  generation: optionalShape(oneOfShape(generationNames)),
  exclude: optionalShape(listShape(textShape(limits.idBytesMax), limits.excludedPinsMax)),
  /** Time of the request; with `seed`, the whole of its randomness. */
  at: optionalShape(numberShape(0)),
  seed: optionalShape(numberShape(0, 0xffffffff)),
})
type FrontAsk = ShapeOf<typeof frontAskShape>

const frontDefaults = Object.freeze({ limit: 10, generation: 'mixed', deadlineMs: 500 })

export type FrontServices = {
  readonly clock: Clock
  /** The context of a user as it crosses hosts, from its shard. */
  readonly context: (user: string) => Promise<unknown>
  /** Asks the ranker of this user's lane. */
  readonly rank: (user: string, ask: object) => Promise<unknown>
}

/** What crosses hosts: `RankReply` with outside ids. */
type PackedReply = {
  readonly rung: string
  readonly generation: string
  readonly epoch: number
  readonly model?: string
  readonly pins: readonly object[]
}

/** ARGUMENT_INVALID, USER_UNKNOWN, and what shard and ranker say. */
export async function frontRecommend(id: string, body: unknown, services: FrontServices) {
  const asked = readAsk(body)
  const user = decodeFront(id)
  const at = asked.at ?? services.clock.now()
  const reply = (await services.rank(user, {
    user: await services.context(user),
    limit: asked.limit ?? frontDefaults.limit,
    generation: asked.generation ?? frontDefaults.generation,
    exclude: asked.exclude ?? [],
    explain: false,
    at,
    seed: asked.seed ?? hash32(at),
    deadlineMs: frontDefaults.deadlineMs,
    off: [],
  })) as PackedReply
  const { pins, rung, generation, epoch, model } = reply
  return { user, generation, rung, epoch, ...(model !== undefined && { model }), items: pins }
}

function readAsk(body: unknown): FrontAsk {
  try {
    return frontAskShape.copy(body ?? {})
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const details = { type: 'User', method: 'recommend', reason: error.message }
    throw pinwheelError('ARGUMENT_INVALID', details)
  }
}

/** Ids outside [A-Za-z0-9_-] are base64url, with a leading dot, in the address of a front. */
export function encodeFront(id: string): string {
  return /^[\w-]+$/.test(id) ? id : `.${Buffer.from(id).toString('base64url')}`
}

function decodeFront(id: string): string {
  return id.startsWith('.') ? Buffer.from(id.slice(1), 'base64url').toString('utf8') : id
}
