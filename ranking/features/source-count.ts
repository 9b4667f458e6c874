/** How many personal sources proposed the pin, of three. */
import type { Feature } from './feature.ts'

export const sourceCount: Feature = {
  name: 'source_count',
  read: ({ candidates }, index) =>
    (Number(candidates.score('walk', index) > 0) +
      Number(candidates.score('neighbours', index) > 0) +
      Number(candidates.score('sequences', index) > 0)) /
    3,
}
