/**
 * The rules of slates from their file: put in force before anybody is answered, and again whenever
 * the file says something else. At start bad rules end the program; later they are refused by name
 * and the former ones keep serving, as they do while the file is gone.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, type Logger, pinwheelError } from '../../base/index.ts'
import { readRules, type SlateRules } from '../../ranking/index.ts'
import { lookAgain } from './look-again.ts'

export type RuledHost = { useRules(rules: SlateRules): Promise<void> }

export type RulesPlace = {
  /** The file, where a setting names one; else `rules.json` in the data directory, if any. */
  readonly named: string | undefined
  readonly directory: string
}

export type RulesOptions = RulesPlace & {
  readonly clock: Clock
  readonly logger: Logger
  readonly signal: AbortSignal
}

export const rulesEveryMs = 2_000

/** Reads them and throws them away, before anything long is begun. RULES_INVALID. */
export async function checkRules({ named, directory }: RulesPlace): Promise<void> {
  const file = fileOf({ named, directory })
  const text = await textOf(file, named !== undefined)
  if (text !== undefined) readRules(text, file)
}

/** RULES_INVALID when the file does not fit, or one that is named cannot be read. */
export async function keepRulesFresh(host: RuledHost, options: RulesOptions): Promise<void> {
  const { named, clock, logger, signal } = options
  const file = fileOf(options)
  let inForce = await textOf(file, named !== undefined)
  if (inForce !== undefined) {
    await host.useRules(readRules(inForce, file))
    logger.info({ file }, 'rules of slates are in force')
  }
  const look = async () => {
    const text = await textOf(file, false)
    if (text === inForce || text === undefined) return
    // Refused or not, it is told once.
    inForce = text
    await host.useRules(readRules(text, file))
    logger.info({ file }, 'other rules of slates are in force')
  }
  lookAgain(look, {
    ...{ clock, signal, everyMs: rulesEveryMs },
    onFailed: (reason) => logger.error({ reason }, 'the rules of slates stay as they were'),
  })
}

function fileOf({ named, directory }: RulesPlace): string {
  return named ?? join(directory, 'rules.json')
}

/** Undefined where the file is not there and need not be. */
async function textOf(file: string, isNeeded: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // A data directory that is none is complained of by who opens it.
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !isNeeded) return undefined
    throw pinwheelError('RULES_INVALID', { file, problems: `It cannot be read: ${message}.` })
  }
}
