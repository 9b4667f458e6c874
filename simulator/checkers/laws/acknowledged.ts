import { isEvent } from '../../../base/index.ts'
import type { Law } from '../evidence.ts'
import { POISON_WEIGHT } from '../hosted-types.ts'

/**
 * Acknowledged is a promise: the entry stands in the log where the client was told, the verdict
 * (new or resend) is the truth, and a new event has been applied to its user once. Another law says
 * that it has been applied at most once.
 */
export const acknowledged: Law = {
  name: 'acknowledged',
  says: 'what was acknowledged is in the log, in its place, and applied exactly once',
  broken({ history, log, finals }) {
    const problems: string[] = []
    const applied = new Map<string, Set<number>>()
    for (const [user, positions] of finals?.applied ?? []) applied.set(user, new Set(positions))
    for (const { entries } of history.batches) {
      for (const { entry, key, partition, position, verdict } of entries) {
        const logged = log.partitions[partition]?.[position]
        const place = `${partition}-${position}`
        if (logged?.key !== key) {
          problems.push(`${key} was acknowledged at ${place}; there is ${logged?.key ?? 'nothing'}`)
          continue
        }
        const truth = logged.isResend ? 'duplicate' : 'accepted'
        if (verdict !== truth) problems.push(`${key} at ${place} was called ${verdict}`)
        if (!finals || logged.isResend || !isEvent(entry) || entry.weight === POISON_WEIGHT)
          continue
        if (!applied.get(entry.user)?.has(position)) {
          problems.push(`${key} at ${place} was acknowledged and not applied`)
        }
      }
    }
    return problems
  },
}
