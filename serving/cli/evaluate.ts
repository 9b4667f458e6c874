/** `pinwheel evaluate`: a model against a data set, by the published protocols or by labels. */
import { availableParallelism } from 'node:os'
import { systemClock } from '../../base/index.ts'
import {
  type ColdPins,
  type ColdStart,
  coldPins,
  coldPinsMarkdown,
  coldStart,
  coldStartDefaults,
  coldStartMarkdown,
  type Evaluation,
  evaluate,
  evaluateAgainst,
  evaluateAll,
  evaluatedNames,
  formatNames,
  markdownOf,
  openDataset,
  recboleDefaults,
  strangerModel,
  strangerNames,
} from '../../ranking/index.ts'
import { choiceCache } from './choice-cache.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { boardsMarkdown, evaluateBoards } from './evaluate-boards.ts'
import { evaluateGenerations } from './evaluate-generations.ts'
import { evaluateOffPolicy, offPolicyProblem } from './evaluate-off-policy.ts'
import { evaluateServed } from './evaluate-served.ts'
import { openSource, type SourceFlags, sourceProblem } from './evaluate-source.ts'
import { names, wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = SourceFlags & {
  model?: string
  all?: true
  without: readonly string[]
  markdown?: true
  against?: string
  coldStart?: true
  generations?: true
  served?: string
  users: number
  coldPins?: true
  boards?: true
  offPolicy?: string
  heldUsers: number
  at: number
  json?: true
}

const examples = [
  '--dataset DIR/pinterest --format lightgcn --model walk',
  '--dataset DIR/pinterest --format lightgcn --model plain-walk --against p3',
  '--dataset DIR/pinterest --format lightgcn --model best --json',
  '--dataset DIR/pinterest --format lightgcn --all --markdown',
  '--dataset DIR/beauty --format sequences --model co-occurrence --at 10 --json',
  '--dataset DIR/ml-100k --format recbole --save "rating>=4" --model rp3beta --against low-pass',
  '--data ./data --split time:0.8 --model rp3beta',
  '--dataset DIR/ml-100k --format recbole --save "rating>=4" --at 10 --generations --json',
  '--dataset DIR/pinterest --format lightgcn --served http://127.0.0.1:9000 --data ./data',
  '--dataset DIR/beauty --format sequences --cold-pins --markdown',
  '--split last-fraction:0.2 --at 10 --generations --json',
  '--boards --markdown',
  '--off-policy DIR/men.csv --json',
  '--dataset DIR/pinterest --format lightgcn --cold-start --all --without ease --markdown',
]

export const addEvaluate: AddCommand = (program, context) => {
  program
    .command('evaluate')
    .description('Measure a model on a data set: full ranking, settings chosen on a fold.')
    .option('--dataset <PATH>', 'data files, or their directory; without them the demo’s log')
    .option('--format <F>', `of the data files: one of ${formatNames.slice(0, 3).join(', ')}`)
    .option('--data <DIR>', 'data directory whose log is the data; a server may be using it')
    .option('--save <RULE>', 'which rows of recbole are saves, as "rating>=4"; all by default')
    .option('--split <S>', 'last-out, last-fraction:F, time:F, time:INSTANT or random:F')
    .option('--broken-max <N>', brokenAbout, wholeNumber)
    .option('--model <NAME>', `one of ${evaluatedNames.join(', ')}`)
    .option('--all', 'every model, one after the other')
    .option('--without <NAMES>', 'models that --all leaves out: NAME,…', names, [])
    .option('--against <NAME>', 'a second model on the same users, compared user by user')
    .option('--cold-start', 'by how many events are known of users whom no model was fitted on')
    .option('--held-users <N>', 'such users', wholeNumber, coldStartDefaults.heldUsers)
    .option('--generations', 'generation 3 against generation 2, taught by the data as they serve')
    .option('--served <URL>', 'a server, against its newest fitted model in --data')
    .option('--users <N>', 'users that --served asks for', wholeNumber, 2_000)
    .option('--cold-pins', 'what is known of pins by their tags alone, against baselines')
    .option('--boards', 'ideas for boards by what is on them, of --data or of the demo')
    .option('--off-policy <FILE>', 'of an Open Bandit log, what other policies had earned')
    .option('--at <K>', 'length of the ranked list', wholeNumber, 20)
    .option('--seed <N>', 'seed of fold, walks and bootstrap', wholeNumber, 1)
    .option('--markdown', 'print a table, as in docs/quality.md')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((e) => `  pinwheel evaluate ${e}`).join('\n')}`,
    )
    .action(async (flags: Flags) => {
      const problem = flagsProblem(flags)
      if (problem !== undefined) program.error(`error: ${problem}`, { exitCode: 2 })
      await run(flags, context)
    })
}

const brokenAbout = `damaged rows that may be left out; by default ${recboleDefaults.brokenMax} of recbole, none of --off-policy`

function modelProblem(flags: Flags): string | undefined {
  const { model, all, against, coldStart, without, at } = flags
  const { boards, coldPins, generations } = flags
  const named = Object.entries({ boards, 'cold-pins': coldPins, generations })
  const [own, other] = named.filter(([, on]) => on)
  if (own !== undefined) {
    if (other) return `--${own[0]} and --${other[0]} are two questions`
    const isMore = model !== undefined || all || against !== undefined || coldStart
    if (isMore) return `--${own[0]} names its models: give no --model, --all or --cold-start`
    return at < 1 ? '--at must be 1 or more' : undefined
  }
  if ((model !== undefined) === (all === true)) return 'give either --model NAME or --all'
  if (at < 1) return '--at must be 1 or more'
  if (without.length > 0 && !all) return '--without goes with --all'
  if (against !== undefined && (all || coldStart)) return '--against goes with --model alone'
  return undefined
}

function flagsProblem(flags: Flags): string | undefined {
  if (flags.offPolicy !== undefined) return offPolicyProblem(flags)
  if (isServed(flags)) return servedProblem(flags)
  if (!flags.boards) return sourceProblem(flags) ?? modelProblem(flags)
  if (flags.dataset !== undefined) return '--boards goes with --data: files have no boards'
  return modelProblem(flags)
}

const isServed = ({ served }: Flags) => served !== undefined

function servedProblem({ served, data, dataset, format, model, all, against, coldStart }: Flags) {
  if (data === undefined || dataset === undefined || format === undefined) {
    return '--served goes with --data, --dataset and --format'
  }
  if (!URL.canParse(served ?? '')) return '--served must be the address of a server'
  const others = [model, all, against, coldStart].some((flag) => flag !== undefined)
  return others ? '--served goes without models: the one that serves is asked' : undefined
}

async function run(flags: Flags, { environment }: CommandContext): Promise<void> {
  if (flags.offPolicy !== undefined) {
    return evaluateOffPolicy(flags.offPolicy, flags)
  }
  const { model, all, against, at, seed, json } = flags
  const progress = new Progress('evaluate', 'users', systemClock)
  const { served, data, dataset, format } = flags
  if (served && data !== undefined && dataset !== undefined && format !== undefined) {
    const result = await evaluateServed({ ...flags, served, data, dataset, format }, progress)
    progress.finish(result.users)
    return printResult(result, json === true)
  }
  if (flags.boards) {
    const asking = new Progress('evaluate', 'boards', systemClock)
    const result = await evaluateBoards(flags, asking)
    asking.finish(result.boards * result.rows.length)
    if (flags.markdown) process.stdout.write(boardsMarkdown(result, at))
    else printResult(result, json === true)
    return
  }
  const options = {
    ...(await openSource(flags, new Progress('read', 'entries', systemClock))),
    at,
    seed,
    clock: systemClock,
    threads: availableParallelism(),
    cache: choiceCache(environment('PINWHEEL_CACHE')),
    onProgress: (done: number, total: number) => progress.update(done, total),
    onChoice: (model: string, settings: object, ndcg: number) => {
      const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
      progress.say(`on the fold: ${model}, ${words.join(', ')}: NDCG ${ndcg.toFixed(4)}`)
    },
  }
  if (flags.coldStart) return coldTable(flags, options, progress)
  if (flags.coldPins) return coldPinsTable(flags, options, progress)
  if (flags.generations) {
    const result = await evaluateGenerations(await openDataset(options), flags, progress)
    return printResult(result, json === true)
  }
  const show = (results: readonly Evaluation[], document: object) => {
    if (flags.markdown) process.stdout.write(markdownOf(results, at))
    else printResult(document as Readonly<Record<string, unknown>>, json === true)
  }
  if (all || model === undefined) {
    const results: Evaluation[] = []
    const onLeftOut = (name: string, reason: string) => {
      progress.say(`${name} is left out: ${reason}`)
    }
    for await (const result of evaluateAll({ ...options, without: flags.without, onLeftOut })) {
      results.push(result)
      progress.finish(result.users)
      // Whoever stops here keeps what was measured.
      const figure = (name: string) => Number(result.raw[`${name}@${at}`]).toFixed(4)
      progress.say(`${result.model}: recall ${figure('recall')}, NDCG ${figure('ndcg')}`)
    }
    show(results, Object.fromEntries(results.map((result) => [result.model, result])))
    return
  }
  if (against === undefined) {
    const result = await evaluate({ ...options, model })
    progress.finish(result.users)
    show([result], result)
    return
  }
  const result = await evaluateAgainst({ ...options, model, against })
  progress.finish(2 * result.model.users)
  const { model: one, against: other, raw, clean, ndcg, auc, pooledAuc } = result
  const differences = { [`recall@${at}`]: { raw, clean }, [`ndcg@${at}`]: ndcg, auc, pooledAuc }
  printResult({ model: one, against: other, ...differences }, json === true)
}

type ColdOptions = Omit<Parameters<typeof coldStart>[1], 'heldUsers'>

async function coldTable(flags: Flags, options: ColdOptions, progress: Progress): Promise<void> {
  const { model, without, heldUsers, at } = flags
  const named = model === undefined ? strangerNames : [strangerModel(model)]
  const left = without.map(strangerModel)
  if (model === undefined) {
    for (const name of evaluatedNames) {
      if ((strangerNames as readonly string[]).includes(name)) continue
      progress.say(`${name} is left out: it is not asked about users that it was not fitted on`)
    }
  }
  const results: ColdStart[] = []
  const wanted = named.filter((name) => !left.includes(name))
  for await (const result of coldStart(wanted, { ...options, heldUsers })) {
    results.push(result)
    progress.finish(result.heldUsers)
  }
  if (flags.markdown) process.stdout.write(coldStartMarkdown(results, at))
  else {
    const all = Object.fromEntries(results.map((result) => [result.model, result]))
    printResult(all, flags.json === true)
  }
}

async function coldPinsTable(
  { at, markdown, json }: Flags,
  options: Parameters<typeof coldPins>[0],
  progress: Progress,
): Promise<void> {
  const results: ColdPins[] = []
  for await (const result of coldPins(options)) {
    results.push(result)
    progress.finish(result.users)
  }
  if (markdown) process.stdout.write(coldPinsMarkdown(results, at))
  else printResult(Object.fromEntries(results.map((one) => [one.model, one])), json === true)
}
