import type { Law } from '../evidence.ts'

/**
 * A write that an actor was asked for and that was acknowledged is there once and for ever; one
 * whose answer was lost is there once or not at all. Clients add 1, so every acknowledged result is
 * one of a kind.
 */
export const commanded: Law = {
  name: 'commanded writes',
  says: 'an acknowledged write of a commanded actor is kept, once; an unknown one at most once',
  broken({ history, finals }) {
    return [...history.counters].flatMap(([id, { attempts, results }]) => {
      const problems: string[] = []
      if (new Set(results).size < results.length) problems.push(`${id} gave a result twice`)
      const sum = finals?.counters.get(id)
      if (sum === undefined) return problems
      const highest = Math.max(0, results.length, ...results)
      if (sum < highest) problems.push(`${id} is ${sum}; ${highest} was acknowledged`)
      if (sum > attempts) problems.push(`${id} is ${sum} after ${attempts} attempts`)
      return problems
    })
  },
}
