/** The order of candidates by score: the same on every host, whoever found them first. */
import type { Ranking } from './stage.ts'

/** Scores closer than 1 / this are equal: no back end's rounding may decide an order. */
export const QUANTA = 1e5
/** Whole numbers below 2 to this are exact in a float. */
const FRACTION_BITS = 53

/** Living candidates by quantised score, ties by outside id. */
export function byScore({ candidates, services }: Pick<Ranking, 'candidates' | 'services'>) {
  const quantised = new Float64Array(candidates.count)
  for (let i = 0; i < candidates.count; i++) {
    quantised[i] = Math.round(candidates.final[i]! * QUANTA)
  }
  const order = byValue(quantised, candidates.alive)
  // Ids are text in other memory: they are read for ties alone.
  const id = (i: number) => services.names.pin.id(candidates.pins[i]!)
  for (let from = 0, to = 1; from < order.length; from = to++) {
    while (to < order.length && quantised[order[to]!] === quantised[order[from]!]) to++
    if (to - from === 1) continue
    const tied = order.slice(from, to).map((i) => ({ i, id: id(i) }))
    tied.sort((a, b) => (a.id < b.id ? -1 : 1))
    tied.forEach(({ i }, n) => {
      order[from + n] = i
    })
  }
  return order
}

/** Places of the living by falling whole value, ties in any order. */
function byValue(values: Float64Array, alive: Uint8Array): number[] {
  const bits = 32 - Math.clz32(values.length)
  const room = 2 ** (FRACTION_BITS - bits)
  const living: number[] = []
  let most = 0
  for (let i = 0; i < values.length; i++) {
    if (alive[i] === 0) continue
    living.push(i)
    most = Math.max(most, Math.abs(values[i]!))
  }
  if (!(most < room)) return living.sort((a, b) => values[b]! - values[a]!)
  // A place stands behind its value in one float: such are sorted without asking back.
  const span = 2 ** bits
  const keys = new Float64Array(living.length)
  for (let n = 0; n < keys.length; n++) keys[n] = living[n]! - values[living[n]!]! * span
  keys.sort()
  for (let n = 0; n < keys.length; n++) living[n] = keys[n]! - Math.floor(keys[n]! / span) * span
  return living
}
