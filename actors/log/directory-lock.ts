/**
 * One process per data directory: DIR/lock holds the owner's pid and, on Linux, the time that
 * process started, so that a number taken over by another process is not mistaken for the owner.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode, makeFolder, pinwheelError } from '../../base/index.ts'
import { startError } from './disk.ts'

/**
 * Takes the directory (made if need be); DIRECTORY_LOCKED names who has it. Returns its release.
 * DIRECTORY_UNWRITABLE, DIRECTORY_INVALID.
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  try {
    await makeFolder(directory)
  } catch (error) {
    throw refusal(directory, error)
  }
  const path = join(directory, 'lock')
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, mine, { flag: 'wx' })
      return () => {
        if (read(path) === mine) remove(path)
      }
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw refusal(directory, error)
    }
    const pid = directoryOwner(directory)
    if (pid !== undefined) throw pinwheelError('DIRECTORY_LOCKED', { directory, pid })
    // Its owner is dead.
    rmSync(path, { force: true })
  }
  throw pinwheelError('DIRECTORY_LOCKED', { directory, pid: 'another starting process' })
}

/** On a disk that has become read-only it stays, and is taken for a dead process's later. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    if ((error as { code?: string }).code !== 'EROFS') throw error
  }
}

function refusal(directory: string, error: unknown): unknown {
  const known = startError(directory, error)
  if (errorCode(known)) return known
  const reason = (error as { code?: string }).code ?? 'it cannot be made'
  return pinwheelError('DIRECTORY_INVALID', { directory, reason }, error)
}

/** The process that has the directory, if one has. */
export function directoryOwner(directory: string): string | undefined {
  const [pid = '0', start = ''] = (read(join(directory, 'lock')) ?? '').trim().split(' ')
  return alive(Number(pid), start) ? pid : undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function alive(pid: number, start: string): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as { code?: string }).code === 'ESRCH') return false
  }
  return start === '' || start === startOf(pid)
}

/** Field 22 of /proc/PID/stat: start time in clock ticks since boot; '' elsewhere. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
