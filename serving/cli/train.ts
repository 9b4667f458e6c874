/**
 * `pinwheel train`: fits a model on every save of a data directory, for generation 2. It takes no
 * lock: a server may be writing, and takes the model up by itself.
 */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { interactionsFromLog, LogFollower } from '../../actors/index.ts'
import { pinwheelError, systemClock } from '../../base/index.ts'
import {
  type Choice,
  fitForServing,
  fittedFolder,
  Gemm,
  saveFitted,
  savesOf,
  servedNamed,
  servedNames,
} from '../../ranking/index.ts'
import { choiceCache } from './choice-cache.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = {
  data: string
  model: string
  choice?: string
  at: number
  seed: number
  json?: true
}

export const addTrain: AddCommand = (program, context) => {
  program
    .command('train')
    .description('Fit a model on all saves of a data directory, for generation "collaborative".')
    .requiredOption('--data <DIR>', 'data directory; a server may be using it')
    .option('--model <NAME>', `one of ${servedNames.join(', ')}`, 'best')
    .option('--choice <FILE>', 'settings that were chosen before: `options` of evaluate --json')
    .option('--at <K>', 'length of the list that settings are chosen by', wholeNumber, 20)
    .option('--seed <N>', 'seed of the fold and of fits', wholeNumber, 1)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel train --data ./data\n' +
        '  pinwheel train --data ./data --model low-pass --json\n' +
        '  pinwheel train --data ./data --model best --choice choice.json',
    )
    .action(async (flags: Flags) => {
      if (flags.at < 1) program.error('error: --at must be 1 or more', { exitCode: 2 })
      printResult(await train(flags, context), flags.json === true)
    })
}

async function train(flags: Flags, { environment }: CommandContext) {
  const { data: directory, at, seed } = flags
  const model = servedNamed(flags.model)
  const choice = flags.choice === undefined ? undefined : await readChoice(flags.choice, model)
  const reading = new Progress('read', 'entries', systemClock)
  let entries = 0
  const log = await LogFollower.open({ directory, fromStart: true })
  const { interactions } = await interactionsFromLog(log, (count) => {
    entries = count
    reading.update(count)
  })
  reading.finish(entries)
  const data = savesOf(interactions)
  const threads = availableParallelism()
  const onChoice = (name: string, settings: object, ndcg: number) => {
    const words = Object.entries(settings).map(([key, value]) => `${key} ${value}`)
    reading.say(`on the fold: ${name}, ${words.join(', ')}: NDCG ${ndcg.toFixed(4)}`)
  }
  const fit = await fitForServing(data, {
    model,
    seed,
    at,
    tools: { gemm: new Gemm(threads), clock: systemClock, threads, seed, onChoice },
    cache: choiceCache(environment('PINWHEEL_CACHE')),
    ...(choice && { choice }),
  })
  const { metrics } = fit
  const about = { metrics, entries, users: data.users, trainedAt: systemClock.now() }
  const manifest = await saveFitted(fittedFolder(directory), fit.fitted, about)
  return { ...manifest, options: fit.choice, seed }
}

/**
 * What `evaluate --json` printed: the choice of `best`, or the settings of the one model.
 * CONFIG_INVALID.
 */
export async function readChoice(path: string, model: string): Promise<Pick<Choice, 'parts'>> {
  const wrong = (problem: string) =>
    pinwheelError('CONFIG_INVALID', { problems: `--choice ${path}: ${problem}.` })
  let value: { readonly options?: unknown }
  try {
    value = Object(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
  const options = Object(value.options ?? value)
  const alone = { model, weight: 1, settings: options }
  const parts: unknown = model === 'best' ? options.parts : [alone]
  const isPart = (part: unknown) => {
    const { model, weight, settings } = Object(part)
    const isName = model !== 'best' && (servedNames as readonly unknown[]).includes(model)
    return isName && Number.isFinite(weight) && Object.values(settings ?? {}).every(Number.isFinite)
  }
  if (!Array.isArray(parts) || parts.length === 0 || !parts.every(isPart)) {
    throw wrong(
      `it has no ${model === 'best' ? 'parts of a blend' : 'settings'} that can be fitted`,
    )
  }
  return { parts } as Pick<Choice, 'parts'>
}
