/** Saves of the last days, older ones counting less, on a log scale. */
import type { Feature } from './feature.ts'

export const recentSaves: Feature = {
  name: 'recent_saves',
  read: ({ services, request }, _index, pin) =>
    Math.log1p(services.features.recentSaves(pin, request.at)),
}
