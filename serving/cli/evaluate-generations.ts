/**
 * `pinwheel evaluate --generations`: generation 3 against generation 2, both taught by what lies
 * before the test and asked by the code that serves.
 */
import { TaughtGenerations, taughtDefaults } from '../../actors/index.ts'
import { systemClock } from '../../base/index.ts'
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
  const taught = new TaughtGenerations(data, { ...taughtDefaults, seed }, clock)
  const options = {
    at,
    seed,
    clock,
    onProgress: (done: number, total: number) => progress.update(done, total),
  }
  const two = await evaluateRanker(taught.collaborative(), data, options)
  const { ranker, trained } = await taught.deep({ seed }, { clock })
  const fitSeconds = Math.round((clock.monotonic() - began) / 100) / 10
  const three = await evaluateRanker(ranker, data, options)
  const { raw, ndcg, auc, pooledAuc } = compareMeasured(three.measured, two.measured, seed)
  return {
    generation3: { ...three.figures, training: trained.metrics },
    generation2: two.figures,
    difference: { [`recall@${at}`]: raw, [`ndcg@${at}`]: ndcg.raw, auc, pooledAuc },
    fitSeconds,
    seed,
  }
}
