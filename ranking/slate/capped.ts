/**
 * The slate: the best by score, with at most so many of one board and one topic; what the caps push
 * out waits in a reserve and fills the end if the slate stays short. Each pin stands once.
 *
 * A pin's board here is the busiest board it stands on (its first in the frozen graph); pins
 * without one are not capped by it. Pins without a topic count as one topic together.
 */
import { NONE } from '../../base/index.ts'
import { byScore } from '../pipeline/run.ts'
import { always, type Ranking, type Selector } from '../pipeline/stage.ts'

export const slateDefaults = Object.freeze({
  /** Share of the slate that one topic may take, at least 2 pins. */
  topicShare: 0.6,
  perBoard: 4,
})

export const cappedSlate: Selector = {
  kind: 'selector',
  name: 'slate',
  budgetMs: 0,
  enabled: always,
  select(ranking) {
    ranking.slate = cap(ranking, byScore(ranking))
  },
}

function cap(ranking: Ranking, order: readonly number[]): number[] {
  const { request, candidates, services, view } = ranking
  const perTopic = Math.max(2, Math.ceil(request.limit * slateDefaults.topicShare))
  const topics = new Map<number, number>()
  const boards = new Map<number, number>()
  const slate: number[] = []
  const reserve: number[] = []
  const fits = (counts: Map<number, number>, key: number, max: number) =>
    (counts.get(key) ?? 0) < max
  const count = (counts: Map<number, number>, key: number) =>
    counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const index of order) {
    if (slate.length === request.limit) break
    const pin = candidates.pins[index]!
    const topic = services.features.topic(pin)
    const board = view.frozen.degreeOfPin(pin) > 0 ? view.boardOfPin(pin, 0) : NONE
    const boardFits = board === NONE || fits(boards, board, slateDefaults.perBoard)
    const fit = fits(topics, topic, perTopic) && boardFits
    if (fit) {
      slate.push(index)
      count(topics, topic)
      count(boards, board)
    } else {
      reserve.push(index)
    }
  }
  return slate.concat(reserve.slice(0, request.limit - slate.length))
}
