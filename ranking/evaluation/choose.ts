/** Settings of a model, chosen on a fold of the training data. */
import { type Dataset, rowOf } from './dataset.ts'
import { foldOf, sampleRows } from './fold.ts'
import { userMetrics } from './metrics.ts'
import { type FitTools, type ModelName, models, type Settings } from './models.ts'
import { ranked } from './ranker.ts'

export type ChooseOptions = { readonly seed: number; readonly at: number; readonly tools: FitTools }

/** Those of the model's grid with the best NDCG on the fold. */
export async function choose(
  name: ModelName,
  data: Dataset,
  { seed, at, tools }: ChooseOptions,
): Promise<Settings> {
  const { grid, foldUsers, open } = models[name]
  if (grid.length === 1) return grid[0]!
  const fold = foldOf(data, seed)
  const users = sampleRows(data.users, foldUsers, seed).filter((user) => {
    return rowOf(fold.test, user).length > 0
  })
  const prepare = open(fold.train, fold.items, tools)
  const relevantOf = (user: number) => new Set(rowOf(fold.test, user))
  let best = { settings: grid[0]!, ndcg: -1 }
  for (const settings of grid) {
    let sum = 0
    for await (const { user, top } of ranked(
      await prepare(settings),
      fold,
      users,
      at,
      relevantOf,
    )) {
      const relevant = relevantOf(user)
      sum += userMetrics(top, relevant, relevant.size, at).ndcg
    }
    const ndcg = sum / users.length
    tools.onChoice?.(settings, ndcg)
    if (ndcg > best.ndcg) best = { settings, ndcg }
  }
  return best.settings
}
