/**
 * Looks at everything in a data directory, changes nothing and takes no lock: what is well, what is
 * not, and what to do. A server may have the directory.
 */
import { accessSync, constants, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../../base/index.ts'
import { directoryOwner } from '../log/directory-lock.ts'
import { type Disk, realDisk } from '../log/index.ts'
import { checkErasures, checkModels, checkUnapplied } from './doctor-beside.ts'
import { checkLog, checkStates, type LogFacts } from './doctor-log.ts'
import { checkSnapshots } from './doctor-snapshots.ts'
import { mustNotBeSwapping, setAside } from './swap.ts'

export type Finding = {
  readonly check: string
  readonly verdict: 'ok' | 'warning' | 'problem'
  readonly says: string
  /** What to do; absent where there is nothing to do. */
  readonly next?: string
}

/** The directory as checks see it. */
export type Patient = {
  readonly directory: string
  readonly disk: Disk
  /** The process that has it. */
  readonly owner: string | undefined
}

export type Examination = {
  /** False where something is wrong that a start or an operator must deal with. */
  readonly isWell: boolean
  readonly entries: number
  readonly bytes: number
  readonly findings: readonly Finding[]
}

export type DoctorOptions = {
  readonly directory: string
  readonly disk?: Disk
  readonly freeBytes?: (directory: string) => Promise<number>
}

/** Below, appends are about to fail. */
const FREE_BYTES_MIN = 256e6

export async function examine(options: DoctorOptions): Promise<Examination> {
  const { directory, disk = realDisk, freeBytes = freeOf } = options
  const patient = { directory, disk, owner: directoryOwner(directory) }
  const findings: Finding[] = []
  const run = async (check: string, work: () => Promise<Finding[]> | Finding[]) => {
    try {
      findings.push(...(await work()))
    } catch (error) {
      findings.push(refusal(check, error))
    }
  }
  const log: LogFacts = { begins: [], positions: [], entries: 0, bytes: 0, isWhole: false }
  await run('directory', () => checkRights(patient))
  if (findings.every(({ verdict }) => verdict === 'ok')) {
    await run('lock', () => checkLock(patient))
    await run('restore', () => checkSwap(patient))
    await run('log', () => checkLog(patient, log))
    await run('disk', async () => checkRoom(await freeBytes(directory), log.bytes))
    await run('snapshots', () => checkSnapshots(patient, log))
    await run('states', () => checkStates(patient))
    await run('erasures', () => checkErasures(patient))
    await run('dead letters', () => checkUnapplied(patient))
    await run('models', () => checkModels(patient))
  }
  const isWell = findings.every(({ verdict }) => verdict !== 'problem')
  return { isWell, entries: log.entries, bytes: log.bytes, findings }
}

export function megabytes(bytes: number): string {
  const mb = bytes / 1e6
  return `${mb.toLocaleString('en', { maximumFractionDigits: mb < 10 ? 1 : 0 })} MB`
}

export const number = (n: number): string => n.toLocaleString('en')

function refusal(check: string, error: unknown): Finding {
  const says = error instanceof Error ? error.message : String(error)
  const next = nextSteps[errorCode(error) ?? ''] ?? 'See to the rights and the disk, and try again.'
  return { check, verdict: 'problem', says, next }
}

const nextSteps: Readonly<Record<string, string>> = {
  DIRECTORY_INVALID: 'Restore a backup: what this file says can be had from nowhere else.',
  LOG_NEWER: 'Upgrade this program; it changes nothing that it does not know.',
}

function checkRights({ directory }: Patient): Finding[] {
  const check = 'directory'
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return [{ check, verdict: 'ok', says: `${directory} can be read and written` }]
  } catch (error) {
    const { code } = error as { code?: string }
    const isMissing = code === 'ENOENT'
    const says = isMissing ? `${directory} does not exist` : `${directory}: ${code}`
    const next = isMissing ? 'Check --data.' : 'Give this user the right to read and write it.'
    return [{ check, verdict: 'problem', says, next }]
  }
}

function checkLock({ directory, owner }: Patient): Finding[] {
  const check = 'lock'
  if (owner) return [{ check, verdict: 'ok', says: `process ${owner} has it` }]
  let left: string | undefined
  try {
    left = readFileSync(join(directory, 'lock'), 'utf8').split(' ')[0]
  } catch {
    return [{ check, verdict: 'ok', says: 'nobody has it' }]
  }
  const says = `left by process ${left}, which ended; the next start takes it over`
  return [{ check, verdict: 'ok', says }]
}

/** Former contents are told of: they take room, and nobody erases users in them. */
async function checkSwap({ disk, directory, owner }: Patient): Promise<Finding[]> {
  const check = 'restore'
  await mustNotBeSwapping(disk, directory)
  if (owner === undefined && (await disk.list(directory)).includes('restoring')) {
    const says = 'restoring: the copy of a restore that was interrupted; nothing else was changed'
    return [{ check, verdict: 'warning', says, next: 'Restore again, or remove it.' }]
  }
  const old = await setAside(disk, directory)
  if (old.length === 0) return [{ check, verdict: 'ok', says: 'none was interrupted' }]
  const says = `${old.join(', ')}: what the directory held before a restore`
  const next = 'Remove it when the restored data is what you want; `erase` does not reach into it.'
  return [{ check, verdict: 'warning', says, next }]
}

function checkRoom(free: number, logBytes: number): Finding[] {
  const check = 'disk'
  const says = `${megabytes(free)} are free beside a log of ${megabytes(logBytes)}`
  if (free < FREE_BYTES_MIN) {
    const next = 'Free space now: appends are refused when it is full (LOG_WRITE_FAILED).'
    return [{ check, verdict: 'problem', says, next }]
  }
  if (free < logBytes / 10) {
    const next = 'Free space, or let the log be shortened: PINWHEEL_SNAPSHOT_MB, PINWHEEL_LOG_MB.'
    return [{ check, verdict: 'warning', says, next }]
  }
  return [{ check, verdict: 'ok', says }]
}

async function freeOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
