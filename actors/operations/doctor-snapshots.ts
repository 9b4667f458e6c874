/** What a doctor sees of the base snapshots: every section, and whether a start may use them. */
import { errorCode } from '../../base/index.ts'
import { listIfThere } from '../log/index.ts'
import { bytesOf, type ListedSnapshot, listSnapshots } from '../snapshots/snapshots.ts'
import { type Finding, megabytes, number, type Patient } from './doctor.ts'
import type { LogFacts } from './doctor-log.ts'
import { readSnapshot } from './snapshot-copy.ts'

const check = 'snapshots'

/** LOG_NEWER. */
export async function checkSnapshots(patient: Patient, log: LogFacts): Promise<Finding[]> {
  const findings: Finding[] = []
  let usable = 0
  for (const listed of await listSnapshots(patient.disk, patient.directory)) {
    const found = await look(patient, listed, log)
    if (!found) continue
    findings.push(found)
    if (found.verdict === 'ok') usable++
  }
  const partition = log.begins.findIndex((first) => first > 0)
  if (partition >= 0 && usable === 0) {
    const first = log.begins[partition]!
    const says =
      `the log begins at entry ${first} of partition ${partition}, and no whole base snapshot has ` +
      'what came before'
    const next = 'Restore a backup: what is missing is nowhere else.'
    findings.push({ check, verdict: 'problem', says, next })
  }
  if (findings.length > 0) return findings
  const says = 'there is none; a start reads the whole log'
  return [{ check, verdict: 'ok', says }]
}

/** Undefined for one that is gone by now. */
async function look(
  { disk, owner }: Patient,
  { folder, name, manifest }: ListedSnapshot,
  log: LogFacts,
): Promise<Finding | undefined> {
  const without = 'A start does without it and takes it away.'
  if (!manifest) {
    if (owner !== undefined) return undefined
    const says = `${name} was not finished, or its manifest is damaged`
    return { check, verdict: 'warning', says, next: without }
  }
  try {
    await readSnapshot(disk, folder, manifest)
  } catch (error) {
    if (errorCode(error) !== 'BASE_DAMAGED') throw error
    // A server that made a newer one takes the oldest away.
    if (owner !== undefined && (await isGone(disk, folder))) return undefined
    const says = `${name}: ${(error as Error).message}`
    return { check, verdict: 'warning', says, next: without }
  }
  const ahead = manifest.positions.findIndex((position, p) => position > (log.positions[p] ?? 0))
  if (ahead >= 0 && log.isWhole && owner === undefined) {
    const says =
      `${name} has entries up to ${manifest.positions[ahead]} of partition ${ahead}, where the ` +
      `log ends at ${log.positions[ahead] ?? 0}`
    const next = 'The log lost entries: restore a backup, or start without them and this snapshot.'
    return { check, verdict: 'problem', says, next }
  }
  const behind = manifest.positions.findIndex((position, p) => position < (log.begins[p] ?? 0))
  if (behind >= 0) {
    const says = `${name} ends before the log of partition ${behind} begins`
    return { check, verdict: 'warning', says, next: 'A start cannot use it.' }
  }
  const madeAt = new Date(manifest.madeAt).toISOString()
  const size = megabytes(bytesOf(manifest))
  const says = `${name} is whole: ${number(manifest.entries)} entries, ${size}, made ${madeAt}`
  return { check, verdict: 'ok', says }
}

async function isGone(disk: Patient['disk'], folder: string): Promise<boolean> {
  return (await listIfThere(disk, folder)).length === 0
}
