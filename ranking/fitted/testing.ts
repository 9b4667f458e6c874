/** Small data to fit models on, and models fitted on it, for tests. */
import { Interner, Random, systemClock } from '../../base/index.ts'
import { rowsFrom } from '../algebra/index.ts'
import { type ChosenPart, fitChoice } from '../evaluation/choose.ts'
import type { Dataset } from '../evaluation/dataset.ts'
import { Gemm } from '../onnx/index.ts'
import { type FittedForServing, fittedOf, type ServedName } from './fit-for-serving.ts'

export const ITEMS = 48

/** Each user likes one of four groups of items; names sort as numbers do. */
export function grouped(users: number, seed = 2): Dataset {
  const random = new Random(seed)
  const rows = Array.from({ length: users }, (_, user) => {
    const group = Array.from({ length: ITEMS / 4 }, (_, n) => 4 * n + (user % 4))
    return random.shuffle(group).slice(0, 5 + (user % 4))
  })
  const [train, test] = [rowsFrom(rows), rowsFrom(rows.map(() => []))]
  const names = { users: new Interner(), items: new Interner() }
  for (let user = 0; user < users; user++) names.users.intern(`u${user}`)
  for (let item = 0; item < ITEMS; item++) names.items.intern(pinName(item))
  return { format: 'log', users, items: ITEMS, train, query: train, test, names }
}
export const pinName = (item: number) => `p${String(item).padStart(3, '0')}`

const sharpened = { userPower: 0.3, itemPower: 0.4, rank: 12, power: 0.15, inputPower: 0.2 }
const graph = { userPower: 0.5, itemPower: 0.5, rank: 8, share: 0.3, inputPower: 0.5 }
const factors = { epochs: 4, learningRate: 3e-3, negatives: 16 }
export const settingsOf: Readonly<Record<Exclude<ServedName, 'best'>, ChosenPart['settings']>> = {
  'low-pass': sharpened,
  'gf-cf': graph,
  ease: { lambda: 20, userPower: 0.25, itemPower: 0.1 },
  ials: { dimensions: 16, unobserved: 0.05, ridge: 0.006, sweeps: 2 },
  'softmax-factors': factors,
  rp3beta: { alpha: 0.6, beta: 0.5, neighbours: 30 },
  'item-neighbours': { inverseFrequency: 1, neighbours: 30 },
  'co-occurrence': { neighbours: 40, recency: 0.6, backward: 0.5, gapMax: 9 },
}

export const tools = () => ({ gemm: new Gemm(1), clock: systemClock, threads: 1, seed: 1 })

/** `best` is a blend of two. */
export async function fittedOn(
  data: Dataset,
  name: ServedName,
): Promise<Pick<FittedForServing, 'fitted' | 'model'>> {
  const part = (model: Exclude<ServedName, 'best'>, weight: number): ChosenPart => {
    return { model, weight, settings: settingsOf[model] }
  }
  const parts =
    name === 'best' ? [part('low-pass', 0.2), part('softmax-factors', 0.8)] : [part(name, 1)]
  const model = await fitChoice({ parts }, data, tools())
  return { fitted: fittedOf(model, data, name), model }
}
