import { isEvent } from '../../../base/index.ts'
import type { Law } from '../evidence.ts'

/** The counter on a card that counts events of a kind. */
const counterOf: Readonly<Record<string, string>> = {
  impression: 'impressions',
  closeup: 'closeups',
  save: 'saves',
  hide: 'hides',
  outbound: 'outbounds',
  purchase: 'declared',
  dislike: 'declared',
}
const counters = [...new Set(Object.values(counterOf))]

/** What a pin counts is what the log says of it. */
export const countersAreFolds: Law = {
  name: 'counters',
  says: 'the counters of every pin are a fold of the log',
  broken({ log, finals }) {
    if (!finals) return []
    const counts = new Map<string, Record<string, number>>()
    for (const { entry, isResend } of log.all) {
      if (!isEvent(entry) || isResend || entry.pin === undefined) continue
      const pin = counts.get(entry.pin) ?? {}
      counts.set(entry.pin, pin)
      const counter = entry.kind === 'unsave' ? 'unsaves' : counterOf[entry.kind]!
      pin[counter] = (pin[counter] ?? 0) + 1
    }
    return [...finals.cards].flatMap(([pin, card]) => {
      const { unsaves = 0, ...expected } = counts.get(pin) ?? {}
      expected['saves'] = Math.max(0, (expected['saves'] ?? 0) - unsaves)
      return counters
        .filter((counter) => (card[counter] ?? 0) !== (expected[counter] ?? 0))
        .map((counter) => `${pin} has ${card[counter]} ${counter}, not ${expected[counter] ?? 0}`)
    })
  },
}
