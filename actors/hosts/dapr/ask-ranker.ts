import { pinwheelError } from '../../../base/index.ts'
import type { HostRanker } from './host-ranker.ts'

/** Of `users`. */
const USERS_MAX = 1_000

/** What rankers answer through the sidecar. METHOD_UNLISTED. */
export function askRanker(ranker: HostRanker, method: string, body: unknown): Promise<unknown> {
  switch (method) {
    case 'recommend':
      return ranker.recommend(body)
    case 'answer':
      return ranker.answer(body)
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
