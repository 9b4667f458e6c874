/**
 * Back-pressure: at most `callsMax` calls into the recommender at one time. The count is of work,
 * not of connections: a client that hangs up does not make room before its call has ended.
 */
import { pinwheelError } from '../../base/index.ts'
import type { Recommender } from './recommender-port.ts'

export function boundedRecommender(inner: Recommender, callsMax: number): Recommender {
  let calls = 0
  const bounded = async <T>(call: () => Promise<T>): Promise<T> => {
    if (calls >= callsMax) throw pinwheelError('OVERLOADED', { count: calls })
    calls++
    try {
      return await call()
    } finally {
      calls--
    }
  }
  return {
    ingest: (entries) => bounded(() => inner.ingest(entries)),
    recommend: (ask) => bounded(() => inner.recommend(ask)),
    related: (ask) => bounded(() => inner.related(ask)),
    pin: (id) => bounded(() => inner.pin(id)),
    userState: (id, after) => bounded(() => inner.userState(id, after)),
    users: (limit) => bounded(() => inner.users(limit)),
    status: () => inner.status(),
    counters: () => inner.counters(),
  }
}
