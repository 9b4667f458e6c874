import { isEvent } from '../../../base/index.ts'
import type { Law } from '../evidence.ts'
import { POISON_WEIGHT } from '../hosted-types.ts'
import { isEmitted } from './emitted.ts'

/** Nothing is in the log that nobody sent, and nothing is applied that is not in the log. */
export const nothingMadeUp: Law = {
  name: 'nothing made up',
  says: 'nothing is applied that was not sent, nothing twice, no resend and no poison',
  broken({ history, log, finals }) {
    const problems = log.all
      .filter(({ key, entry }) => !history.sent.has(key) && !isEmitted(entry))
      .map(({ key, partition, position }) => `${key} at ${partition}-${position} was never sent`)
    for (const [user, positions] of finals?.applied ?? []) {
      const partition = log.partitions[history.partitionOf(user)]
      const seen = new Set<number>()
      for (const position of positions) {
        if (seen.has(position)) problems.push(`${position} of ${user} was applied twice`)
        seen.add(position)
        const logged = partition?.[position]
        const entry = logged?.entry
        const isTheirs = entry && isEvent(entry) && entry.user === user
        if (!logged || !isTheirs || logged.isResend || entry.weight === POISON_WEIGHT) {
          const what = logged ? `${logged.key}${logged.isResend ? ', a resend' : ''}` : 'nothing'
          problems.push(`${user} was given ${position}, where there is ${what}`)
        }
      }
    }
    return problems
  },
}
