/**
 * `User/{id}`: what any Dapr client invokes for a feed. A thin front without state: it takes the
 * user's context from its shard and ranks with the graph and features of its host. With the same
 * positions, `at` and `seed` it gives the feed that the embedded host gives.
 */
import {
  type Clock,
  hash32,
  limits,
  listShape,
  type Names,
  numberShape,
  oneOfShape,
  optionalShape,
  pinwheelError,
  recordShape,
  ShapeError,
  type ShapeOf,
  textShape,
} from '../../../base/index.ts'
import { generationNames, type UserContext } from '../../../ranking/index.ts'
import type { Engine } from '../../engine.ts'
import { userContextShape } from '../../user-actor.ts'

const frontAskShape = recordShape({
  limit: optionalShape(numberShape(1, limits.recommendationsMax)),
  generation: optionalShape(oneOfShape(generationNames)),
  exclude: optionalShape(listShape(textShape(limits.idBytesMax), limits.excludedPinsMax)),
  /** Time of the request; with `seed`, the whole of its randomness. */
  at: optionalShape(numberShape(0)),
  seed: optionalShape(numberShape(0, 0xffffffff)),
})
export type FrontAsk = ShapeOf<typeof frontAskShape>

const DEADLINE_MS = 500

export type FrontServices = {
  readonly engine: Engine
  readonly names: Names
  readonly clock: Clock
  /** The packed context of a user, from its shard. */
  readonly context: (user: string) => Promise<unknown>
}

/** ARGUMENT_INVALID, USER_UNKNOWN, and what the shard says. */
export async function frontRecommend(id: string, body: unknown, services: FrontServices) {
  const asked = readAsk(body)
  const user = decodeFront(id)
  const { engine, names, clock } = services
  const context = userContextShape.unpack(await services.context(user), names) as UserContext
  const at = asked.at ?? clock.now()
  const reply = await engine.recommendFor(context, {
    limit: asked.limit ?? 10,
    generation: asked.generation ?? 'mixed',
    exclude: (asked.exclude ?? []).map((pin) => names.pin.find(pin)).filter((pin) => pin >= 0),
    explain: false,
    at,
    seed: asked.seed ?? hash32(at, context.lastActive),
    deadlineMs: DEADLINE_MS,
    off: [],
  })
  return {
    user,
    generation: reply.generation,
    rung: reply.rung,
    epoch: reply.epoch,
    items: reply.pins.map(({ pin, score, because, sources }) => ({
      pin: names.pin.id(pin),
      score,
      sources,
      ...(because !== undefined && { because: names.pin.id(because) }),
    })),
  }
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
