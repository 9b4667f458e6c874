/** `pinwheel graph prune`: a smaller graph, or what it would cost: quality against edges kept. */
import { errorCode, pinwheelError, systemClock } from '../../base/index.ts'
import { buildGraph, pruneDefaults, pruneGraph, saveGraph } from '../../graph/index.ts'
import {
  type CurveRow,
  curveDefaults,
  curveRankers,
  type PruningCurve,
  pruningCurve,
} from '../../ranking/index.ts'
import { topicsOf } from '../jobs/graph-topics.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { type PlaceFlags, placedCommand, unwritable } from './graph-place.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'

type Flags = PlaceFlags & {
  curve?: true
  users: number
  deltas: readonly number[]
  entropyShares: readonly number[]
  seed: number
  delta: number
  entropyShare: number
  out?: string
}

export const addGraphPrune: AddCommand = (graph) => {
  const { delta, entropyShare } = pruneDefaults
  const zero = numberFrom(0)
  placedCommand(graph, 'prune', 'Drop mixed boards and the least fitting edges of busy pins.')
    .option('--curve', 'measure quality against edges kept, on the test rows of --dataset')
    .option('--users <N>', 'users that the curve ranks for', wholeNumber, curveDefaults.users)
    .option('--deltas <LIST>', 'deltas of the curve', numbers, curveDefaults.deltas)
    .option('--entropy-shares <LIST>', 'shares of the curve', numbers, curveDefaults.entropyShares)
    .option('--delta <X>', 'a pin keeps degree^X edges', zero, delta)
    .option('--entropy-share <X>', 'share of boards to drop, most mixed first', zero, entropyShare)
    .option('--out <FILE>', 'write the pruned graph as a snapshot')
    .option('--seed <N>', 'seed of communities and of the sample of users', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  pinwheel graph prune --dataset DIR/pinterest --format lightgcn --curve\n' +
        '  pinwheel graph prune --data ./data --delta 0.9 --entropy-share 0.1 --out small.graph',
    )
    .action(async (flags: Flags) => {
      if (flags.curve) await curve(flags)
      else printResult(await prune(flags), flags.json === true)
    })
}

async function prune({ delta, entropyShare, out, seed, ...place }: Flags) {
  if (out === undefined) {
    throw pinwheelError('CONFIG_INVALID', { problems: 'prune needs --out FILE, or --curve.' })
  }
  const named = await openGraph(place)
  const whole = buildGraph(named.edges)
  const { topics, source } = topicsOf(named, whole, seed)
  const { edges, boardsRemoved, pinsLost } = pruneGraph(whole, topics, { delta, entropyShare })
  try {
    await saveGraph(buildGraph(edges), out)
  } catch (error) {
    throw errorCode(error) ? error : unwritable(out, error)
  }
  return {
    file: out,
    edges: edges.edgeCount,
    edgesKept: edges.edgeCount / Math.max(1, whole.edgeCount),
    boardsRemoved,
    pinsLost,
    topics: source,
    seed,
    options: { delta, entropyShare },
  }
}

async function curve({ dataset, format, json, ...flags }: Flags): Promise<void> {
  if (dataset === undefined) {
    throw pinwheelError('CONFIG_INVALID', { problems: 'prune --curve needs --dataset DIR.' })
  }
  const progress = new Progress('prune', 'lists', systemClock)
  const result = await pruningCurve({
    dataset,
    format: format ?? 'lightgcn',
    users: flags.users,
    seed: flags.seed,
    deltas: flags.deltas,
    entropyShares: flags.entropyShares,
    clock: systemClock,
    onProgress: (done, total) => progress.update(done, total),
  })
  progress.finish(result.rows.length * result.users * curveRankers.length)
  if (json) printResult(result, true)
  else print(result)
}

function print({ rows, reading, topics, users, at }: PruningCurve): void {
  const cell = (quality: CurveRow['exact']) =>
    `${quality.recall.mean.toFixed(4)} / ${quality.ndcg.mean.toFixed(4)} ` +
    `${signed(quality.ndcgChange.mean)} ±${quality.ndcgChange.standardError.toFixed(4)}`
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`
  process.stdout.write(
    `Recall@${at} / NDCG@${at}, and the change of NDCG from the whole graph with its standard\n` +
      `error, for ${users.toLocaleString('en')} users of the test. Topics: ${topics}.\n\n`,
  )
  printTable(
    ['boards out', 'delta', 'edges kept', 'visits', 'exact walk', 'served walk'],
    rows.map((row) => [
      percent(row.entropyShare),
      String(row.delta),
      percent(row.edgesKept),
      cell(row.visits),
      cell(row.exact),
      cell(row.walk),
    ]),
  )
  process.stdout.write(`\n${reading.replaceAll('. Pruning', '.\nPruning')}\n`)
}

function numbers(text: string): number[] {
  return text.split(',').map(numberFrom(0))
}

function signed(value: number): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(4)}`
}
