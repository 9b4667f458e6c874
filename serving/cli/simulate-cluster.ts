/**
 * `pinwheel simulate cluster`: what a service of some size takes and costs, by a model in virtual
 * time; the calibration that the model stands on; and the model held against a real server.
 */
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  check,
  clusterAssumptions,
  clusterScenarios,
  clusterSections,
  type ModelOptions,
  modelDefaults,
  predict,
  purchases,
  readCalibration,
  readCostBook,
  readMeasured,
  readPrediction,
  type Scenario,
  type ScenarioReport,
  scenarioOf,
} from '../../simulator/index.ts'
import { calibrate, type Size } from '../jobs/calibrate-cluster.ts'
import type { CommandContext } from './command.ts'
import { commit } from './commit.ts'
import { readText, writeText } from './files.ts'
import { numberFrom, wholeNumber } from './numbers.ts'
import { printResult, printTable } from './print.ts'
import { withReport } from './report-file.ts'
import { reportFile, reportHead, reportOption } from './report-option.ts'
import { printScenarios, runScenarios } from './simulate-cluster-scenarios.ts'

const builtIn = (name: string) =>
  fileURLToPath(new URL(`../../simulator/cluster/${name}`, import.meta.url))

type Sizes = Partial<
  Pick<
    Scenario,
    'recommendationsPerDay' | 'interactionsPerDay' | 'users' | 'activePerDay' | 'pins' | 'edges'
  >
>
type Flags = Sizes & {
  scenario: string
  generation?: Scenario['generation']
  budget?: number
  costBook: string
  calibration: string
  purchase: ModelOptions['purchase']
  /** False where `--no-…` was given. */
  batch: boolean
  cache: boolean
  compression: boolean
  autoscaling: boolean
  zones: number
  peak: number
  slo: number
  seed: number
  calibrate?: string
  size: Size
  predict?: string
  check?: string
  rates: number[]
  eventShare: number
  eventsPerBatch: number
  measured: string[]
  report?: string
  json?: true
}

export function addCluster(simulate: Command, { finish }: CommandContext): void {
  const command = simulate
    .command('cluster')
    .exitOverride()
    .description('Model hundreds of hosts in virtual time: hosts, latencies, dollars, what breaks.')
  addScenarioFlags(command)
  addRealityFlags(command)
  command
    .addOption(reportOption())
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel simulate cluster\n' +
        '  pinwheel simulate cluster --scenario phase3 --no-cache --purchase onDemand\n' +
        '  pinwheel simulate cluster --scenario phase2 --users 2e6 --active-per-day 5e5 --pins 1e6\n' +
        '  pinwheel simulate cluster --calibrate calibration.json\n' +
        '  pinwheel simulate cluster --predict prediction.json --rates 40,80,120\n' +
        '  pinwheel simulate cluster --check prediction.json --measured live-40.json knee.json',
    )
    .action(async (flags: Flags) => {
      if (flags.calibrate !== undefined) await calibrateInto(flags.calibrate, flags)
      else if (flags.predict !== undefined) predictInto(flags.predict, flags)
      else if (flags.check !== undefined) finish(checkAgainst(flags.check, flags) ? 0 : 1)
      else await runModel(flags)
    })
}

function addScenarioFlags(command: Command): void {
  const names = ['all', ...clusterScenarios.map(({ name }) => name)].join(', ')
  const size = (words: string, about: string) => command.option(words, about, numberFrom(0))
  command
    .option('--scenario <NAME>', `one of ${names}`, 'all')
    .addOption(
      new Option('--generation <G>', 'that answers').choices([
        'tags',
        'collaborative',
        'mixed',
        'deep',
      ]),
    )
  size('--recommendations-per-day <N>', 'feeds a day')
  size('--interactions-per-day <N>', 'events a day')
  size('--users <N>', 'users who are known')
  size('--active-per-day <N>', 'users who come on a day')
  size('--pins <N>', 'pins')
  size('--edges <N>', 'saves that walks see')
  size('--budget <DOLLARS>', 'a month')
  command
    .option('--cost-book <FILE>', 'prices', builtIn('cost-book.json'))
    .option('--calibration <FILE>', 'figures of benches', builtIn('calibration.json'))
    .addOption(
      new Option('--purchase <P>', 'of hosts that always run')
        .choices(purchases)
        .default(modelDefaults.purchase),
    )
    .option('--no-batch', 'make lists of generation 2 at the request')
    .option('--no-cache', 'keep no feeds')
    .option('--no-compression', 'keep log and states as they are')
    .option('--no-autoscaling', 'keep the hosts of the busiest minute')
    .option('--zones <N>', 'of the data centre', numberFrom(1), modelDefaults.zones)
    .option('--peak <X>', 'busiest minute over the mean', numberFrom(1), modelDefaults.peakToMean)
    .option('--slo <MS>', 'p99 that is still good', numberFrom(1), modelDefaults.sloMs)
    .option('--seed <N>', 'of arrivals and service times', wholeNumber, modelDefaults.seed)
}

