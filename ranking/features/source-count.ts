import { type Feature, timeToLive } from './feature.ts'

export const sourceCount: Feature = {
  name: 'source_count',
  about: 'How many personal sources proposed the pin, of three.',
  of: 'cross',
  range: [0, 1],
  default: 0,
  ttlMs: timeToLive.never,
  read: ({ candidates }) => {
    const [walk, neighbours, sequences] = (['walk', 'neighbours', 'sequences'] as const).map(
      (name) => candidates.scoresOf(name),
    )
    const said = (scores: Float64Array | undefined, index: number) => Number(scores![index]! > 0)
    return (_row, index) =>
      (said(walk, index) + said(neighbours, index) + said(sequences, index)) / 3
  },
}
