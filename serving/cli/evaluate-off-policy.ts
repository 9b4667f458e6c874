/**
 * `pinwheel evaluate --off-policy FILE`: what showing items alike, or by their click rates, had
 * earned where a log in the Open Bandit format was made.
 */
import {
  type Estimate,
  evaluateLogged,
  type LoggedEvaluation,
  openBanditDefaults,
  readOpenBandit,
} from '../../ranking/index.ts'
import { printResult, printTable } from './print.ts'

export type OffPolicyFlags = { readonly brokenMax?: number; readonly json?: true }

/** Flags of other questions that were given; the file is all that is asked. */
export function offPolicyProblem(flags: Readonly<Record<string, unknown>>): string | undefined {
  const others = {
    dataset: '--dataset',
    format: '--format',
    data: '--data',
    save: '--save',
    split: '--split',
    model: '--model',
    all: '--all',
    against: '--against',
    coldStart: '--cold-start',
    generations: '--generations',
    served: '--served',
    coldPins: '--cold-pins',
    boards: '--boards',
    markdown: '--markdown',
  }
  const given = Object.entries(others).find(([name]) => flags[name] !== undefined)
  return given && `--off-policy goes with --broken-max and --json, not with ${given[1]}`
}

/** DATASET_MISSING, DATASET_BROKEN; EVALUATION_DATA where there are no clicks to learn from. */
export async function evaluateOffPolicy(file: string, flags: OffPolicyFlags): Promise<void> {
  const { brokenMax = openBanditDefaults.brokenMax } = flags
  const log = await readOpenBandit(file, { brokenMax })
  const result = evaluateLogged(log)
  if (flags.json) return printResult({ file, ...result }, true)
  printTable(['policy', 'estimate', 'a row', '95 % from', 'to', 'but'], rowsOf(result))
  process.stdout.write(`\n${result.reading.map((sentence) => `${sentence}\n`).join('')}`)
}

function rowsOf({ logged, targets }: LoggedEvaluation) {
  const row = (policy: string, name: string, { value, interval, biases }: Estimate) => {
    const [low, high] = interval
    return [policy, name, value, low, high, biases.join(', ')]
  }
  const estimates = Object.entries(targets).flatMap(([policy, { ips, snips, dm, dr }]) =>
    Object.entries({ ips, snips, dm, dr }).flatMap(([name, estimate]) =>
      estimate ? [row(policy, name.toUpperCase(), estimate)] : [],
    ),
  )
  return [row('as logged', 'mean', logged), ...estimates]
}