function addRealityFlags(command: Command): void {
  const numbers = (text: string) => text.split(',').map(numberFrom(0.001))
  command
    .option('--calibrate <FILE>', 'run the benches (half an hour), and write their figures')
    .addOption(
      new Option('--size <S>', 'of the benches').choices(['small', 'large']).default('large'),
    )
    .option('--predict <FILE>', 'write what the demo server will do at --rates, and its knee')
    .option('--rates <LIST>', 'requests a second', numbers, [30, 60, 90])
    .option('--event-share <X>', 'of requests that are batches of events', numberFrom(0), 0)
    .option('--events-per-batch <N>', 'of those', numberFrom(1), modelDefaults.eventsPerBatch)
    .option('--check <FILE>', 'hold a prediction against what was --measured')
    .option('--measured <FILES...>', 'what `simulate live --json` printed', [])
}

async function calibrateInto(file: string, { size, json }: Flags): Promise<void> {
  const date = new Date(systemClock.now()).toISOString().slice(0, 10)
  const onBench = (name: string) => process.stderr.write(`${name}\n`)
  const found = await calibrate({ size, commit: commit(), date, onBench })
  const text = `${JSON.stringify(found)}\n`
  readCalibration(text, file)
  writeText(file, text)
  printResult({ file, date, machine: found['machine'], load: found['load'] }, json === true)
}

function predictInto(file: string, flags: Flags): void {
  const { rates, slo: sloMs, eventShare, eventsPerBatch, seed } = flags
  const cores = availableParallelism()
  const options = { rates, sloMs, eventShare, eventsPerBatch, seed, cores }
  const prediction = predict(calibrationOf(flags), options)
  writeText(file, `${JSON.stringify(prediction, undefined, 1)}\n`)
  if (flags.json) printResult(prediction, true)
  else {
    const rows = prediction.rates.map(({ rate, p50, p99, busyCores }) => {
      return [rate, p50, p99, busyCores]
    })
    printTable(['requests/s', 'p50 ms', 'p99 ms', 'busy cores'], rows)
    printResult({ kneePerSecond: prediction.kneePerSecond, sloMs, file }, false)
  }
}

/** Whether all is within the tolerance. */
function checkAgainst(file: string, { measured, json }: Flags): boolean {
  if (measured.length === 0) {
    const expected = 'what `simulate live --json` printed'
    throw pinwheelError('CLUSTER_OPTIONS', { option: '--measured', value: 'nothing', expected })
  }
  const prediction = readPrediction(readText(file), file)
  const held = check(
    prediction,
    measured.map((path) => readMeasured(readText(path), path)),
  )
  if (json) printResult({ prediction: file, held }, true)
  else {
    printTable(
      ['what', 'predicted', 'measured', 'miss', 'within 20 %'],
      held.map(({ what, predicted, measured: seen, miss, within }) => {
        return [what, predicted, seen, `${(100 * miss).toFixed(0)} %`, within ? 'yes' : 'no']
      }),
    )
  }
  return held.every(({ within }) => within)
}

async function runModel(flags: Flags): Promise<void> {
  const chosen = flags.scenario === 'all' ? clusterScenarios : [scenarioOf(flags.scenario)]
  const book = readCostBook(readText(flags.costBook), flags.costBook)
  const given = { book, calibration: calibrationOf(flags) }
  const { batch, cache, compression, autoscaling, purchase, zones, seed } = flags
  const switches = { batch, cache, compression, autoscaling, purchase, zones, seed }
  const own = { peakToMean: flags.peak, sloMs: flags.slo }
  const options: ModelOptions = { ...modelDefaults, ...switches, ...own }
  const reports: ScenarioReport[] = []
  const title = 'A cluster, by a model in virtual time'
  const head = reportHead({ title, kind: 'cluster', seed, options: { ...switches, ...own } })
  const draft = () => ({ ...head, sections: clusterSections(reports, clusterAssumptions) })
  await withReport(reportFile(flags.report), draft, async (tick) => {
    const scenarios = chosen.map((scenario) => sized(scenario, flags))
    await runScenarios(scenarios, { given, options }, (report) => {
      reports.push(report)
      return tick()
    })
  })
  printScenarios(reports, { given, options, json: flags.json === true })
}

function sized(scenario: Scenario, flags: Flags): Scenario {
  const names = [
    'recommendationsPerDay',
    'interactionsPerDay',
    'users',
    'activePerDay',
    'pins',
    'edges',
    'budget',
    'generation',
  ] as const
  const given = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]])
  return { ...scenario, ...Object.fromEntries(given) }
}

function calibrationOf({ calibration }: Flags) {
  return readCalibration(readText(calibration), calibration)
}
