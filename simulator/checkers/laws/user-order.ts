import { codeOf, type EventEntry, isEvent } from '../../../base/index.ts'
import type { Evidence, Law } from '../evidence.ts'

/**
 * A user's events are applied in the order of the log, and stand there in the order in which the
 * user's client had them acknowledged.
 */
export const userOrder: Law = {
  name: 'order of a user',
  says: 'the events of a user are applied in the order in which they were acknowledged',
  broken(evidence) {
    const problems: string[] = []
    for (const [user, positions] of evidence.finals?.applied ?? []) {
      const at = positions.findIndex((position, i) => i > 0 && position < positions[i - 1]!)
      if (at >= 0) problems.push(`${user} was given ${positions[at]} after ${positions[at - 1]}`)
    }
    for (const { user, applied } of evidence.history.reads) {
      if (applied.some((position, i) => i > 0 && position < applied[i - 1]!)) {
        problems.push(`a read of ${user} saw its events out of order`)
      }
    }
    return [...problems, ...sentOrder(evidence), ...keptActions(evidence)]
  },
}

/** A client waits for one batch before it sends the next. */
function sentOrder({ history }: Evidence): string[] {
  const problems: string[] = []
  const last = new Map<string, number>()
  for (const { client, entries } of history.batches) {
    const before = new Map(last)
    for (const { partition, position } of entries) {
      const place = `${client} ${partition}`
      if (position <= (before.get(place) ?? -1)) {
        problems.push(`${place}-${position} was sent after ${before.get(place)} and stands before`)
      }
      last.set(place, Math.max(position, last.get(place) ?? -1))
    }
  }
  return problems
}

/** What a user actor keeps of the last actions is the end of that order. */
function keptActions({ log, finals }: Evidence): string[] {
  const problems: string[] = []
  for (const [user, kept] of finals?.actions ?? []) {
    const expected = log.all
      .filter(({ entry, isResend }) => isEvent(entry) && entry.user === user && !isResend)
      .map(({ entry }) => entry as EventEntry)
      .filter(({ kind }) => kind !== 'impression' && kind !== 'follow-topic')
      .map(({ kind, pin }) => `${codeOf(kind)} ${pin}`)
    const found = kept.map(({ kind, pin }) => `${kind} ${pin}`)
    const isEqual = found.length === expected.length && found.every((f, i) => f === expected[i])
    if (!isEqual) problems.push(`the actions of ${user} are ${found}; the log says ${expected}`)
  }
  return problems
}
