/**
 * The best of all pins by the fitted model that is loaded, for what the user saved; or those of the
 * list that was made ahead by that model, without what may not be shown now. What it does not know
 * of (newer pins) is left to the other sources. Its order is the pipeline's.
 */
import { NONE } from '../../base/index.ts'
import { bestItems } from '../fitted/best-items.ts'
import type { FittedRanker } from '../pipeline/services.ts'
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
      if (request.list?.version === model.version && findListed(ranking, model)) return true
      const { hash, exclude, savedCount } = request.user
      const saved = exclude.slice(0, savedCount).reverse()
      const scores = await model.score({ hash, saved })
      if (!scores) return false
      const { values, pinOf } = scores
      const mayShow = shown(ranking)
      const best = bestItems(values, top, (item) => mayShow(pinOf[item]!))
      const { version } = model
      ranking.fitted = { version, best, values, scoreOf: (pin) => scores.scoreOf(pin) }
      for (const item of best) ranking.candidates.add('fitted', pinOf[item]!, values[item]!)
      return true
    },
  }
}

/** Takes the list that came with the request; false where too little of it may be shown. */
function findListed(ranking: Ranking, { version, pinOf }: FittedRanker): boolean {
  const { request, candidates } = ranking
  const { items = [], scores = [] } = request.list ?? {}
  const mayShow = shown(ranking)
  const known = new Map<number, number>()
  items.forEach((item, i) => {
    const pin = pinOf[item] ?? NONE
    if (mayShow(pin)) known.set(pin, scores[i]!)
  })
  if (known.size < request.limit) return false
  for (const [pin, score] of known) candidates.add('fitted', pin, score)
  ranking.fitted = { version, isListed: true, scoreOf: (pin) => known.get(pin) }
  return true
}

function shown({ request, services: { features }, view: { delta } }: Ranking) {
  const out = new Set(excluded(request))
  return (pin: number) =>
    pin !== NONE && !out.has(pin) && !features.isGone(pin) && !delta.isHidden(pin)
}

/** A source that is not asked where a list was made ahead and is long enough. */
export function unlessListed(source: Source): Source {
  return {
    ...source,
    find: (ranking) => (ranking.fitted?.isListed ? false : source.find(ranking)),
  }
}
