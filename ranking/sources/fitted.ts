/**
 * The best of all pins by the fitted model that is loaded, for what the user saved. What it does
 * not know of (newer pins) is left to the other sources. Its order is the pipeline's: quantised
 * scores, ties by outside id, as the model's items are numbered.
 */
import { NONE } from '../../base/index.ts'
import { TopK } from '../../graph/index.ts'
import { QUANTA } from '../pipeline/by-score.ts'
import type { Ranking, Source } from '../pipeline/stage.ts'
import { excluded } from './seeds.ts'

export type FittedSourceOptions = { readonly top: number }

/** Rules of slates drop some of them; more than a slate has must come in. */
export const fittedSourceDefaults: FittedSourceOptions = Object.freeze({ top: 500 })

export function fittedSource(given: Partial<FittedSourceOptions> = {}): Source {
  const { top } = { ...fittedSourceDefaults, ...given }
  return {
    kind: 'source',
    name: 'fitted',
    budgetMs: 5,
    enabled: ({ user, relatedTo }) => relatedTo === undefined && user.savedCount > 0,
    async find(ranking) {
      const { request, services } = ranking
      const model = services.fitted?.()
      if (!model) return false
      const { hash, exclude, savedCount } = request.user
      const saved = exclude.slice(0, savedCount).reverse()
      const scores = await model.score({ hash, saved })
      if (!scores) return false
      const best = bestOf(ranking, scores, top)
      ranking.fitted = { version: model.version, scoreOf: (pin) => scores.scoreOf(pin) }
      for (const [pin, score] of best) ranking.candidates.add('fitted', pin, score)
      return true
    },
  }
}

function bestOf(
  { request, services, view: { delta } }: Ranking,
  { values, pinOf }: { readonly values: ArrayLike<number>; readonly pinOf: Uint32Array },
  top: number,
): [pin: number, score: number][] {
  const { features } = services
  const out = new Set(excluded(request))
  const heap = new TopK(Math.min(top, pinOf.length))
  for (let item = 0; item < pinOf.length; item++) {
    const score = Math.round(values[item]! * QUANTA)
    if (Number.isNaN(score)) throw new Error('the fitted model gave a score that is not a number')
    if (score < heap.floor) continue
    const pin = pinOf[item]!
    if (pin === NONE || out.has(pin) || features.isGone(pin) || delta.isHidden(pin)) continue
    heap.offer(item, score)
  }
  const { keys } = heap.sorted()
  return Array.from(keys, (item) => [pinOf[item]!, values[item]!])
}
