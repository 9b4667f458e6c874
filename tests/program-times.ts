/** What programs take of the machine's cores, by name: for benches, on Linux. */
import { readdirSync, readFileSync } from 'node:fs'

/** CPU seconds that this machine has worked since it began. */
export function busySeconds(): number {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/)
  const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = fields.map(Number)
  return (user + nice + system + irq + soft) / 100
}

/** CPU seconds of a process and of those that it started, by name; reaped children among theirs. */
export function secondsByProgram(pid: number): Record<string, number> {
  const seconds: Record<string, number> = {}
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? statOf(name) : []))
  const family = new Set([pid])
  for (const { own, parent } of all.toSorted((a, b) => a.own - b.own)) {
    if (family.has(parent)) family.add(own)
  }
  for (const { own, name, cpu } of all) {
    if (!family.has(own)) continue
    const program = own === pid ? 'this' : /^(node|MainThread)/.test(name) ? 'hosts' : name
    seconds[program] = Math.round(((seconds[program] ?? 0) + cpu) * 100) / 100
  }
  return seconds
}

/** The same since `before`. */
export function secondsSince(before: Record<string, number>, pid: number): Record<string, number> {
  const each = Object.entries(secondsByProgram(pid)).map(([name, seconds]) => {
    return [name, Math.round((seconds - (before[name] ?? 0)) * 100) / 100] as const
  })
  return Object.fromEntries(each)
}

type Stat = Readonly<Record<'own' | 'parent' | 'cpu', number>> & { readonly name: string }

function statOf(pid: string): Stat[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const end = stat.lastIndexOf(')')
    const fields = stat.slice(end + 2).split(' ')
    const [parent, ...ticks] = [1, 11, 12].map((n) => Number(fields[n]))
    const cpu = ticks.reduce((sum, tick) => sum + tick, 0) / 100
    return [
      { own: Number(pid), parent: parent!, name: stat.slice(stat.indexOf('(') + 1, end), cpu },
    ]
  } catch {
    // It has ended.
    return []
  }
}
