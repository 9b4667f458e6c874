import type { GenerationName, RankReply, RankRequest } from '../pipeline/request.ts'
import { runPipeline } from '../pipeline/run.ts'
import type { RankingServices } from '../pipeline/services.ts'
import type { Composition } from '../pipeline/stage.ts'
import { recommendForBoard } from './board.ts'
import { collaborativeGeneration } from './collaborative.ts'
import { deepGeneration } from './deep.ts'
import { mixedGeneration } from './mixed.ts'
import { tagsGeneration } from './tags.ts'

export const generations: Readonly<Record<GenerationName, Composition>> = {
  tags: tagsGeneration,
  collaborative: collaborativeGeneration,
  mixed: mixedGeneration,
  deep: deepGeneration,
}
export const generationNames = Object.keys(generations) as readonly GenerationName[]

/** Answers a request with the composition that it names; one for a board on the board's ladder. */
export function recommend(request: RankRequest, services: RankingServices): Promise<RankReply> {
  const { board } = request
  if (board) return recommendForBoard({ ...request, board }, services, generations)
  return runPipeline(generations[request.generation], request, services)
}
