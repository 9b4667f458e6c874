import { pinwheelError } from '../../../base/index.ts'
import { BEHIND } from './feed-path.ts'
import type { HostRanker } from './host-ranker.ts'

/** Of `users`. */
const USERS_MAX = 1_000

/** What rankers answer through the sidecar. METHOD_UNLISTED. */
export function askRanker(ranker: HostRanker, method: string, body: unknown): Promise<unknown> {
  switch (method) {
    case 'recommend':
      return withDelay(ranker, ranker.recommend(body))
    case 'answer':
      return withDelay(ranker, ranker.answer(body))
    case 'ownerOf':
      return ranker.ownerOf(String(body))
    case 'facts':
      return ranker.facts()
    case 'users':
      return ranker.users(Math.min(USERS_MAX, Math.max(1, Number(body) || 1)))
    case 'models':
      return ranker.models()
    default:
      return Promise.reject(pinwheelError('METHOD_UNLISTED', { type: 'Ranker', method }))
  }
}

/** A ranker that is far behind the log says so, and is asked less. */
async function withDelay(ranker: HostRanker, answer: Promise<unknown>): Promise<unknown> {
  const { behindMs } = ranker
  return behindMs < BEHIND.fromMs ? answer : { ...Object(await answer), behindMs }
}
