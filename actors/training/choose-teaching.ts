/**
 * Which teaching of generation 3 fits a data set, chosen on a fold: whether pins of the whole
 * catalogue alone are drawn beside what was shown, or also those that its sources lead with.
 */
import type { Clock } from '../../base/index.ts'
import { type Dataset, evaluateRanker, foldOfPast } from '../../ranking/index.ts'
import { type DeepTeaching, type TeachingName, teachings } from './deep-teaching.ts'
import { TaughtGenerations } from './taught-generations.ts'

export type ChosenTeaching = {
  readonly chosen: TeachingName
  /** Of each on the fold. */
  readonly fold: readonly {
    readonly teaching: TeachingName
    readonly auc: number
    readonly ndcg: number
  }[]
}

/** Users that are asked on the fold. */
const USERS_MAX = 500

/**
 * The teaching whose product of NDCG and of AUC above that of chance is the greatest on the fold.
 * As `TaughtGenerations`; data that cannot be folded cannot teach.
 */
export async function chooseTeaching(
  data: Dataset,
  { at, seed }: { readonly at: number; readonly seed: number },
  clock: Clock,
): Promise<ChosenTeaching> {
  const past = foldOfPast(data, { seed, usersMax: USERS_MAX })
  const fold: ChosenTeaching['fold'][number][] = []
  for (const [name, teaching] of Object.entries(teachings) as [TeachingName, DeepTeaching][]) {
    const taught = await TaughtGenerations.teach(past, { ...teaching, seed }, clock)
    const { ranker } = await taught.deep({}, { clock })
    const { raw, labels } = (await evaluateRanker(ranker, past, { at, seed, clock })).figures
    fold.push({ teaching: name, auc: labels?.auc ?? 0.5, ndcg: raw[`ndcg@${at}`] as number })
  }
  const worth = (of: (typeof fold)[number]) => (of.auc - 0.5) * of.ndcg
  const [best] = fold.toSorted((a, b) => worth(b) - worth(a))
  return { chosen: best!.teaching, fold }
}
