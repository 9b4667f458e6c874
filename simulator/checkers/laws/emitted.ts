import { type Entry, isEvent } from '../../../base/index.ts'
import type { Law } from '../evidence.ts'
import { emitterOf } from '../hosted-types.ts'

/** What a turn caused: another law knows what clients sent. */
export function isEmitted(entry: Entry): boolean {
  return isEvent(entry) && entry.id.startsWith('emitted:')
}

/**
 * A turn's events are in the log if its change is kept, and once. Every turn of a counter adds 1
 * and emits an event with the sum, so a counter that has come to 7 has emitted 1 to 7.
 */
export const emitted: Law = {
  name: 'emitted',
  says: 'what a kept turn emitted is in the log and applied, once, in order; of others nothing is',
  broken({ log, finals }) {
    if (!finals) return []
    return [...finals.counters].flatMap(([id, sum]) => {
      const user = emitterOf(id)
      const there = log.all.filter(({ entry }) => isEvent(entry) && entry.user === user)
      const sums = there.map(({ entry }) => (isEvent(entry) ? (entry.weight ?? 1) : 0))
      const expected = Array.from({ length: sum }, (_, n) => n + 1)
      const problems: string[] = []
      if (sums.join() !== expected.join()) {
        problems.push(`${id} is ${sum}; it emitted ${sums.join(' ')}`)
      }
      const applied = finals.applied.get(user)?.length ?? 0
      if (applied !== sum) problems.push(`of ${sum} events of ${id} ${applied} were applied`)
      return problems
    })
  },
}
