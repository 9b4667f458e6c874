/**
 * `pinwheel simulate world`: grows a world and holds it against what is known of real boards and
 * visits.
 */
import type { Command } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type BoardStatistics,
  boardStatistics,
  boardsOfSaves,
  type CircleWorld,
  circleWorldDefaults,
  EventStream,
  judgeBoards,
  judgeVisits,
  lawsHash,
  planCircles,
  type Section,
  type SeedGraph,
  StreamSample,
  savesOfPins,
  sumFacts,
  type Verdict,
  worldSection,
} from '../../simulator/index.ts'
import { openWorld } from '../jobs/worlds.ts'
import type { CommandContext } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { type Tick, withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { printVerdicts } from './world-tables.ts'

type Flags = {
  readonly users: number
  readonly seed: number
  readonly sample: number
  readonly fresh?: true
  readonly report?: string
  readonly json?: true
}

/** Every person of them has a number of 32 bits, and every pin. */
const USERS_MAX = 500_000_000
const THREADS = 2
/** The share of a circle's saves that a sample must have to be held to what boards are. */
const WHOLE = 0.9

export function addWorld(simulate: Command, { environment, finish }: CommandContext): void {
  simulate
    .command('world')
    .exitOverride()
    .description('Grow a world, and hold it against what is known of real boards and visits.')
    .option('--users <N>', 'people, at least', wholeNumber, circleWorldDefaults.users)
    .option('--seed <N>', 'seed of the world', wholeNumber, circleWorldDefaults.seed)
    .option('--sample <N>', 'events of its stream that are measured, too', wholeNumber, 0)
    .option('--fresh', 'grow it, though it was grown before')
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate world --sample 10000000\n' +
        '  pinwheel simulate world --users 1000000 --fresh --json',
    )
    .action(async (flags: Flags) => {
      if (!(await reported(flags, environment('PINWHEEL_CACHE')))) finish(1)
    })
}

function reported(flags: Flags, cache: string | undefined): Promise<boolean> {
  const { users, seed, sample } = flags
  const title = `A world of ${users.toLocaleString('en')} people`
  const head = reportHead({ title, kind: 'world', seed, options: { users, sample } })
  const sections: Section[] = []
  const draft = () => ({ ...head, sections })
  return withReport(reportFile(flags.report), draft, (tick) =>
    run(flags, { cache, sections, tick }),
  )
}

type Telling = {
  readonly cache: string | undefined
  /** Of the report, which grows. */
  readonly sections: Section[]
  readonly tick: Tick
}

async function run(flags: Flags, { cache, sections, tick }: Telling): Promise<boolean> {
  const { users, seed, sample, json } = flags
  if (users < 1 || users > USERS_MAX) {
    const expected = `a whole number from 1 to ${USERS_MAX}`
    throw pinwheelError('CONFIG_INVALID', { problems: `--users is ${users}; expected ${expected}` })
  }
  const started = systemClock.monotonic()
  const plan = planCircles({ seed, users })
  const isFresh = flags.fresh === true
  const world = await openWorld(plan, { threads: THREADS, cache, isFresh })
  const buildSeconds = (systemClock.monotonic() - started) / 1000
  const grown = world.graphs.map((graph) => statisticsOf(graph, graph, seed))
  const verdicts = grown.map(judgeBoards)
  for (const [pattern, rows] of verdicts.entries()) {
    sections.push(worldSection(`Boards of pattern ${pattern}`, rows))
  }
  await tick()
  const measured = sample > 0 ? measureStream(world, sample) : undefined
  const all = [...verdicts.flat(), ...(measured?.verdicts ?? [])]
  const failed = all.filter(({ verdict }) => verdict === 'fail').length
  const told = {
    seed,
    users: world.users * world.circles,
    circles: world.circles,
    patterns: world.patterns,
    pins: world.pins * world.circles,
    boards: world.boards * world.circles,
    buildSeconds,
    isFresh,
    laws: lawsHash(world.laws),
    failed,
  }
  if (measured) {
    sections.push(worldSection(`${sample.toLocaleString('en')} events`, measured.verdicts))
  }
  const { isFresh: _isFresh, ...sums } = told
  sections.push(sumFacts('The world', sums))
  if (json) printResult({ ...told, grown, verdicts, ...(measured && { measured }) }, true)
  else {
    for (const [pattern, rows] of verdicts.entries()) printVerdicts(`pattern ${pattern}`, rows)
    if (measured) printVerdicts(`${sample.toLocaleString('en')} events`, measured.verdicts)
    printResult(told, false)
  }
  return failed === 0
}

function statisticsOf(
  { pins, boards, pinTopic }: SeedGraph,
  saves: { readonly savePin: Uint32Array; readonly saveBoard: Uint32Array },
  seed: number,
): BoardStatistics {
  return boardStatistics({
    boards: boardsOfSaves({ pin: saves.savePin, board: saves.saveBoard }, { pins, boards }),
    saves: savesOfPins({ savePin: saves.savePin, pins }),
    topic: pinTopic,
    seed,
  })
}

/** Boards as events alone tell of them, and visits. */
function measureStream(world: CircleWorld, events: number) {
  const sample = new StreamSample(new EventStream(world), events)
  const visits = sample.statistics()
  const [graph] = world.graphs
  const boards = statisticsOf(graph!, sample, world.seed)
  // A part of what grew is another, younger world.
  const isWhole = sample.savePin.length >= WHOLE * graph!.savePin.length
  const ofBoards = judgeBoards(boards).map(
    (row): Verdict => (isWhole ? row : { ...row, verdict: 'too small' }),
  )
  return { visits, boards, verdicts: [...judgeVisits(visits), ...ofBoards] }
}
