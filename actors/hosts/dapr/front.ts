/**
 * `User/{id}` and `Board/{id}`: what any Dapr client invokes for a feed, and for ideas for a board.
 * Thin fronts without state, on every host: they take the context of the user, or of the board's
 * owner, from its shard and hand it to a ranker, wherever they live. With the same log, `at` and
 * `seed` they give what the embedded host gives.
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
import { devices, generationNames, surfaces } from '../../../ranking/index.ts'

const frontAskShape = recordShape({
  limit: optionalShape(numberShape(1, limits.recommendationsMax)),
  generation: optionalShape(oneOfShape(generationNames)),
  device: optionalShape(oneOfShape(devices)),
  surface: optionalShape(oneOfShape(surfaces)),
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
  /** Asks a ranker whose a board is. BOARD_UNKNOWN. */
  readonly ownerOf: (board: string) => Promise<string>
}

/** What crosses hosts: `RankReply` with outside ids. */
type PackedReply = {
  readonly rung: string
  readonly generation: string
  readonly epoch: number
  readonly model?: string
  readonly pins: readonly object[]
}

/** The actor types that are fronts. */
export const frontTypes = ['User', 'Board'] as const
export type FrontType = (typeof frontTypes)[number]

/** ARGUMENT_INVALID, USER_UNKNOWN, BOARD_UNKNOWN, and what shard and ranker say. */
export async function frontRecommend(
  { type, id }: { readonly type: FrontType; readonly id: string },
  body: unknown,
  services: FrontServices,
) {
  const asked = readAsk(body, type)
  const name = decodeFront(id)
  const user = type === 'User' ? name : await services.ownerOf(name)
  const about = type === 'User' ? {} : { board: name }
  const at = asked.at ?? services.clock.now()
  const reply = (await services.rank(user, {
    user: await services.context(user),
    ...about,
    limit: asked.limit ?? frontDefaults.limit,
    generation: asked.generation ?? frontDefaults.generation,
    exclude: asked.exclude ?? [],
    ...(asked.device && { device: asked.device }),
    ...(asked.surface && { surface: asked.surface }),
    explain: false,
    at,
    seed: asked.seed ?? hash32(at),
    deadlineMs: frontDefaults.deadlineMs,
    off: [],
  })) as PackedReply
  const { pins, rung, generation, epoch, model } = reply
  const version = model === undefined ? {} : { model }
  return { ...about, user, generation, rung, epoch, ...version, items: pins }
}

function readAsk(body: unknown, type: FrontType): FrontAsk {
  try {
    return frontAskShape.copy(body ?? {})
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const details = { type, method: 'recommend', reason: error.message }
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
