/**
 * What a list of generation 2 costs a core: made ahead with 64 users to a product, or online, where
 * the composition answers one user by model, neighbours and filters; and online again from the list
 * that was made ahead. A low-pass filter of rank 400 where large; its numbers are drawn, since time
 * does not hang on them. CPU of the process, so that others on the machine do not count.
 */
import {
  hashId,
  heapAllocator,
  Interner,
  type PinIndex,
  Random,
  systemClock,
} from '../../base/index.ts'
import { buildGraph, GraphDelta, GraphView } from '../../graph/index.ts'
import { median } from '../../tests/bench-contract.ts'
import { rowOf, rowsFrom } from '../algebra/index.ts'
import { edgesOf } from '../evaluation/index.ts'
import { FeatureTable } from '../features/feature-table.ts'
import { bestItems, encodeFitted, FittedModel, fittedMemory } from '../fitted/index.ts'
import { recommend } from '../generations/index.ts'
import type { MadeList, RankRequest, UserContext } from '../pipeline/request.ts'
import { type RankingServices, ScratchPool } from '../pipeline/services.ts'
import { CatalogueIndex } from '../sources/catalogue-index.ts'

const sizes = {
  small: { users: 128, items: 600, saves: 12, rank: 32, asked: 64, rounds: 1 },
  large: { users: 37_500, items: 9_800, saves: 21, rank: 400, asked: 1_024, rounds: 3 },
} as const
const SEED = 1
const TOGETHER = 64
const LIST = 200

type Size = (typeof sizes)[keyof typeof sizes]

function world({ users, items, saves, rank }: Size) {
  const random = new Random(SEED)
  const rows = rowsFrom(
    Array.from({ length: users }, () => {
      // Squared: some pins are saved by many.
      const row = Array.from({ length: saves }, () => Math.floor(random.unit() ** 2 * items))
      return [...new Set(row)]
    }),
  )
  const drawn = (length: number) => Float32Array.from({ length }, () => random.unit() - 0.5)
  const pins = new Interner()
  const ids = Array.from({ length: items }, (_, item) => `p${String(item).padStart(6, '0')}`)
  const features = FeatureTable.create(items)
  for (const [pin, id] of ids.entries()) {
    pins.intern(id)
    features.applyPin(pin as PinIndex, 1, { created: 1, tags: [] })
  }
  const left = drawn(items * rank)
  const arrays = { left, right: drawn(items * rank) }
  const fitted = {
    model: 'low-pass',
    pins: ids,
    users: { hashes: new Uint32Array(0), prints: new Uint32Array(0) },
    parts: [{ form: 'linear', weight: 1, numbers: { rank }, arrays } as const],
  }
  const bytes = Buffer.concat([...encodeFitted(fitted)])
  const model = new FittedModel(fittedMemory({ bytes, version: 'drawn' }, pins, heapAllocator))
  const frozen = buildGraph(edgesOf(rows, items))
  const room = { pinCapacity: items, boardCapacity: users, edgeCapacity: 1 }
  const view = new GraphView(frozen, GraphDelta.create(frozen, room), 1)
  const services: RankingServices = {
    graph: () => view,
    features,
    catalogue: () => new CatalogueIndex(),
    sequences: () => undefined,
    model: () => undefined,
    fitted: () => model,
    names: { pin: pins, tag: new Interner() },
    clock: systemClock,
    scratch: new ScratchPool(items),
    count: () => {},
  }
  return { rows, model, services }
}

function requestOf(user: number, saved: Uint32Array, list?: MadeList): RankRequest {
  const exclude = [...saved].reverse() as PinIndex[]
  const seeds = exclude.slice(0, 48).map((pin) => ({ pin, weight: 1, time: 1 }))
  const known = { known: true, hash: hashId(`u${user}`), saves: seeds.length, lastActive: 1 }
  const nothing = { topics: [], boards: [], closeups: 0, impressions: 0 }
  const context: UserContext = { ...known, ...nothing, seeds, exclude, savedCount: exclude.length }
  const rest = { exclude: [], at: 2, seed: 1, explain: false, off: [] }
  const asked = { generation: 'collaborative', deadline: Number.POSITIVE_INFINITY } as const
  return { user: context, limit: 25, ...asked, ...rest, ...(list && { list }) }
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

async function run({ size }: { readonly size: 'small' | 'large' }) {
  const chosen = sizes[size]
  const { rows, model, services } = world(chosen)
  const asked = Array.from({ length: chosen.asked }, (_, user) => user)
  const lists: MadeList[] = []
  const figures: { ahead: number[]; online: number[]; listed: number[] } = {
    ahead: [],
    online: [],
    listed: [],
  }
  const timed = async (into: number[], work: () => Promise<void>) => {
    const before = cpuMs()
    await work()
    into.push((cpuMs() - before) / asked.length)
  }
  const tops: number[][] = [[], []]
  for (let round = 0; round < chosen.rounds; round++) {
    await timed(figures.ahead, async () => {
      for (let from = 0; from < asked.length; from += TOGETHER) {
        const users = asked.slice(from, from + TOGETHER)
        const histories = users.map((user) => rowOf(rows, user))
        const hashes = users.map((user) => hashId(`u${user}`))
        const { columns, values } = await model.scoreItems(hashes, histories)
        users.forEach((user, row) => {
          const scores = values.subarray(row * columns, (row + 1) * columns)
          const out = new Set(histories[row])
          const items = [...bestItems(scores, LIST, (item) => !out.has(item))]
          lists[user] = { version: 'drawn', items, scores: items.map((item) => scores[item]!) }
        })
      }
    })
    for (const [way, into] of [figures.online, figures.listed].entries()) {
      await timed(into, async () => {
        for (const user of asked) {
          const list = way === 1 ? lists[user] : undefined
          const { pins } = await recommend(requestOf(user, rowOf(rows, user), list), services)
          tops[way]![user] = pins.reduce((sum, { pin }, rank) => sum + pin * (rank + 1), 0)
        }
      })
    }
  }
  const [ahead, online, listed] = Object.values(figures).map((all) => {
    return Math.round(1e4 * median(all)) / 1e4
  })
  return {
    ...chosen,
    seed: SEED,
    cpuMsPerUser: { ahead, online, listed },
    ratio: Math.round((100 * online!) / ahead!) / 100,
    baseline: 'online, one user at a time',
    sameAnswers: tops[0]!.filter((top, user) => top === tops[1]![user]).length,
    checksum: tops[0]!.reduce((sum, top) => (sum + top) % 1e9, 0),
  }
}

export const bench = { name: 'ranking/batch', run }
