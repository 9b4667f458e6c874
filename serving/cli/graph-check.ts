/** `pinwheel graph check`: the walk against the exact distributions, on the user's own graph. */
import { systemClock } from '../../base/index.ts'
import {
  type HoldOut,
  type Mean,
  type WalkCheck,
  walkCheck,
  walkCheckDefaults,
} from '../../ranking/index.ts'
import { topicsOf } from '../jobs/graph-topics.ts'
import { openGraph } from '../jobs/open-graph.ts'
import type { AddCommand } from './command.ts'
import { type PlaceFlags, placedCommand } from './graph-place.ts'
import { wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { Progress } from './progress.ts'

type Flags = PlaceFlags & { users: number; steps: number; top: number; seed: number }

export const addGraphCheck: AddCommand = (graph) => {
  const { users, steps, top, seed } = walkCheckDefaults
  placedCommand(graph, 'check', 'How near the walk comes to exact walks, and what its parts do.')
    .option('--users <N>', 'boards to sample', wholeNumber, users)
    .option('--steps <N>', 'of each walk', wholeNumber, steps)
    .option('--top <K>', 'length of the lists compared', wholeNumber, top)
    .option('--seed <N>', 'seed of the sample, the walks and the communities', wholeNumber, seed)
    .addHelpText(
      'after',
      '\nOne pin of each sampled board is taken out of the graph: does the walk find it again?\n' +
        '\nExamples:\n  pinwheel graph check --data ./data\n' +
        '  pinwheel graph check --dataset DIR/pinterest --format lightgcn --users 2000',
    )
    .action(async ({ json, users, steps, top, seed, ...place }: Flags) => {
      const named = await openGraph(place)
      let source = ''
      const progress = new Progress('check', 'queries', systemClock)
      let queries = 0
      const result = await walkCheck({
        edges: named.edges,
        topicsFor: (graph) => {
          const found = topicsOf(named, graph, seed)
          source = found.source
          return found.topics
        },
        clock: systemClock,
        onProgress: (done) => {
          queries = done
          progress.update(done)
        },
        ...{ users, steps, top, seed },
      })
      progress.finish(queries)
      if (json) printResult({ ...result, topics: source }, true)
      else print(result, source)
    })
}

function print(result: WalkCheck, topics: string): void {
  const { top, boards, boardsExact, steps, options } = result
  const write = (text: string) => process.stdout.write(text)
  write(
    `Boards: ${boards}, one pin of each held out; walks of ${steps.toLocaleString('en')} steps,\n` +
      `restart ${options.restart}, degree exponent ${options.degreeExponent}. Topics: ${topics}.\n` +
      'Means stand with their standard errors.\n\n' +
      `Share of a list of ${top} that is in another's best ${top}; boards: ${boardsExact}.\n\n`,
  )
  printTable(
    ['list', 'against', 'from boards', 'from single pins'],
    result.overlap.map((row) => [row.list, row.against, show(row.boards), show(row.pins)]),
  )
  write(`\nEarly stop: steps made, and share of the best ${top} of a full walk:\n\n`)
  printTable(
    ['n_p', 'n_v', 'steps: boards', 'overlap', 'steps: pins', 'overlap'],
    result.earlyStop.map(({ earlyStopPins, earlyStopVisits, boards: b, pins: p }) => [
      earlyStopPins === 0 ? 'never' : String(earlyStopPins),
      earlyStopPins === 0 ? '' : String(earlyStopVisits),
      Math.round(b.steps.mean).toLocaleString('en').padStart(13),
      show(b.overlap),
      Math.round(p.steps.mean).toLocaleString('en').padStart(11),
      show(p.overlap),
    ]),
  )
  write(`\nThe pin held out, among the best ${top}: hits, their change, place, results on topic:\n`)
  for (const kind of ['one', 'several'] as const) {
    const count = result.holdOut[0]![kind].boards
    write(`\nBoards of ${kind === 'one' ? 'one topic' : 'several topics'}: ${count}\n\n`)
    if (count === 0) continue
    printTable(
      ['walk', 'hits', 'change', 'place', 'on topic'],
      result.holdOut.map((row, i) => [row.name, ...holdOutCells(row[kind], i === 0)]),
    )
  }
  write(`\n${result.reading.map(wrapped).join('')}`)
}

/** Lines of at most 100 columns, all but the first indented. */
function wrapped(sentence: string): string {
  const lines = ['']
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1)!
    if (line.length + word.length < 98)
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
    else lines.push(word)
  }
  return `${lines.join('\n  ')}\n`
}

function holdOutCells({ hits, change, rank, onTopic }: HoldOut, isServed: boolean): string[] {
  return [
    show(hits),
    isServed ? '' : `${change.mean < 0 ? '' : '+'}${show(change)}`,
    Number.isNaN(rank) ? '-' : rank.toFixed(1),
    `${(100 * onTopic.mean).toFixed(1)} %`,
  ]
}

function show({ mean, standardError }: Mean): string {
  return Number.isNaN(mean) ? '-' : `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`
}
