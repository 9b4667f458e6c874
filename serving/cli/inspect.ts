/** `pinwheel inspect`: what the actor of a user or a pin holds, from a directory at rest. */
import { Option } from 'commander'
import { LogFollower, lastEntry } from '../../actors/index.ts'
import {
  createLogger,
  idProblem,
  isEventCode,
  kindCode,
  kindNames,
  pinwheelError,
} from '../../base/index.ts'
import { startRuntime } from '../jobs/start-runtime.ts'
import type { AddCommand, CommandContext } from './command.ts'
import { whileItRuns } from './locked.ts'
import { clean, printResult, printTable } from './print.ts'

type Flags = { data: string; json?: true; rows: string }
type Space = 'user' | 'pin'
type Row = Readonly<Record<string, unknown>>

export const addInspect: AddCommand = (program, context) => {
  const inspect = program
    .command('inspect')
    .description('Show what the actor of a user or a pin holds.')
    .addHelpText(
      'after',
      '\nExamples:\n  pinwheel inspect user 17 --data ./data\n' +
        '  pinwheel inspect pin 42 --data ./data --json',
    )
  const add = (space: Space, address: (id: string) => string) =>
    inspect
      .command(space)
      .description(`The actor of a ${space}. No server may have the directory.`)
      .argument('<id>', `id of the ${space}`)
      .requiredOption('--data <DIR>', 'data directory')
      .addOption(new Option('--rows <N>', 'rows shown of a list').default('10'))
      .option('--json', 'print one JSON document, with all rows')
      .exitOverride()
      .action((id: string, flags: Flags) =>
        whileItRuns(`ask it: GET ${address(encodeURIComponent(id))}`, () =>
          show(space, id, flags, context),
        ),
      )
  add('user', (id) => `/v1/users/${id}/state`)
  add('pin', (id) => `/v1/pins/${id}`)
}

async function show(space: Space, id: string, flags: Flags, context: CommandContext) {
  const problem = idProblem(id)
  const rows = Number(flags.rows)
  if (problem || !Number.isInteger(rows) || rows < 0) {
    const problems = problem ? `The id must be ${problem}.` : '--rows must be a number from 0 on.'
    throw pinwheelError('CONFIG_INVALID', { problems })
  }
  const found = await inspect(space, id, flags.data, context)
  if (flags.json) printResult(found, true)
  else print(found, rows)
}

/** USER_UNKNOWN, PIN_UNKNOWN, DIRECTORY_LOCKED, DIRECTORY_INVALID. */
async function inspect(space: Space, id: string, directory: string, context: CommandContext) {
  // Says so where no log is, instead of making one.
  await LogFollower.open({ directory })
  const options = { purpose: 'bulk', bulk: true } as const
  const config = context.config({ data: directory })
  const runtime = await startRuntime(config, directory, createLogger('warn'), options)
  try {
    const key = runtime.names[space].find(id)
    if (key < 0) throw pinwheelError(space === 'user' ? 'USER_UNKNOWN' : 'PIN_UNKNOWN', { id })
    const partition = runtime.partitionOf(id)
    const last = await lastEntry(runtime.log, partition, id)
    const { state, storedBytes } = await runtime.inspect(space, key)
    return { space, id, partition, storedBytes, ...(last && { last }), state }
  } finally {
    await runtime.stop()
  }
}

function print(found: Awaited<ReturnType<typeof inspect>>, rowsMax: number): void {
  const { space, id, partition, storedBytes, last, state } = found
  const [lists, single] = parted(Object.entries(state), ([, value]) => isRows(value))
  printResult(
    {
      [space]: id,
      partition,
      'bytes stored': storedBytes,
      'own entries in the log': last?.entries ?? 0,
      ...(last && {
        'the last': `${last.kind} at ${partition}-${last.position}, ${day(last.time)}`,
      }),
      ...Object.fromEntries(single.map(([name, value]) => [name, shown(name, value)])),
    },
    false,
  )
  for (const [name, value] of lists) {
    const rows = (value as readonly Row[]).slice(-rowsMax).reverse()
    const length = (value as readonly Row[]).length
    process.stdout.write(`\n${name} (${rows.length} of ${length}, newest first)\n`)
    if (rows.length === 0) continue
    const headings = Object.keys(rows[0]!)
    printTable(
      headings,
      rows.map((row) => headings.map((heading) => shown(heading, row[heading]))),
    )
  }
}

const isRows = (value: unknown) =>
  Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null
/** Fields that hold ms since the epoch. */
const times: ReadonlySet<string> = new Set(['lastActive', 'time', 'last', 'told', 'created'])
const day = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('.000Z', 'Z')

/** As a person reads it: times as days, kinds by name, no board instead of the one unnamed. */
function shown(name: string, value: unknown): string {
  if (value === null || value === '' || value === undefined) return '-'
  if (typeof value === 'string') return value.startsWith('\u0001') ? '(unnamed)' : clean(value)
  if (name === 'counts') return byKind(value as readonly number[])
  if (Array.isArray(value))
    return (
      value
        .filter((item) => item)
        .map(clean)
        .join(' ') || '-'
    )
  if (typeof value !== 'number') return JSON.stringify(value)
  if (times.has(name)) return value > 0 ? day(value) : '-'
  return name === 'kind' ? (kindNames[value] ?? 'declared') : String(value)
}

/** Counters by kind of event: those above zero. */
function byKind(counts: readonly number[]): string {
  const kinds = kindNames.filter((kind) => isEventCode(kindCode[kind]))
  const named = counts.map((count, slot) => `${kinds[slot] ?? 'declared'} ${count}`)
  return named.filter((_, slot) => counts[slot] !== 0).join(', ') || '-'
}

function parted<T>(all: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((item) => !isFirst(item))]
}
