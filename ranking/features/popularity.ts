import { type Feature, timeToLive } from './feature.ts'

export const popularity: Feature = {
  name: 'popularity',
  about: 'Saves of all time, on a log scale.',
  of: 'pin',
  range: [0, 23],
  default: 0,
  ttlMs: timeToLive.hour,
  read: ({ services }) => {
    const { saves } = services.features.columns
    return (_index, pin) => Math.log1p(saves[pin]!)
  },
}
