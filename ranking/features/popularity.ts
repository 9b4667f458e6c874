/** Saves of all time, on a log scale. */
import type { Feature } from './feature.ts'

export const popularity: Feature = {
  name: 'popularity',
  read: ({ services }, _index, pin) => Math.log1p(services.features.columns.saves[pin] ?? 0),
}
