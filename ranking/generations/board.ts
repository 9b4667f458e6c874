/**
 * Pins for a board, on the highest rung that has something to say:
 *
 * 1. its pins are the seeds, as a user's are, in the generation that is asked (`full`, `light`);
 * 2. its title means tags (`TagWords`), which generation 1 answers: whatever it finds stands before
 *    what is popular (`title`);
 * 3. its owner's own seeds and topics (`owner`);
 * 4. what is popular (`popular`).
 *
 * On every rung what is on the board is left out, and what its owner saved, hid or saw lately.
 */
import { limits } from '../../base/index.ts'
import type {
  BoardFacts,
  GenerationName,
  RankReply,
  RankRequest,
  Rung,
} from '../pipeline/request.ts'
import { placeOf } from '../pipeline/request-place.ts'
import { runPipeline } from '../pipeline/run.ts'
import type { RankingServices } from '../pipeline/services.ts'
import { always, type Composition, type Scorer } from '../pipeline/stage.ts'
import { tagScorer } from '../rankers/tag-scorer.ts'
import { excluded } from '../sources/seeds.ts'
import { tagsSourceDefaults } from '../sources/tags.ts'
import { tagsGeneration } from './tags.ts'

/** By the tag scorer, but what has none of the tags stands below whatever has one. */
const titleScorer: Scorer = {
  ...tagScorer,
  name: 'title match',
  enabled: always,
  score(ranking) {
    tagScorer.score(ranking)
    const { candidates } = ranking
    for (let i = 0; i < candidates.count; i++) {
      const score = candidates.final[i]!
      candidates.final[i] = candidates.score('tags', i) > 0 ? 1 + score : score / (1 + score)
    }
    return true
  },
}
const titleGeneration: Composition = { ...tagsGeneration, scorers: [titleScorer] }

export async function recommendForBoard(
  request: RankRequest & { readonly board: BoardFacts },
  services: RankingServices,
  generations: Readonly<Record<GenerationName, Composition>>,
): Promise<RankReply> {
  const { board, user, generation } = request
  const { pins, seeds, title } = board
  if (seeds.length > 0) {
    const savedCount = Math.min(pins.length, limits.actionsPerUserMax)
    const exclude = [...pins, ...user.exclude]
    const asked = { ...request, user: { ...user, seeds, exclude, savedCount, topics: [] } }
    return runPipeline(generations[generation], asked, services)
  }
  const nobody = { ...user, seeds: [], topics: [], savedCount: 0 }
  const byTitle = { ...request, user: nobody, generation: 'tags' } as const
  const wanted = tagsOf(title, byTitle, services)
  if (wanted.size > 0) {
    return on('title', await runPipeline(titleGeneration, { ...byTitle, wanted }, services))
  }
  const { board: _empty, ...rest } = request
  const asked = { ...rest, ...placeOf(request) }
  return on('owner', await runPipeline(generations[generation], asked, services))
}

function on(rung: Rung, reply: RankReply): RankReply {
  return reply.rung === 'popular' ? reply : { ...reply, rung }
}

/** What a title means, of that which has pins that may be shown; nothing where no title does. */
function tagsOf(
  title: string,
  request: RankRequest,
  { tagWords, catalogue, features, graph }: RankingServices,
): Map<number, number> {
  const meant = tagWords?.().meant(title) ?? new Map<number, number>()
  if (meant.size === 0) return meant
  const out = new Set(excluded(request))
  const { delta } = graph()
  const lists = catalogue()
  const isOpen = (pin: number) => !out.has(pin) && !features.isGone(pin) && !delta.isHidden(pin)
  for (const tag of meant.keys()) {
    const best = [lists.tag(tag), lists.topic(tag)]
    const { perTag } = tagsSourceDefaults
    if (!best.some((pins) => pins.subarray(0, perTag).some(isOpen))) meant.delete(tag)
  }
  return meant
}
