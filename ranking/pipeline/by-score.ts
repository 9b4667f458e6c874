/** The order of candidates by score: the same on every host, whoever found them first. */
import type { Ranking } from './stage.ts'

/** Scores closer than 1 / this are equal: no back end's rounding may decide an order. */
export const QUANTA = 1e5

/** Living candidates by quantised score, ties by outside id. */
export function byScore({ candidates, services }: Pick<Ranking, 'candidates' | 'services'>) {
  const order: number[] = []
  const quantised = new Float64Array(candidates.count)
  for (let i = 0; i < candidates.count; i++) {
    if (candidates.alive[i] === 0) continue
    quantised[i] = Math.round(candidates.final[i]! * QUANTA)
    order.push(i)
  }
  const id = (i: number) => services.names.pin.id(candidates.pins[i]!)
  return order.sort((a, b) => {
    const by = quantised[b]! - quantised[a]!
    return by !== 0 ? by : id(a) < id(b) ? -1 : 1
  })
}
