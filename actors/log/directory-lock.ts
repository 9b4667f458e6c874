/**
 * One process per data directory: DIR/lock holds the owner's pid and, on Linux, the time that
 * process started, so that a number taken over by another process is not mistaken for the owner.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pinwheelError } from '../../base/index.ts'

/**
 * Takes the directory (made if need be); DIRECTORY_LOCKED names who has it. Returns its release.
 */
export async function lockDirectory(directory: string): Promise<() => void> {
  try {
    await mkdir(directory, { recursive: true })
  } catch (error) {
    const reason = (error as { code?: string }).code ?? 'it cannot be made'
    throw pinwheelError('DIRECTORY_INVALID', { directory, reason }, error)
  }
  const path = join(directory, 'lock')
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, mine, { flag: 'wx' })
      return () => {
        if (read(path) === mine) rmSync(path, { force: true })
      }
    } catch (error) {
      const code = (error as { code?: string }).code
      if (code !== 'EEXIST') {
        throw pinwheelError('DIRECTORY_INVALID', { directory, reason: code ?? 'unwritable' }, error)
      }
    }
    const pid = directoryOwner(directory)
    if (pid !== undefined) throw pinwheelError('DIRECTORY_LOCKED', { directory, pid })
    // Its owner is dead.
    rmSync(path, { force: true })
  }
  throw pinwheelError('DIRECTORY_LOCKED', { directory, pid: 'another starting process' })
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
