/**
 * The entry of every command: parses words, reads the configuration once, runs the command, turns
 * errors into one line and an exit code (0 done, 1 failed, 2 wrong usage). The only reader of
 * process.env.
 */
import { Command, CommanderError } from 'commander'
import {
  errorCode,
  type errorTable,
  pinwheelError,
  readConfig,
  systemClock,
  toWire,
} from '../base/index.ts'
import { type CommandContext, commands } from './cli/index.ts'

/** In which a command that failed ends by itself. */
const END_MS = 1_000

/** Runs one command line; resolves to the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const program = new Command('pinwheel')
    .description('A self-hosted recommender for collections: pins saved to boards.')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .showHelpAfterError('(pinwheel COMMAND --help shows examples)')
  let done = 0
  const context: CommandContext = {
    config: (flags) => readConfig(process.env, {}, flags),
    environment: (name) => process.env[name],
    variables: () => process.env,
    finish: (code) => {
      done = code
    },
  }
  for (const add of commands) add(program, context)
  for (const command of program.commands) command.exitOverride()
  try {
    await program.parseAsync([...words], { from: 'user' })
    return done
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const code = fail(error)
    // What failed may have left a connection open: that of NATS does, where a server takes one and
    // says nothing. Nobody would start the program again then.
    systemClock.every(END_MS, () => process.exit(code))
    return code
  }
}

/** One line on standard error; a stack only for what nobody foresaw. */
function fail(error: unknown): number {
  const code = errorCode(error)
  if (code) {
    const { message } = toWire(error)
    console.error(`pinwheel: ${message} [${code}]`)
    return usageCodes.has(code) ? 2 : 1
  }
  const known = pinwheelError('INTERNAL', { ref: 'below' })
  console.error(`pinwheel: ${known.message} [${known.code}]`)
  console.error(error)
  return 1
}

const usageCodes = new Set<keyof typeof errorTable>([
  'CONFIG_INVALID',
  'FORMAT_UNKNOWN',
  'MODEL_UNKNOWN',
  'GRAPH_OPTIONS',
  'REPLAY_INVALID',
  'ADDRESS_NEEDS_KEY',
  'LIVE_OPTIONS',
  'TARGET_REMOTE',
  'SCENARIO_UNKNOWN',
  'CLUSTER_OPTIONS',
])
