import { type Feature, timeToLive } from './feature.ts'
import { logCount } from './log-count.ts'

export const popularity: Feature = {
  name: 'popularity',
  about: 'Saves of all time, on a log scale.',
  of: 'pin',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: (_ranking, { saves }) => {
    return (row) => logCount(saves[row]!)
  },
}
