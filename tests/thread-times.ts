/** Processor time of the threads of another process, to the microsecond: for benches, on Linux. */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds since the process began. */
export type ThreadTimes = {
  readonly main: number
  /** Threads that run JavaScript beside the main one. */
  readonly workers: number
  /** Collectors of garbage and compilers. */
  readonly helpers: number
}

/** All is 0 where there is no /proc. */
export function threadTimes(pid: number): ThreadTimes {
  const times = { main: 0, workers: 0, helpers: 0 }
  for (const thread of threadsOf(pid)) {
    const file = (name: string) => readFileSync(`/proc/${pid}/task/${thread}/${name}`, 'utf8')
    try {
      const ms = Number(file('schedstat').split(' ')[0]) / 1e6
      if (thread === String(pid)) times.main += ms
      else times[file('comm').startsWith('WorkerThread') ? 'workers' : 'helpers'] += ms
    } catch {
      // It ended between the two looks.
    }
  }
  return times
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}
