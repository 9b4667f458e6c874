/** What a process takes of the machine, beside what this one does: for benches, on Linux. */
import { readFileSync } from 'node:fs'
import type { Clock } from '../base/index.ts'

export type Taken = {
  /** Resident memory at the start, in the middle, at the end, and the most of all looks. */
  readonly megabytes: Readonly<Record<'start' | 'middle' | 'end' | 'most', number>>
  /** Cores that the process took, and this one. */
  readonly cores: number
  readonly ownCores: number
}

const LOOK_MS = 100

/** Begins to watch; the function that is returned ends it. All is 0 where there is no /proc. */
export function watchProcess(pid: number, clock: Clock): () => Taken {
  const began = clock.monotonic()
  const cpu = cpuMs(pid)
  const own = process.cpuUsage()
  const looks = [megabytes(pid)]
  const stop = clock.every(LOOK_MS, () => looks.push(megabytes(pid)))
  return () => {
    stop()
    looks.push(megabytes(pid))
    const ms = clock.monotonic() - began
    const { user, system } = process.cpuUsage(own)
    const at = (share: number) => looks[Math.round((looks.length - 1) * share)] ?? 0
    return {
      megabytes: { start: at(0), middle: at(0.5), end: at(1), most: Math.max(...looks) },
      cores: hundredths((cpuMs(pid) - cpu) / ms),
      ownCores: hundredths((user + system) / 1000 / ms),
    }
  }
}

const hundredths = (value: number) => Math.round(value * 100) / 100

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function megabytes(pid: number): number {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(read(pid, 'status'))?.[1] ?? 0)
  return Math.round(kilobytes / 1024)
}

/** Fields 14 and 15 of stat, in clock ticks of a hundredth of a second. */
function cpuMs(pid: number): number {
  const fields = read(pid, 'stat').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10
}
