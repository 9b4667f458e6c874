/**
 * `pinwheel evaluate --generations`: generation 3 against generation 2, both taught by what lies
 * before the test and asked by the code that serves; what generation 3 is taught beside what was
 * shown is chosen on a fold.
 */
import { chooseTeaching, TaughtGenerations, teachings } from '../../actors/index.ts'
import { type Clock, systemClock } from '../../base/index.ts'
import { compareMeasured, type Dataset, evaluateRanker } from '../../ranking/index.ts'
import type { Progress } from './progress.ts'

export type GenerationsFlags = { readonly at: number; readonly seed: number }

/** EVALUATION_DATA for data without times and labels; TRAINING_DATA where it cannot teach. */
export async function evaluateGenerations(
  data: Dataset,
  { at, seed }: GenerationsFlags,
  progress: Progress,
) {
  const clock = systemClock
  const began = clock.monotonic()
  const { chosen, fold } = await chooseTeaching(data, { at, seed }, clock)
  const selectSeconds = secondsSince(clock, began)
  for (const { teaching, auc, ndcg } of fold) {
    progress.say(`on the fold: ${teaching}: AUC ${auc.toFixed(4)}, NDCG ${ndcg.toFixed(4)}`)
  }
  const fitting = clock.monotonic()
  const taught = await TaughtGenerations.teach(data, { ...teachings[chosen], seed }, clock)
  const options = {
    at,
    seed,
    clock,
    onProgress: (done: number, total: number) => progress.update(done, total),
  }
  const two = await evaluateRanker(taught.collaborative(), data, options)
  const { ranker, trained } = await taught.deep({}, { clock })
  const fitSeconds = secondsSince(clock, fitting)
  const three = await evaluateRanker(ranker, data, options)
  const { raw, ndcg, auc, pooledAuc } = compareMeasured(three.measured, two.measured, seed)
  return {
    generation3: { ...three.figures, training: trained.metrics },
    generation2: two.figures,
    difference: { [`recall@${at}`]: raw, [`ndcg@${at}`]: ndcg.raw, auc, pooledAuc },
    chosen,
    fold,
    fitSeconds,
    selectSeconds,
    seed,
  }
}

const secondsSince = (clock: Clock, began: number) =>
  Math.round((clock.monotonic() - began) / 100) / 10
