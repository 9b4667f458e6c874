/** `pinwheel evaluate`: a model against a data set, by the published protocols. */
import { availableParallelism } from 'node:os'
import { systemClock } from '../../base/index.ts'
import {
  type Evaluation,
  evaluate,
  evaluateAgainst,
  evaluateAll,
  evaluatedNames,
  formatNames,
  markdownOf,
} from '../../ranking/index.ts'
import { choiceCache } from './choice-cache.ts'
import type { AddCommand } from './command.ts'
import { wholeNumber } from './numbers.ts'
import { printResult } from './print.ts'
import { Progress } from './progress.ts'

type Flags = {
  dataset: string
  format: string
  model?: string
  all?: true
  markdown?: true
  against?: string
  at: number
  seed: number
  json?: true
}

export const addEvaluate: AddCommand = (program, { environment }) => {
  program
    .command('evaluate')
    .description('Measure a model on a data set: full ranking, settings chosen on a fold.')
    .requiredOption('--dataset <PATH>', 'directory with the data files')
    .requiredOption('--format <F>', `one of ${formatNames.slice(0, 2).join(', ')}`)
    .option('--model <NAME>', `one of ${evaluatedNames.join(', ')}`)
    .option('--all', 'every model, one after the other')
    .option('--against <NAME>', 'a second model on the same users, compared user by user')
    .option('--at <K>', 'length of the ranked list', wholeNumber, 20)
    .option('--seed <N>', 'seed of fold, walks and bootstrap', wholeNumber, 1)
    .option('--markdown', 'print a table, as in docs/quality.md')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel evaluate --dataset DIR/pinterest --format lightgcn --model walk\n' +
        '  pinwheel evaluate --dataset DIR/pinterest --format lightgcn --model plain-walk --against p3\n' +
        '  pinwheel evaluate --dataset DIR/pinterest --format lightgcn --model best --json\n' +
        '  pinwheel evaluate --dataset DIR/pinterest --format lightgcn --all --markdown\n' +
        '  pinwheel evaluate --dataset DIR/beauty --format sequences --model co-occurrence --at 10 --json',
    )
    .action(async ({ json, against, all, markdown, model, ...flags }: Flags) => {
      if ((model === undefined) !== (all === true)) {
        program.error('error: give either --model NAME or --all', { exitCode: 2 })
      }
      const progress = new Progress('evaluate', 'users', systemClock)
      const options = {
        ...flags,
        clock: systemClock,
        threads: availableParallelism(),
        cache: choiceCache(environment('PINWHEEL_CACHE')),
        onProgress: (done: number, total: number) => progress.update(done, total),
        onChoice: (model: string, settings: object, ndcg: number) => {
          const words = Object.entries(settings).map(([name, value]) => `${name} ${value}`)
          progress.say(`on the fold: ${model}, ${words.join(', ')}: NDCG ${ndcg.toFixed(4)}`)
        },
      }
      const show = (results: readonly Evaluation[], document: object) => {
        if (markdown) process.stdout.write(markdownOf(results, flags.at))
        else printResult(document as Readonly<Record<string, unknown>>, json === true)
      }
      if (model === undefined) {
        const results: Evaluation[] = []
        for await (const result of evaluateAll(options)) {
          results.push(result)
          progress.finish(result.users)
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
      const { model: one, against: other, raw, clean } = result
      const recall = `recall@${flags.at}`
      printResult({ model: one, against: other, [recall]: { raw, clean } }, json === true)
    })
}
