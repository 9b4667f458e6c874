/** What a doctor sees of the log and of the states of commanded actors: every frame. */
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'
import { readBegins } from '../log/begins.ts'
import { partitionDirectory, readPartitionCount } from '../log/file-log.ts'
import { readLosses } from '../log/losses.ts'
import { type Finding, megabytes, number, type Patient } from './doctor.ts'
import { type SegmentScan, scanSegments } from './segment-scan.ts'

/** What later checks compare with; filled as it is found. */
export type LogFacts = {
  /** By partition, where the first segment may begin, and where the next entry goes. */
  begins: readonly number[]
  positions: number[]
  entries: number
  bytes: number
  /** Whether every frame was read. */
  isWhole: boolean
}

const RESTORE =
  'Restore a backup (`pinwheel restore`), or start with --accept-data-loss: it goes on without ' +
  'what is damaged.'

/** DIRECTORY_INVALID, LOG_NEWER. */
export async function checkLog(patient: Patient, facts: LogFacts): Promise<Finding[]> {
  const { directory, disk, owner } = patient
  const root = join(directory, 'log')
  const partitions = await readPartitionCount(disk, root)
  if (partitions === undefined) {
    throw pinwheelError('DIRECTORY_INVALID', { directory, reason: 'it has no log/meta.json' })
  }
  const losses = await readLosses(disk, root)
  facts.begins = await readBegins(disk, root, partitions)
  const findings: Finding[] = []
  let segments = 0
  for (let partition = 0; partition < partitions; partition++) {
    const folder = partitionDirectory(root, partition)
    const begins = facts.begins[partition]!
    const scan = await scanSegments({ disk, folder, partition, begins, losses })
    facts.positions.push(scan.next)
    facts.entries += scan.entries
    facts.bytes += scan.bytes
    segments += scan.segments
    findings.push(...faults(scan, folder, owner))
  }
  if (losses.length > 0) {
    const gone = losses.reduce((sum, { from, to }) => sum + to - from, 0)
    const says = `${number(gone)} entries are missing, as somebody accepted (log/losses.json)`
    findings.push({ check: 'log', verdict: 'warning', says })
  }
  const dropped = facts.begins.reduce((sum, first) => sum + first, 0)
  const says =
    `${number(facts.entries)} entries in ${number(segments)} segments of ${partitions} ` +
    `partitions, ${megabytes(facts.bytes)}` +
    (dropped > 0 ? `; ${number(dropped)} older ones are in base snapshots alone` : '')
  facts.isWhole = findings.every(({ verdict }) => verdict !== 'problem')
  if (facts.isWhole) findings.unshift({ check: 'log', verdict: 'ok', says })
  return findings
}

/** The log of states that commanded actors have: one partition of frames. */
export async function checkStates({ directory, disk, owner }: Patient): Promise<Finding[]> {
  const folder = join(directory, 'state')
  const scan = await scanSegments({ disk, folder, partition: 0, begins: 0, losses: [] })
  const check = 'states'
  const bad = faults(scan, folder, owner).map((finding) => ({ ...finding, check }))
  if (scan.damage) return bad.map((finding) => ({ ...finding, next: 'Restore a backup.' }))
  const says = `${number(scan.entries)} records of commanded actors, ${megabytes(scan.bytes)}`
  return [{ check, verdict: 'ok', says }, ...bad]
}

function faults(scan: SegmentScan, folder: string, owner: string | undefined): Finding[] {
  const { damage, tornBytes } = scan
  const check = 'log'
  if (damage) {
    const says = `${damage.file} is damaged at byte ${damage.offset}: ${damage.reason}`
    return [{ check, verdict: 'problem', says, next: RESTORE }]
  }
  // A server may be in the middle of writing them.
  if (tornBytes === 0 || owner !== undefined) return []
  const says =
    `${folder} ends in ${number(tornBytes)} bytes of a write that was not finished, and never ` +
    'acknowledged; the next start cuts them off'
  return [{ check, verdict: 'warning', says }]
}
