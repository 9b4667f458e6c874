/**
 * The part of an ask that this host can know: its ranker follows the log at its own pace, and what
 * a shard says of a user may name what it has not read yet. That can be walked from nowhere here
 * and need not be left out: it is passed over.
 */
import type { Names } from '../../../base/index.ts'

type Ids = readonly unknown[]

/** Of an ask as it crosses hosts; what is malformed stays, for the shape to refuse. */
export function knownPart(packed: unknown, names: Names): unknown {
  const ask = Object(packed) as Readonly<Record<string, unknown>>
  const user = Object(ask['user']) as Readonly<Record<string, unknown>>
  const known = (space: 'pin' | 'tag' | 'board', ids: unknown) =>
    list(ids, (id) => typeof id !== 'string' || names[space].find(id) >= 0)
  const seeds = list(user['seeds'], (seed) => {
    const { pin } = Object(seed) as { readonly pin?: unknown }
    return typeof pin !== 'string' || names.pin.find(pin) >= 0
  })
  const { exclude, topics, boards } = user
  return {
    ...ask,
    exclude: known('pin', ask['exclude']),
    ...(ask['served'] !== undefined && { served: known('pin', ask['served']) }),
    user: {
      ...user,
      seeds,
      exclude: known('pin', exclude),
      topics: known('tag', topics),
      boards: known('board', boards),
    },
  }
}

function list(value: unknown, keeps: (item: unknown) => boolean): unknown {
  return Array.isArray(value) ? (value as Ids).filter(keeps) : value
}
