/**
 * Kills and power loss in the log: a log is written by several at once on a simulated disk, and at
 * any step the process may be killed or the power fail. What is found then is opened as after any
 * start, and must hold what was acknowledged, each entry once, in its place, and nothing that was
 * never sent; and the log must take more. After a kill it goes on, and the power may fail then.
 *
 * A log that acknowledges what is written promises this of kills alone; after power loss it must
 * still open, and hold nothing twice or made up.
 */
import { EntryReader, EntryWriter, type EventLog, openFileLog } from '../../actors/index.ts'
import { type Entry, errorCode, type Random } from '../../base/index.ts'
import type { SimulatedDisk } from '../faults/index.ts'

export type LogCrashOptions = {
  readonly random: Random
  /** The disk, as it comes or with a bug planted. */
  readonly disk: SimulatedDisk
  /** What is examined of one run. */
  readonly states: number
  readonly acknowledge: 'flushed' | 'written'
}

export type LogCrashFindings = {
  readonly states: number
  readonly kills: number
  readonly acknowledged: number
  /** What is wrong, in words, each with the state it was found in. */
  readonly violations: readonly string[]
}

const DIRECTORY = '/data'
/** States that are examined of what follows a kill. */
const STATES_AFTER_KILL = 3

type Promised = {
  /** By partition: ids of entries by position, as acknowledged. */
  readonly acknowledged: readonly Map<number, string>[]
  readonly sent: Set<string>
}

/** What was promised when it happened, and what is there then. */
type Moment = Promised & { readonly what: 'kill' | 'power loss'; readonly disk: SimulatedDisk }

export async function crashLog(options: LogCrashOptions): Promise<LogCrashFindings> {
  const { random, disk } = options
  const partitions = 1 + random.below(3)
  const promised: Promised = {
    acknowledged: Array.from({ length: partitions }, () => new Map()),
    sent: new Set(),
  }
  const counts = { states: 0, kills: 0 }
  const violations: string[] = []
  for (const moment of await run(disk, promised, options, 'first')) {
    const state = counts.states++
    const found = await examine(moment, options)
    violations.push(...found.map((problem) => `state ${state}, ${moment.what}: ${problem}`))
    if (moment.what !== 'kill' || found.length > 0) continue
    counts.kills++
    const more = { ...options, states: STATES_AFTER_KILL }
    for (const later of await run(moment.disk, moment, more, `after ${state}`)) {
      counts.states++
      const problems = await examine(later, options)
      violations.push(...problems.map((p) => `state ${state}, kill, then ${later.what}: ${p}`))
    }
  }
  const acknowledged = promised.acknowledged.reduce((sum, map) => sum + map.size, 0)
  return { ...counts, acknowledged, violations }
}

/** Several write until they are done; some of the moments on the way. */
async function run(
  disk: SimulatedDisk,
  promised: Promised,
  { random, states, acknowledge }: LogCrashOptions,
  name: string,
): Promise<Moment[]> {
  const moments: Moment[] = []
  let steps = 0
  disk.onStep = () => {
    // Every step is as likely to be kept as any other (Vitter's reservoir).
    const at = steps < states ? steps : random.below(steps + 1)
    steps++
    if (at >= states) return
    const isKill = random.below(5) === 0
    moments[at] = {
      what: isKill ? 'kill' : 'power loss',
      disk: isKill ? disk.afterKill() : disk.afterPowerLoss(random),
      acknowledged: promised.acknowledged.map((map) => new Map(map)),
      sent: new Set(promised.sent),
    }
  }
  const log = await openFileLog({
    directory: DIRECTORY,
    partitions: promised.acknowledged.length,
    disk,
    acknowledge,
    segmentBytes: 300 + random.below(900),
  })
  const clients = Array.from({ length: 1 + random.below(4) }, (_, client) =>
    write(log, random.split(client), `${name} ${client}`, promised),
  )
  await Promise.all(clients)
  await log.close()
  disk.onStep = () => {}
  return moments
}

/** One of several who append: it waits for each receipt. */
async function write(log: EventLog, random: Random, client: string, told: Promised): Promise<void> {
  const appends = 3 + random.below(6)
  for (let n = 0; n < appends; n++) {
    const partition = random.below(log.partitions)
    const ids = Array.from({ length: 1 + random.below(3) }, (_, i) => `${client}-${n}-${i}`)
    const { payload, count } = pack(ids, random.below(120))
    for (const id of ids) told.sent.add(id)
    const { first } = await log.append(partition, payload, count)
    for (const [i, id] of ids.entries()) told.acknowledged[partition]!.set(first + i, id)
  }
}

function pack(ids: readonly string[], padding: number) {
  const writer = new EntryWriter()
  for (const id of ids) {
    const entry: Entry = { kind: 'save', id, time: 1, user: 'u', pin: `p${'x'.repeat(padding)}` }
    writer.append(entry)
  }
  return writer.take()
}

async function examine(moment: Moment, { acknowledge }: LogCrashOptions): Promise<string[]> {
  const { what, acknowledged, sent } = moment
  const isPromised = acknowledge === 'flushed' || what === 'kill'
  // What is looked at is written to: a kill goes on from the disk as it was.
  const disk = moment.disk.afterKill()
  const problems: string[] = []
  const partitions = acknowledged.length
  let log: EventLog
  try {
    log = await openFileLog({ directory: DIRECTORY, partitions, disk })
  } catch (error) {
    return [`the log does not open: ${errorCode(error) ?? ''} ${String(error)}`]
  }
  const found = await contents(log)
  const seen = new Set<string>()
  found.forEach((ids, partition) => {
    ids.forEach((id, position) => {
      if (!sent.has(id)) problems.push(`${id} was never sent`)
      if (seen.has(id)) problems.push(`${id} is there twice`)
      seen.add(id)
      const promised = acknowledged[partition]!.get(position)
      if (isPromised && promised !== undefined && promised !== id) {
        problems.push(`${id} stands at ${partition}-${position}, where ${promised} was promised`)
      }
    })
    for (const [position, id] of acknowledged[partition]!) {
      if (isPromised && position >= ids.length)
        problems.push(`${id} at ${partition}-${position} is lost`)
    }
  })
  // It goes on: what comes now stands behind what is there, and is found by the next start.
  const { payload, count } = pack(['afterwards'], 10)
  const { first } = await log.append(0, payload, count)
  if (first !== found[0]!.length) problems.push(`the next entry got position ${first}`)
  await log.close()
  const again = await contents(await openFileLog({ directory: DIRECTORY, partitions, disk }))
  if (again[0]!.at(-1) !== 'afterwards' || again[0]!.length !== found[0]!.length + 1) {
    problems.push('what came after the power loss is not found again')
  }
  return problems
}

/** Ids of entries by partition, in order of position. */
async function contents(log: EventLog): Promise<string[][]> {
  const ids: string[][] = Array.from({ length: log.partitions }, () => [])
  for await (const { partition, payload } of log.read()) {
    const reader = new EntryReader(payload)
    while (reader.next()) ids[partition]!.push(reader.text(reader.eventStart, reader.eventEnd))
  }
  return ids
}
