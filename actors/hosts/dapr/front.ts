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
import type { FeedPath } from './feed-path.ts'

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

/** As long as the resiliency policy lets a front take, and not quite. */
const frontDefaults = Object.freeze({ limit: 10, generation: 'mixed', deadlineMs: 2_500 })

export type FrontServices = { readonly clock: Clock; readonly path: FeedPath }

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
  { clock, path }: FrontServices,
) {
  const asked = readAsk(body, type)
  const until = clock.monotonic() + frontDefaults.deadlineMs
  const name = decodeFront(id)
  const ownerOf = { until, body: () => name }
  const user = type === 'User' ? name : String(await path.rank(name, 'ownerOf', ownerOf))
  const context = await path.context(user, until)
  if (context === undefined) throw pinwheelError('USER_UNKNOWN', { id: user })
  const about = type === 'User' ? {} : { board: name }
  const at = asked.at ?? clock.now()
  const ask = (deadlineMs: number) => ({
    user: context,
    ...about,
    limit: asked.limit ?? frontDefaults.limit,
    generation: asked.generation ?? frontDefaults.generation,
    exclude: asked.exclude ?? [],
    ...(asked.device && { device: asked.device }),
    ...(asked.surface && { surface: asked.surface }),
    explain: false,
    at,
    seed: asked.seed ?? hash32(at),
    deadlineMs,
    off: [],
  })
  const reply = (await path.rank(user, 'recommend', { until, body: ask })) as PackedReply
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
