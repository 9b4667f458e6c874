import { type Feature, timeToLive } from './feature.ts'
import { logCount } from './log-count.ts'

export const impressions: Feature = {
  name: 'impressions',
  about: 'How often the pin was shown, on a log scale: how much its rates can be trusted.',
  of: 'pin',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: (_ranking, { impressions }) => {
    return (row) => logCount(impressions[row]!)
  },
}
