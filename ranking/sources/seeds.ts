/** Where sources start: the user's seeds, or the pins that others shall be related to. */
import type { WalkSeed } from '../../graph/index.ts'
import type { RankRequest } from '../pipeline/request.ts'
import type { Ranking } from '../pipeline/stage.ts'

export function hasSeeds(request: RankRequest): boolean {
  return (request.relatedTo?.length ?? 0) > 0 || request.user.seeds.length > 0
}

/** Seeds with weights that sum to 1. */
export function walkSeeds({ request }: Ranking): WalkSeed[] {
  const seeds = request.relatedTo?.map((pin) => ({ pin, weight: 1 })) ?? request.user.seeds
  const sum = seeds.reduce((total, seed) => total + seed.weight, 0)
  return seeds.map(({ pin, weight }) => ({ pin, weight: weight / sum }))
}

export function* excluded(request: RankRequest): IterableIterator<number> {
  yield* request.user.exclude
  yield* request.exclude
}
