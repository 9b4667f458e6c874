/**
 * Power loss in the log: a log is written by several at once on a simulated disk, and at any step
 * the power may fail. What is found then is opened as after any start, and must hold what was
 * acknowledged, each entry once, in its place, and nothing that was never sent; and the log must
 * take more.
 */

import { EntryReader, EntryWriter, type EventLog, openFileLog } from '../../actors/index.ts'
import { type Entry, errorCode, type Random } from '../../base/index.ts'
import type { SimulatedDisk } from '../faults/index.ts'

export type PowerLossOptions = {
  readonly random: Random
  /** The disk, as it comes or with a bug planted. */
  readonly disk: SimulatedDisk
  /** What is examined of one run. */
  readonly states: number
}

export type PowerLossFindings = {
  readonly states: number
  readonly steps: number
  readonly acknowledged: number
  /** What is wrong, in words, each with the state it was found in. */
  readonly violations: readonly string[]
}

const DIRECTORY = '/data'

/** What was promised when the power failed. */
type Moment = {
  readonly disk: SimulatedDisk
  /** By partition: ids of entries in order of position, as acknowledged. */
  readonly acknowledged: readonly ReadonlyMap<number, string>[]
  readonly sent: ReadonlySet<string>
}

export async function losePower(options: PowerLossOptions): Promise<PowerLossFindings> {
  const { random, disk, states } = options
  const partitions = 1 + random.below(3)
  const acknowledged = Array.from({ length: partitions }, () => new Map<number, string>())
  const sent = new Set<string>()
  const moments: Moment[] = []
  let steps = 0
  disk.onStep = () => {
    // Every step is as likely to be kept as any other (Vitter's reservoir).
    const at = steps < states ? steps : random.below(steps + 1)
    steps++
    if (at >= states) return
    moments[at] = {
      disk: disk.afterPowerLoss(random),
      acknowledged: acknowledged.map((map) => new Map(map)),
      sent: new Set(sent),
    }
  }
  const log = await openFileLog({
    directory: DIRECTORY,
    partitions,
    disk,
    segmentBytes: 300 + random.below(900),
  })
  const clients = Array.from({ length: 1 + random.below(4) }, (_, client) =>
    write(log, random.split(client), client, { acknowledged, sent }),
  )
  await Promise.all(clients)
  await log.close()
  const violations: string[] = []
  for (const [n, moment] of moments.entries()) {
    for (const problem of await examine(moment)) violations.push(`state ${n}: ${problem}`)
  }
  const total = acknowledged.reduce((sum, map) => sum + map.size, 0)
  return { states: moments.length, steps, acknowledged: total, violations }
}

/** One of several who append: it waits for each receipt. */
async function write(
  log: EventLog,
  random: Random,
  client: number,
  told: { readonly acknowledged: readonly Map<number, string>[]; readonly sent: Set<string> },
): Promise<void> {
  const appends = 3 + random.below(6)
  for (let n = 0; n < appends; n++) {
    const partition = random.below(log.partitions)
    const ids = Array.from({ length: 1 + random.below(3) }, (_, i) => `c${client}-${n}-${i}`)
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

async function examine({ disk, acknowledged, sent }: Moment): Promise<string[]> {
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
      if (promised !== undefined && promised !== id) {
        problems.push(`${id} stands at ${partition}-${position}, where ${promised} was promised`)
      }
    })
    for (const [position, id] of acknowledged[partition]!) {
      if (position >= ids.length) problems.push(`${id} at ${partition}-${position} is lost`)
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
