/**
 * `pinwheel log`: what a cluster's log has at a position, what of it could not be read and why; and
 * sends the latter again, once a program can read it. It ends no reader and makes no stream.
 */
import { Option } from 'commander'
import { EntryReader, openFoundLog } from '../../actors/index.ts'
import { type Entry, pinwheelError, systemClock } from '../../base/index.ts'
import type { AddCommand } from './command.ts'
import { clean, printResult, printTable } from './print.ts'

type Flags = {
  nats?: string
  cluster?: string
  partition?: string
  from: string
  limit: string
  dead?: true
  again?: true
  json?: true
}
type Log = Awaited<ReturnType<typeof openFoundLog>>
type Range = {
  readonly partition: number | undefined
  readonly from: number
  readonly limit: number
}

export const addLog: AddCommand = (program, context) => {
  program
    .command('log')
    .description("Show a cluster's log from a position on, or what of it could not be read.")
    .option('--nats <URL>', 'nats://host:port; PINWHEEL_NATS_URL by default')
    .option('--cluster <NAME>', 'name of the cluster; PINWHEEL_CLUSTER by default')
    .option('--partition <P>', 'of this partition alone; all, in the order of the log, by default')
    .addOption(new Option('--from <POSITION>', 'begin there').default('0'))
    .addOption(new Option('--limit <N>', 'entries, or dead letters, at most').default('20'))
    .option('--dead', 'what could not be read, with its reason')
    .option('--again', 'send what could not be read again, where this program can read it')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nPositions are those of inspect and of replies, behind the partition: 3-40960 is position\n' +
        '40960 of partition 3.\n\nExamples:\n' +
        '  pinwheel log --nats nats://127.0.0.1:4222 --partition 3 --from 40960\n' +
        '  pinwheel log --nats nats://127.0.0.1:4222 --dead\n' +
        '  pinwheel log --nats nats://127.0.0.1:4222 --again --json',
    )
    .action(async (flags: Flags) => {
      const { nats: natsUrl, cluster } = flags
      const named = { ...(natsUrl && { natsUrl }), ...(cluster && { cluster }) }
      const config = context.config(named)
      if (config.natsUrl === undefined) {
        const problems = 'log needs --nats URL or PINWHEEL_NATS_URL: the log of a directory is '
        throw pinwheelError('CONFIG_INVALID', { problems: `${problems}written by export.` })
      }
      const range = rangeOf(flags)
      const place = { url: config.natsUrl, cluster: config.cluster, clock: systemClock }
      const log = await openFoundLog(place)
      try {
        if ((range.partition ?? 0) >= log.partitions) {
          const problems = `--partition must be below ${log.partitions}, which the stream has.`
          throw pinwheelError('CONFIG_INVALID', { problems })
        }
        if (flags.again || flags.dead) await showDead(log, range, flags)
        else await show(log, range, flags.json === true)
      } finally {
        await log.close()
      }
    })
}

/** CONFIG_INVALID. */
function rangeOf({ partition, from, limit }: Flags): Range {
  const numbers = { partition: partition ?? '0', from, limit }
  const problems = Object.entries(numbers)
    .filter(([name, text]) => !/^\d{1,15}$/.test(text) || (name === 'limit' && Number(text) === 0))
    .map(([name, text]) => `--${name} is "${text}"; expected a whole number.`)
  if (problems.length > 0) throw pinwheelError('CONFIG_INVALID', { problems: problems.join(' ') })
  const chosen = partition === undefined ? undefined : Number(partition)
  return { partition: chosen, from: Number(from), limit: Number(limit) }
}

type Placed = { readonly partition: number; readonly position: number; readonly entry: Entry }

async function show(log: Log, range: Range, json: boolean): Promise<void> {
  const { from } = range
  const begins = (await log.ends()).position
  const entries = await read(log, range)
  if (json) return printResult({ partitions: log.partitions, from, begins, entries }, true)
  if (from > 0 && from < begins) process.stdout.write(`the log begins at position ${begins}\n`)
  if (entries.length === 0) return void process.stdout.write('nothing lies there\n')
  printTable(
    ['position', 'time', 'kind', 'of', 'pin', 'id'],
    entries.map(({ partition, position, entry }) => {
      const { kind, id, time } = entry
      const { user = '-', pin = '-' } = entry as { user?: string; pin?: string }
      const when = new Date(time).toISOString()
      return [`${partition}-${position}`, when, ...[kind, user, pin, id].map(clean)]
    }),
  )
}

async function read(log: Log, { partition, from, limit }: Range): Promise<Placed[]> {
  const found: Placed[] = []
  const frames =
    partition === undefined ? log.read(from) : log.range(partition, from, Number.POSITIVE_INFINITY)
  for await (const { partition, first, payload } of frames) {
    const reader = new EntryReader(payload)
    for (let position = first; reader.next(); position++) {
      if (position < from || reader.isRedacted) continue
      found.push({ partition, position, entry: reader.toEntry() })
      if (found.length === limit) return found
    }
  }
  return found
}

/** Those that could not be read; with `again` they are sent once more first. */
async function showDead(log: Log, range: Range, { again, json }: Flags): Promise<void> {
  const { partition, from, limit } = range
  // All of them are sent again that are meant, whatever is shown at a time.
  const all = await log.deadLetters(again ? Number.MAX_SAFE_INTEGER : limit)
  const meant = all.filter((letter) => {
    return letter.position >= from && (partition ?? letter.partition) === letter.partition
  })
  const told = meant.map(({ message, grave: _grave, at, ...letter }) => {
    return { ...letter, bytes: message.length, at: new Date(at).toISOString() }
  })
  const resent = again ? await log.sendAgain(meant) : undefined
  if (json) return printResult(resent ? { resent } : { dead: told }, true)
  if (told.length === 0) return void process.stdout.write('there are no dead letters\n')
  const outcomes = resent?.map((one) =>
    'reason' in one
      ? `left: ${one.reason}`
      : `sent again: ${one.entries} entries from ${one.position}`,
  )
  printTable(
    ['position', 'message', 'bytes', 'since', again ? 'outcome' : 'reason'],
    told.map(({ partition, position, sequence, bytes, at, reason }, n) => {
      return [`${partition}-${position}`, sequence, bytes, at, clean(outcomes?.[n] ?? reason)]
    }),
  )
}
